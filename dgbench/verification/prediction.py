"""The interval in which the mean of fresh runs lies, if a claim is true.

**Model.** A run's score is mu + G + E: G is drawn with the generator seed (which images there are),
E with the training seed. The claim is the mean of S runs that share one G, the re-run the mean of R
runs, each with a G and an E of its own:

    Var(claim - re-run) = var_G + var_E / S + (var_G + var_E) / R

The claim cannot tell var_G, having one draw of it. But var_G + var_E / S <= var_G + var_E = var_T,
the variance of one fresh run, so that

    Var(claim - re-run) <= var_T (1 + 1/R)

whatever the two parts are: the claim's mean is taken for one more run, which is the classical
prediction interval of one observation, claim +- t * sqrt(var_T (1 + 1/R)), with var_T estimated in
two ways, of which the narrower interval counts:

1. *from the re-run alone*: var_T = s_R^2, t of R - 1 degrees of freedom. It always holds, and
   nothing in it is the submitter's: a claim whose seeds are scattered widely buys no room.
2. *from both*: var_T = the larger of s_R^2 and the mean, weighted by R - 1 and S - 1, of s_R^2 and
   s_S^2 + s_img^2 / N, t of R + S - 2 degrees of freedom. s_S is the spread over the claim's seeds;
   s_img^2 / N, from the spread of its per-image scores, is what drawing the test images anew adds.
   It is far narrower for few runs; that the claim's mean is taken for a single run leaves room for
   what drawing the training images anew adds, which the claim cannot show.

`speed/prediction_coverage.py` prints the coverage and the power of this rule by simulation.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from data_gen.foundation.errors import UsageError

LEVEL = 0.95
LEAST_RUNS = 3
"""Fewer fresh runs, or fewer seeds in a claim, say too little about their spread."""
Basis = Literal["re-run", "both"]
_ROUNDING = 1e-9
"""Equal scores are equal, however they were added up."""


class Prediction(NamedTuple):
    """The interval in which the mean of the fresh runs should be, and that mean."""

    claimed: float
    reproduced: float
    low: float
    high: float
    level: float
    basis: Basis
    """Which estimate of the spread gave the interval."""

    @property
    def holds(self) -> bool:
        """Whether the re-run lies in the interval."""
        return self.low - _ROUNDING <= self.reproduced <= self.high + _ROUNDING


def prediction_interval(
    claimed: Sequence[float],
    reproduced: Sequence[float],
    *,
    image_variance: float,
    level: float = LEVEL,
) -> Prediction:
    """The interval for the scores of a claim's seeds and of fresh runs.

    `image_variance` is s_img^2 / N: the variance of the claim's mean over its test images.
    """
    if min(len(claimed), len(reproduced)) < LEAST_RUNS:
        raise UsageError(
            f"A claim of {len(claimed)} seed(s) cannot be compared with {len(reproduced)} fresh "
            f"run(s). Give at least {LEAST_RUNS} of each."
        )
    half, basis = min(_half_widths(claimed, reproduced, image_variance, level))
    centre = float(np.mean(claimed))
    return Prediction(
        claimed=centre,
        reproduced=float(np.mean(reproduced)),
        low=centre - half,
        high=centre + half,
        level=level,
        basis=basis,
    )


def _half_widths(
    claimed: Sequence[float], reproduced: Sequence[float], image_variance: float, level: float
) -> list[tuple[float, Basis]]:
    from scipy.stats import t

    runs, seeds = len(reproduced) - 1, len(claimed) - 1
    own = float(np.var(reproduced, ddof=1))
    theirs = float(np.var(claimed, ddof=1)) + image_variance
    pooled = max(own, (runs * own + seeds * theirs) / (runs + seeds))
    scale = 1 + 1 / len(reproduced)
    quantile = (1 + level) / 2
    return [
        (float(t.ppf(quantile, runs) * np.sqrt(own * scale)), "re-run"),
        (float(t.ppf(quantile, runs + seeds) * np.sqrt(pooled * scale)), "both"),
    ]
