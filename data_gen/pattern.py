"""The base class of patterns: values, their looks, and the looks of a missing pattern."""

from abc import ABC, abstractmethod
from typing import Annotated, ClassVar, Literal

import numpy as np
from jaxtyping import Float, Int
from pydantic import Field

from data_gen.foundation.documents import Frozen
from data_gen.scene import Scene
from data_gen.streams import Stream

Rendering = Literal["mean", "neutral", "absent"]
"""The stand-in for a missing pattern: the mean of all its values, a fixed value never seen in
training, or nothing."""

Byte = Annotated[int, Field(ge=0, le=255)]
Color = tuple[Byte, Byte, Byte]
"""RGB, each channel in [0, 255]."""


class Pattern(Frozen, ABC):
    """The looks of the values of one visible factor.

    A pattern is frozen and pure: `draw` returns a new scene, and `stream` is its only randomness.
    It does not know how it correlates with the class: the spec's entry says that. Its fields are
    its look: the values themselves and the settings of its availability.
    """

    renderings: ClassVar[frozenset[Rendering]] = frozenset({"mean", "neutral", "absent"})
    """The ways in which this pattern can be missing."""
    is_source_glyph: ClassVar[bool] = False
    """Whether this is the pattern of the source glyph itself, on which labels depend."""
    brings_glyph: ClassVar[bool] = False
    """Whether the pattern puts a glyph on its block."""
    reads_glyph: ClassVar[bool] = False
    """Whether the pattern shows only on the glyph's pixels, so that it needs a glyph to be seen."""

    @property
    def value_count(self) -> int | None:
        """Number of values that the look defines, or None if it fits any number of classes."""
        return None

    def glyphs_needed(self, n_values: int) -> dict[str, frozenset[int]]:  # noqa: ARG002 (overrides use it)
        """Return the classes of the further glyphs that the pattern draws, by their source."""
        return {}

    @abstractmethod
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        """Return the scene with value `values[i]` of the pattern shown in image i."""

    @abstractmethod
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        """Return the scene with the pattern missing in every image, in one of `renderings`."""

    def appearances(self, n_values: int) -> Float[np.ndarray, "k m"]:
        """P(what is seen | value), for the exact Bayes accuracy. Rows sum to 1.

        By default each value has one look that no other value has.
        """
        return np.eye(n_values)
