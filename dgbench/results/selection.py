"""The rules by which a trial may be chosen; alone, so that a command line need not load records."""

from typing import Literal

Selection = Literal["fixed", "id-val", "constrained-id", "leave-one-pattern-out", "oracle"]
