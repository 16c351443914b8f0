"""The rules by which a trial may be chosen, apart from records, so that help starts fast."""

from typing import Literal

Selection = Literal["fixed", "id-val", "constrained-id", "leave-one-pattern-out", "oracle"]
