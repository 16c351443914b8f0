"""Trials: hyper-parameters that are drawn, the same ones in every repetition of a sweep."""

import hashlib
import json
from typing import Any

from lightning.pytorch import LightningModule

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.api import Method

_DIGITS = 4
"""Significant digits of a drawn number. So few are the same on every machine, though exponential
functions differ in the last bits."""
_ATTEMPTS = 100


def n_trials(cls: type[LightningModule], requested: int) -> int:
    """The number of trials of a method, which is 1 for a method without search ranges."""
    return requested if issubclass(cls, Method) and cls.Config.ranges() else 1


def settings_of(
    cls: type[LightningModule], name: str, *, sweep_seed: int, trial: int
) -> dict[str, str]:
    """The hyper-parameters of one trial, as typed on a command line, of which trial 0 has none.

    Each field is drawn under a key of its own, so that another field, trial or method changes no
    draw. If a method refuses values that do not go together, all its fields are drawn again.
    """
    if trial == 0 or not issubclass(cls, Method):
        return {}
    problem: UsageError | None = None
    for attempt in range(_ATTEMPTS):
        drawn = {
            field: search_range.at(_quantile(sweep_seed, name, trial, field, attempt))
            for field, search_range in cls.Config.ranges().items()
        }
        texts = {field: _text(value) for field, value in drawn.items()}
        try:
            cls.Config.of_texts(texts)
        except UsageError as error:
            problem = error
        else:
            return texts
    raise DGBenchError(
        f"{name!r}: its own checks refuse {_ATTEMPTS} draws from its search ranges. The last one: "
        f"{problem}"
    )


def _quantile(*key: object) -> float:
    """Uniform in [0, 1), from 53 bits of a hash."""
    digest = hashlib.sha256("|".join(map(str, ("trial", *key))).encode()).digest()
    return float((int.from_bytes(digest[:8], "little") >> 11) / (1 << 53))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        value = float(f"{value:.{_DIGITS}g}")
    return json.dumps(value)
