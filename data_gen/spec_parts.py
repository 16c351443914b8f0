"""The parts of a spec: its patterns, canvas, environments and budget."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator

from data_gen.domain import RENDERINGS
from data_gen.foundation.documents import Frozen
from data_gen.pattern import Rendering
from data_gen.registry import PatternSpec

SnakeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]

CLASS = "class"
"""The parent of a pattern that depends on the class directly."""


class PatternEntry(PatternSpec):
    """One pattern of a benchmark: how it correlates, and what shows it."""

    name: SnakeName
    """Column name in the data and part of the names of domains."""
    rho: Annotated[float, Field(ge=0, le=1)]
    """Predictivity: P(the pattern shows its parent's value) in training, at least 1/K."""
    parent: str = CLASS
    """`class`, or the pattern whose value this one follows."""
    block: Annotated[int, Field(ge=0)] = 0
    """The block of the canvas that shows it, counted by rows."""
    renderings: tuple[Rendering, ...] = RENDERINGS
    """The ways in which it may be missing in this benchmark."""

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name in ("image", "label", "source_index", "environment", CLASS):
            raise ValueError(
                f"the name {name!r} is taken by a column of the data set; choose another"
            )
        return name


class Grid(Frozen):
    """The canvas: equal square blocks in rows and columns."""

    rows: Annotated[int, Field(ge=1, le=8)] = 1
    columns: Annotated[int, Field(ge=1, le=8)] = 1
    block: Annotated[int, Field(ge=8, le=256)] = 28
    """Side of a block, in pixels."""
    shuffled: bool = False
    """Whether the blocks change places from image to image."""

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return self.rows * self.columns


class Environment(Frozen):
    """One training or test environment: how its patterns differ from the spec's entries."""

    name: SnakeName
    held_out: bool = False
    """Whether it is kept out of training."""
    rho: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    """Predictivity of some patterns here. Below 1/K the correlation is reversed."""
    look: dict[str, dict[str, Any]] = {}
    """Fields of some patterns' looks that differ here."""

    def applied_to(self, entries: Mapping[str, PatternEntry]) -> dict[str, PatternEntry]:
        """Return the patterns as they are in this environment."""
        changed = {}
        for name, entry in entries.items():
            look = {**entry.look.model_dump(), **self.look.get(name, {})}
            changes = {
                "rho": self.rho.get(name, entry.rho),
                "look": type(entry.look).model_validate(look),
            }
            changed[name] = entry.model_copy(update=changes)
        return changed


class Budget(Frozen):
    """The length of a training."""

    steps: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]
