"""The score that ranks, as one row of a table has it."""

from dataclasses import dataclass

from dgbench.metrics.score_names import TITLES, UNITS, ScoreName, Unit


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The score that ranks a row, with its 95 % interval."""

    name: ScoreName
    estimate: float | None
    """The mean over seeds, or null if a seed lacks the score."""
    low: float | None = None
    high: float | None = None
    """The ends of the interval, or null with fewer than two seeds."""

    @property
    def title(self) -> str:
        """The name of the score in tables."""
        return TITLES[self.name]

    @property
    def unit(self) -> Unit:
        """The unit in which people read it. The numbers here are shares of 1."""
        return UNITS[self.name]

    @property
    def factor(self) -> int:
        """The number that turns the shares into values with the unit."""
        return 100 if self.unit == "%" else 1
