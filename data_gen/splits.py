"""Which glyphs each split shows, and in which domain.

Training digits are divided once into train, validation and unlabelled; test digits are the same
in every test domain. An image's id is its index in the source's pool; the n-th copy of a pool of
size N (see `multiply`) has id n * N + index.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int

from data_gen.domain import Domain
from data_gen.foundation.errors import UsageError
from data_gen.idx import Glyphs
from data_gen.spec import Spec
from data_gen.streams import Stream

Pool = Literal["train", "test"]
Role = Literal["train", "validation", "unlabelled", "test"]
"""The use of a glyph. No glyph has two roles."""

OTHER_DIGITS: Mapping[str, Role] = {"dev": "validation", "train": "train"}
"""Prefixes of names of domains (`dev.up.color`) that show other digits than the test digits:
development domains are for research during training, `train.only.<p>` for single-pattern oracles.
"""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Images of one split that are in one domain."""

    domain: Domain
    images: Int[np.ndarray, " n"]
    """Image ids, ascending."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """One named set of images."""

    name: str
    role: Role
    parts: tuple[Part, ...]
    """One part, or one for each environment."""
    is_labelled: bool = True

    @property
    def pool(self) -> Pool:
        """The half of the source that its glyphs come from."""
        return "test" if self.role == "test" else "train"

    def __len__(self) -> int:
        return sum(len(part.images) for part in self.parts)


def roles(
    labels: Mapping[Pool, Int[np.ndarray, " n"]], spec: Spec, *, key: str
) -> dict[Role, Int[np.ndarray, " m"]]:
    """Return the indices of each role, ascending. Glyphs with label -1 have no role."""
    train = np.flatnonzero(labels["train"] >= 0)
    ranks = np.argsort(Stream(key, train).words("role"), kind="stable")
    n_validation = round(len(train) * spec.validation)
    n_unlabelled = round(len(train) * spec.unlabelled_ood)
    cuts = [n_validation, n_validation + n_unlabelled]
    validation, unlabelled, rest = np.split(train[ranks], cuts)
    if not (len(validation) and len(rest)):
        raise UsageError(
            f"{spec.id}: {len(train)} training glyphs are too few to hold {spec.validation:.0%} "
            "out for validation. Give a larger source."
        )
    return {
        "train": np.sort(rest),
        "validation": np.sort(validation),
        "unlabelled": np.sort(unlabelled),
        "test": np.flatnonzero(labels["test"] >= 0),
    }


def class_labels(glyphs: Glyphs, target: Mapping[int, int] | None) -> Int[np.ndarray, " n"]:
    """Return the class of each glyph, or -1 for glyphs that the target leaves out."""
    if target is None:
        return glyphs.labels.astype(np.int64)
    table = np.full(256, -1)
    for label, mapped in target.items():
        table[label] = mapped
    return table[glyphs.labels]


def standard_splits(
    spec: Spec, indices: Mapping[Role, Int[np.ndarray, " m"]], *, pool_size: int, multiply: int = 1
) -> dict[str, Split]:
    """Return the splits of a data set on disk, by name."""
    repeated = np.concatenate(
        [indices["train"] + copy * pool_size for copy in range(multiply)]
    ).astype(np.int64)
    splits = [
        Split(name="train", role="train", parts=_training_parts(spec, repeated)),
        Split(
            name="validation",
            role="validation",
            parts=_training_parts(spec, indices["validation"]),
        ),
    ]
    if not spec.environments:
        only_shape, none = spec.domain(f"only.{spec.shape.name}"), spec.domain("none")
        balanced = Part(domain=only_shape, images=indices["validation"])
        splits.append(Split(name="validation_balanced", role="validation", parts=(balanced,)))
        if len(indices["unlabelled"]):
            part = Part(domain=none, images=indices["unlabelled"])
            split = Split(
                name="unlabelled_ood", role="unlabelled", parts=(part,), is_labelled=False
            )
            splits.append(split)
    subset = _evenly(indices["test"], spec.small_size)
    for name, domain, is_small in spec.test_domains:
        part = Part(domain=domain, images=subset if is_small else indices["test"])
        splits.append(Split(name=name, role="test", parts=(part,)))
    return {split.name: split for split in splits}


def _training_parts(spec: Spec, images: Int[np.ndarray, " n"]) -> tuple[Part, ...]:
    """Put all images in `id`, or deal them out in turn to the training environments."""
    if not spec.environments:
        return (Part(domain=Domain(), images=images),)
    names = spec.training_environments
    return tuple(
        Part(domain=Domain(environment=name), images=images[turn :: len(names)])
        for turn, name in enumerate(names)
    )


def _evenly(images: Int[np.ndarray, " n"], size: int) -> Int[np.ndarray, " m"]:
    """Pick evenly spaced images, to cover easy and hard stretches of a source."""
    size = min(size, len(images))
    return images[np.arange(size) * len(images) // size]
