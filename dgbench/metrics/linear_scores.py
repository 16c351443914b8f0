"""The scores that are linear in being right, as weights of the test domains.

F, T, UP, MP and R of one run are weighted sums of accuracies. So each of them is the mean of a
matrix, seeds by images, which has the intervals and tests of `dgbench.metrics.intervals`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from data_gen.spec import Spec
from dgbench.metrics.ceilings import evaluated, solo_ceilings
from dgbench.metrics.scale import has_room
from dgbench.references import Reference

LinearName = Literal["found", "trusted", "up", "mp", "retention", "accuracy"]


class Weight(NamedTuple):
    """The weight of a domain: an image of it adds weight * (is right - chance)."""

    weight: float
    chance: float


class LinearScore(NamedTuple):
    """One score of a benchmark, and the domains that it reads."""

    name: LinearName
    part: str
    """The pattern or environment that it is of, or an empty text."""
    weights: Mapping[str, Weight]
    """By canonical domain."""

    def contributions(
        self, correct: Mapping[str, Bool[np.ndarray, "s n"]]
    ) -> Float[np.ndarray, "s n"] | None:
        """Compute a matrix whose mean is the score, or None if the domains show other images.

        Args:
            correct: By canonical domain, whether each seed is right on each image.
        """
        shapes = {correct[name].shape for name in self.weights}
        if len(shapes) != 1:
            return None
        total = np.zeros(shapes.pop())
        for name, (weight, chance) in self.weights.items():
            total += weight * (correct[name] - chance)
        return total


def linear_scores(spec: Spec, reference: Reference | None) -> tuple[LinearScore, ...]:
    """List the linear scores of a benchmark: F and T of each pattern, the hidden ones first.

    UP, MP and R follow. On a benchmark with environments it is the accuracy in each of them. A
    score that the benchmark lacks is not listed.

    Example:
        >>> from data_gen.spec_files import find_spec
        >>> environments = linear_scores(find_spec("colored-mnist@1"), None)
        >>> [(score.name, score.part) for score in environments][:1]
        [('accuracy', 'env.e90')]
    """
    if spec.training_environments:
        names = [test.name for test in spec.test_domains if test.name.startswith("env.")]
        return tuple(LinearScore("accuracy", name, {name: Weight(1, 0)}) for name in names)
    if reference is None or not spec.hidden:
        return ()
    patterns = sorted(spec.entries, key=lambda name: name not in spec.hidden)
    every = [
        *_found(patterns, spec, reference),
        *_trusted(patterns, spec, reference),
        _without_dominant("up", spec, reference),
        _without_dominant("mp", spec, reference),
        _retention(spec, reference),
    ]
    return tuple(score for score in every if score.weights)


def _found(patterns: Iterable[str], spec: Spec, reference: Reference) -> list[LinearScore]:
    by_pattern = solo_ceilings(spec, reference)
    return [
        LinearScore("found", name, _mean([_above(by_pattern.get(name) or {}, spec)]))
        for name in patterns
    ]


def _trusted(patterns: Iterable[str], spec: Spec, reference: Reference) -> list[LinearScore]:
    chance = 1 / len(spec.classes)
    return [
        LinearScore(
            "trusted",
            name,
            _above(
                dict.fromkeys(evaluated(spec, [f"only.{name}"]), reference.ceilings[name]), spec
            ),
        )
        for name in patterns
        if has_room(reference.ceilings[name], chance=chance)
    ]


def _without_dominant(family: Literal["up", "mp"], spec: Spec, reference: Reference) -> LinearScore:
    """Weigh the domains of UP or MP: the mean over dominant patterns of means over renderings."""
    by_pattern = []
    for entry in spec.patterns:
        if entry.name in spec.hidden:
            continue
        endings = [""] if family == "up" else [f".{name}" for name in entry.renderings]
        domains = evaluated(spec, [f"{family}.{entry.name}{ending}" for ending in endings])
        by_pattern.append(_above(dict.fromkeys(domains, reference.erm_id), spec))
    return LinearScore(family, "", _mean(by_pattern) if all(by_pattern) else {})


def _retention(spec: Spec, reference: Reference) -> LinearScore:
    domains = evaluated(spec, ["id"])
    return LinearScore("retention", "", _above(dict.fromkeys(domains, reference.erm_id), spec))


def _above(ceilings: Mapping[str, float], spec: Spec) -> dict[str, Weight]:
    """Weigh each domain so that its accuracy becomes 0 at chance and 1 at its ceiling."""
    chance = 1 / len(spec.classes)
    return {name: Weight(1 / (ceiling - chance), chance) for name, ceiling in ceilings.items()}


def _mean(parts: Sequence[Mapping[str, Weight]]) -> dict[str, Weight]:
    """Average over parts that weigh the same, and within each over its domains."""
    return {
        name: Weight(weight / len(part) / len(parts), chance)
        for part in parts
        for name, (weight, chance) in part.items()
    }
