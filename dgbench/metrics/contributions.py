"""What each seed and image adds to the score that ranks: one matrix from which statistics come.

The hidden-pattern score is linear in being right, so it is the mean of a matrix, seeds by images.
Image i shows the same glyph in every domain, so what it adds through several domains stays
together: images are drawn as clusters, not one a domain.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float

from data_gen.spec import Spec
from dgbench.references import Reference


def hps_contributions(
    correct: Mapping[str, Bool[np.ndarray, "s n"]], spec: Spec, reference: Reference | None
) -> Float[np.ndarray, "s n"]:
    """A matrix whose mean is the score that ranks on this benchmark.

    That is HPS; without reference values the mean accuracy on `only.<p>` of the hidden patterns;
    in a benchmark with environments the accuracy in the worst one of each seed. `correct` says by
    canonical domain whether each seed is right on each image, in the order of their ids. Reference
    values count as constants: HPS is defined by the published ones.

    Raises ValueError where a domain is lacking, or shows other images than the others.
    """
    domains = score_domains(spec)
    missing = [name for name in domains if name not in correct]
    if missing or not domains:
        raise ValueError(f"The score needs the domains {missing}, which are not there.")
    if len({correct[name].shape for name in domains}) > 1:
        raise ValueError("The domains of the score show different images, or not to every seed.")
    if spec.training_environments:
        return _worst(np.stack([correct[name] for name in domains]).astype(float))
    total = np.zeros(correct[domains[0]].shape)
    for pattern, name in zip(spec.hidden, domains, strict=True):
        right = correct[name].astype(float)
        if reference is not None:
            chance = 1 / len(spec.classes)
            right = (right - chance) / (reference.ceilings[pattern] - chance)
        total += right
    return total / len(domains)


def score_domains(spec: Spec) -> Sequence[str]:
    """The canonical names of the domains that the ranking score reads, one a hidden pattern."""
    if spec.training_environments:
        return [test.name for test in spec.test_domains if test.name.startswith("env.")]
    names = [f"only.{pattern}" for pattern in spec.hidden]
    return [spec.aliases.get(name, name) for name in names]


def _worst(right: Float[np.ndarray, "d s n"]) -> Float[np.ndarray, "s n"]:
    """The rows of the environment in which each seed is right least often."""
    return right[right.mean(axis=2).argmin(axis=0), np.arange(right.shape[1])]
