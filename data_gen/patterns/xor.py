"""A pattern that only its two carriers together show."""

from typing import Annotated

import numpy as np
from jaxtyping import Float, Int
from pydantic import Field, model_validator
from typing_extensions import override

from data_gen.pattern import Pattern, Rendering
from data_gen.registry import PatternSpec
from data_gen.scene import Scene
from data_gen.streams import Stream


class Xor(Pattern):
    """Two carriers a and b with value = (a + b) mod K.

    a is uniform and b = (value - a) mod K is then uniform too, so each alone carries nothing about
    the class; only both together do. States act on the pair.
    """

    n_values: Annotated[int, Field(ge=2)]
    """K, the modulus."""
    first: PatternSpec
    """What shows a."""
    second: PatternSpec
    """What shows b."""

    @model_validator(mode="after")
    def _carriers_fit(self) -> "Xor":
        for name, carrier in (("first", self.first), ("second", self.second)):
            count = carrier.look.value_count
            if count not in (None, self.n_values):
                raise ValueError(
                    f"the {name} carrier has {count} values, n_values is {self.n_values}"
                )
        return self

    @property
    @override
    def value_count(self) -> int:
        return self.n_values

    @override
    def glyphs_needed(self, n_values: int) -> dict[str, frozenset[int]]:
        first = self.first.look.glyphs_needed(n_values)
        second = self.second.look.glyphs_needed(n_values)
        names = first.keys() | second.keys()
        none: frozenset[int] = frozenset()
        return {name: first.get(name, none) | second.get(name, none) for name in names}

    @override
    def draw(self, scene: Scene, values: Int[np.ndarray, " n"], stream: Stream) -> Scene:
        a = stream.integers("a", high=self.n_values)
        scene = self.first.look.draw(scene, a, stream.fork("first"))
        return self.second.look.draw(scene, (values - a) % self.n_values, stream.fork("second"))

    @override
    def draw_missing(self, scene: Scene, rendering: Rendering, stream: Stream) -> Scene:
        scene = self.first.look.draw_missing(scene, rendering, stream.fork("first"))
        return self.second.look.draw_missing(scene, rendering, stream.fork("second"))

    @override
    def appearances(self, n_values: int) -> Float[np.ndarray, "k m"]:
        first = self.first.look.appearances(n_values)
        second = self.second.look.appearances(n_values)
        pairs = np.zeros((n_values, first.shape[1], second.shape[1]))
        for value in range(n_values):
            for a in range(n_values):
                pairs[value] += np.outer(first[a], second[(value - a) % n_values]) / n_values
        return pairs.reshape(n_values, -1)
