"""Confusion matrix and hardest images of a submission, from its predictions."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Int, UInt8

from dgbench.submission.format.bundle import read_bundle

MOST_SHOWN = 24


@dataclass(frozen=True, kw_only=True)
class DomainErrors:
    """The errors of one submission on one domain, over all its seeds."""

    classes: tuple[str, ...]
    confusion: Int[np.ndarray, "k k"]
    """Predictions by label (rows) and predicted class (columns)."""
    hardest: tuple[int, ...]
    """Images that most seeds get wrong, by their index in the domain.

    The classes take turns, each with the image that most of its seeds get wrong."""
    answers: tuple[str, ...]
    """The class that they are taken for most often."""
    n_wrong: int
    """Images that most seeds get wrong."""


def errors_of(data: bytes, domain: str, *, label: int | None = None) -> DomainErrors:
    """Read the errors in a bundle on one of its domains, those of one label if it is given."""
    bundle = read_bundle(data)
    part = bundle.answers.within(domain)
    classes = tuple(bundle.answers.spec.classes)
    return errors_in(bundle.pred[:, part], bundle.answers.labels[part], classes, label=label)


def errors_in(
    pred: UInt8[np.ndarray, "s n"],
    labels: UInt8[np.ndarray, " n"],
    classes: tuple[str, ...],
    *,
    label: int | None = None,
) -> DomainErrors:
    """Count the errors of predictions, by seed and image.

    With a label, only images with it are among the hardest.
    """
    k = len(classes)
    flat = (labels[None].astype(np.int64) * k + pred).ravel()
    confusion = np.bincount(flat, minlength=k * k).reshape(k, k)
    wrong_seeds = (pred != labels).sum(axis=0)
    listed = wrong_seeds if label is None else np.where(labels == label, wrong_seeds, 0)
    hardest = _taking_turns(listed, labels, least=len(pred) // 2 + 1)
    return DomainErrors(
        classes=classes,
        confusion=confusion,
        hardest=hardest,
        answers=tuple(
            classes[_wrong_answer(pred[:, index], labels[index], k)] for index in hardest
        ),
        n_wrong=int((2 * wrong_seeds > len(pred)).sum()),
    )


def _wrong_answer(said: UInt8[np.ndarray, " s"], label: np.uint8, k: int) -> int:
    """Find the class that most of the erring seeds say, even if most seeds say the label."""
    return int(np.bincount(said[said != label], minlength=k).argmax())


def _taking_turns(
    wrong: Int[np.ndarray, " n"], labels: UInt8[np.ndarray, " n"], *, least: int
) -> tuple[int, ...]:
    """Order the images that at least so many seeds get wrong: the hardest of each class first."""
    places = np.flatnonzero(wrong >= least)
    order = places[np.argsort(-wrong[places], kind="stable")]
    turn = pd.Series(labels[order]).groupby(labels[order]).cumcount().to_numpy()
    ordered = order[np.argsort(turn, kind="stable")]
    return tuple(int(index) for index in ordered[:MOST_SHOWN])


def confusion_frame(errors: DomainErrors) -> pd.DataFrame:
    """Make a table of the share of each class's predictions that say each class."""
    totals = errors.confusion.sum(axis=1, keepdims=True)
    shares = errors.confusion / np.maximum(totals, 1)
    return pd.DataFrame(
        [
            {
                "label": label,
                "said": said,
                "share": float(shares[row, column]),
                "n": int(errors.confusion[row, column]),
            }
            for row, label in enumerate(errors.classes)
            for column, said in enumerate(errors.classes)
        ]
    )
