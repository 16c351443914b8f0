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
