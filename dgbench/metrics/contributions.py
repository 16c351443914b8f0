"""The share of each seed and image in the score that ranks: one matrix for all statistics.

The hidden-pattern score is linear in being right, so it is the mean of a matrix, seeds by images.
Image i shows the same glyph in every domain, so what it adds through several domains stays
together: images are drawn as clusters, not one a domain.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from data_gen.spec import Spec
from dgbench.metrics.ceilings import solo_ceilings
from dgbench.metrics.headline import RankingScore, ranking_score
from dgbench.references import Reference


def headline_contributions(
    correct: Mapping[str, Bool[np.ndarray, "s n"]], spec: Spec, reference: Reference | None
) -> Float[np.ndarray, "s n"]:
    """Compute a matrix whose mean is the score that ranks on this benchmark.

    `ranking_score` says which score that is. With environments the worst one of each seed counts.

    Args:
        correct: By canonical domain, whether each seed is right on each image. Shape (seeds,
            images), the images in the order of their ids.
        spec: The benchmark.
        reference: Its reference values. They count as constants, since HPS is defined by the
            published ones.

    Raises:
        ValueError: A domain is missing, or shows other images than the others.

    Example:
        Without reference values the mean accuracy on `solo.shape` ranks, which are the domains
        `mp.color` here.

        >>> from data_gen.spec_files import find_spec
        >>> spec, right = find_spec("mnist-color-5k@1"), np.array([[True, False, True]])
        >>> correct = {name: right for name in ranking_score(spec).domains}
        >>> correct["mp.color.mean"] = ~right
        >>> headline_contributions(correct, spec, None).round(2).tolist()
        [[0.67, 0.33, 0.67]]
    """
    score = ranking_score(spec, has_references=reference is not None)
    domains = score.domains
    missing = [name for name in domains if name not in correct]
    if missing or not domains:
        raise ValueError(f"The score needs the domains {missing}, which are not there.")
    if len({correct[name].shape for name in domains}) > 1:
        raise ValueError("The domains of the score show different images, or not to every seed.")
    if score.name == "worst_environment":
        return _worst(np.stack([correct[name] for name in domains]).astype(float))
    weights = _weights(score, spec, reference)
    if not weights:
        raise ValueError("No hidden pattern has a ceiling that leaves room above chance.")
    total = np.zeros(correct[domains[0]].shape)
    for name, (weight, chance) in weights.items():
        total += weight * (correct[name] - chance)
    return total


class _Weight(NamedTuple):
    """The weight of an image of one domain: it adds weight * (is right - chance)."""

    weight: float
    chance: float


def _weights(score: RankingScore, spec: Spec, reference: Reference | None) -> dict[str, _Weight]:
    """Find the weight of each domain in the mean over patterns of means over domains."""
    if reference is None:
        return {
            name: _Weight(1 / len(part) / len(score.parts), 0)
            for part in score.parts
            for name in part
        }
    chance, every = 1 / len(spec.classes), solo_ceilings(spec, reference)
    by_pattern = [ceilings for name in spec.hidden if (ceilings := every[name]) is not None]
    return {
        name: _Weight(1 / (ceiling - chance) / len(ceilings) / len(by_pattern), chance)
        for ceilings in by_pattern
        for name, ceiling in ceilings.items()
    }


def _worst(right: Float[np.ndarray, "d s n"]) -> Float[np.ndarray, "s n"]:
    """Pick for each seed the row of the environment in which it is right least often."""
    return right[right.mean(axis=2).argmin(axis=0), np.arange(right.shape[1])]
