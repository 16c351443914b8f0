"""The scores that can rank entries: their names in tables and their units."""

from collections.abc import Mapping
from typing import Literal

ScoreName = Literal["hps", "worst_environment", "hidden_accuracy"]
Unit = Literal["", "%"]

TITLES: Mapping[ScoreName, str] = {
    "hps": "HPS",
    "worst_environment": "Worst environment",
    "hidden_accuracy": "Hidden accuracy",
}
"""The name of each score in tables."""
UNITS: Mapping[ScoreName, Unit] = {"hps": "", "worst_environment": "%", "hidden_accuracy": "%"}
"""The unit in which people read each score. It is stored as a share of 1."""


class NamedScore:
    """The title, unit and factor of a score, which follow from its name."""

    name: ScoreName

    @property
    def title(self) -> str:
        """The name of the score in tables."""
        return TITLES[self.name]

    @property
    def unit(self) -> Unit:
        """The unit in which people read it. It is stored as a share of 1."""
        return UNITS[self.name]

    @property
    def factor(self) -> int:
        """The number that turns the stored value into one with the unit."""
        return 100 if self.unit == "%" else 1
