"""The share of each seed and image in the score that ranks: one matrix for all statistics.

The hidden-pattern score is linear in being right, so it is the mean of a matrix, seeds by images.
Image i shows the same glyph in every domain, so what it adds through several domains stays
together: images are drawn as clusters, not one a domain.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float

from data_gen.spec import Spec
from dgbench.metrics.ceilings import headline_ceilings
from dgbench.metrics.headline import ranking_score
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
        Without reference values the accuracy on `only.shape` ranks, which is `up.color` here.

        >>> from data_gen.spec_files import find_spec
        >>> correct = {"up.color": np.array([[True, False, True], [True, False, False]])}
        >>> headline_contributions(correct, find_spec("mnist-color-5k@1"), None).tolist()
        [[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
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
    chance, total = 1 / len(spec.classes), np.zeros(correct[domains[0]].shape)
    if reference is None:
        return total + sum(correct[name] for name in domains) / len(domains)
    by_pattern = list(filter(None, headline_ceilings(spec, reference).values()))
    if not by_pattern:
        raise ValueError("No hidden pattern has a ceiling that leaves room above chance.")
    for ceilings in by_pattern:
        for name, ceiling in ceilings.items():
            found_there = (correct[name] - chance) / (ceiling - chance)
            total += found_there / len(ceilings) / len(by_pattern)
    return total


def _worst(right: Float[np.ndarray, "d s n"]) -> Float[np.ndarray, "s n"]:
    """Pick for each seed the row of the environment in which it is right least often."""
    return right[right.mean(axis=2).argmin(axis=0), np.arange(right.shape[1])]
