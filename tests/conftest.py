"""Settings for every test."""

import os

# Several threads on a busy machine wait for each other far longer than they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")
