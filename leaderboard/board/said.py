"""The answers of submissions on the images of one domain, to show where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, UInt8

from dgbench.submission.format.bundle import read_bundle


@dataclass(frozen=True, kw_only=True)
class Said:
    """The answers of one submission on one domain."""

    classes: tuple[str, ...]
    labels: UInt8[np.ndarray, " n"]
    answers: UInt8[np.ndarray, " n"]
    """The label where most seeds say it, else the wrong class that most of the others say."""

    @property
    def is_right(self) -> Bool[np.ndarray, " n"]:
        """Whether most seeds are right, by image."""
        return self.answers == self.labels


def said_of(data: bytes, domain: str) -> Said:
    """Read the answers in a bundle on one of its domains."""
    bundle = read_bundle(data)
    part = bundle.answers.within(domain)
    labels = bundle.answers.labels[part]
    classes = tuple(bundle.answers.spec.classes)
    answers = answers_in(bundle.pred[:, part], labels, n_classes=len(classes))
    return Said(classes=classes, labels=labels, answers=answers)


def answers_in(
    pred: UInt8[np.ndarray, "s n"], labels: UInt8[np.ndarray, " n"], *, n_classes: int
) -> UInt8[np.ndarray, " n"]:
    """Find the answer that speaks for all seeds, by image.

    Example:
        >>> pred = np.array([[1, 2], [1, 0], [0, 2]], np.uint8)
        >>> answers_in(pred, np.array([1, 1], np.uint8), n_classes=3).tolist()
        [1, 2]
    """
    votes = np.stack([(pred == value).sum(axis=0) for value in range(n_classes)])
    every = np.arange(len(labels))
    has_most = 2 * votes[labels, every] > len(pred)
    votes[labels, every] = -1
    wrong = votes.argmax(axis=0).astype(np.uint8)
    return np.where(has_most, labels, wrong)


def differing(
    said: Mapping[str, Said], *, label: int | None = None, right: str | None = None
) -> Int[np.ndarray, " m"]:
    """Find the images that some submissions get right and others do not.

    Args:
        said: By submission, at least one.
        label: Only images with this label.
        right: Only images that this submission gets right.
    """
    is_right = np.stack([answers.is_right for answers in said.values()])
    differs = is_right.any(axis=0) & ~is_right.all(axis=0)
    if label is not None:
        differs &= next(iter(said.values())).labels == label
    if right is not None:
        differs &= said[right].is_right
    return np.flatnonzero(differs)
