"""The score that ranks, as one row of a table has it."""

from dataclasses import dataclass

from dgbench.metrics.score_names import NamedScore, ScoreName


@dataclass(frozen=True, kw_only=True)
class Headline(NamedScore):
    """The score that ranks a row, with its 95 % interval."""

    name: ScoreName
    estimate: float | None
    """The mean over seeds, or null if a seed lacks the score."""
    low: float | None = None
    high: float | None = None
    """The ends of the interval, or null with fewer than two seeds."""
