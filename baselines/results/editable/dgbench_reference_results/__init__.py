"""Stands for the folder `reference` of a clone, which a wheel holds under this package's name."""

from pathlib import Path

__path__ = [str(Path(__file__).parents[2] / "reference")]
