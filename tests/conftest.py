"""Settings for every test."""

import os

import tests.shape_checker  # noqa: F401  (jaxtyping takes it from the package)

# Several threads on a busy machine wait for each other far longer than they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")
