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
    """Indices in the domain of the images that most seeds get wrong, the most surely wrong first;
    they take turns over the classes."""
    answers: tuple[str, ...]
    """The class that they are taken for most often."""
    n_wrong: int
    """Images that most seeds get wrong."""


def errors_of(data: bytes, domain: str) -> DomainErrors:
    """The errors in a bundle on one of its domains."""
    bundle = read_bundle(data)
    part = bundle.answers.within(domain)
    return errors_in(
        bundle.pred[:, part], bundle.answers.labels[part], tuple(bundle.answers.spec.classes)
    )


def errors_in(
    pred: UInt8[np.ndarray, "s n"], labels: UInt8[np.ndarray, " n"], classes: tuple[str, ...]
) -> DomainErrors:
    """The errors of predictions, by seed and image."""
    k = len(classes)
    flat = (labels[None].astype(np.int64) * k + pred).ravel()
    confusion = np.bincount(flat, minlength=k * k).reshape(k, k)
    wrong_seeds = (pred != labels).sum(axis=0)
    hardest = _taking_turns(wrong_seeds, labels, least=len(pred) // 2 + 1)
    return DomainErrors(
        classes=classes,
        confusion=confusion,
        hardest=hardest,
        answers=tuple(classes[_wrong_answer(pred[:, at], labels[at], k)] for at in hardest),
        n_wrong=int((2 * wrong_seeds > len(pred)).sum()),
    )


def _wrong_answer(said: UInt8[np.ndarray, " s"], label: np.uint8, k: int) -> int:
    """The class that most of the seeds say that err: the label may be what most seeds say."""
    return int(np.bincount(said[said != label], minlength=k).argmax())


def _taking_turns(
    wrong: Int[np.ndarray, " n"], labels: UInt8[np.ndarray, " n"], *, least: int
) -> tuple[int, ...]:
    """Images that at least so many seeds get wrong: the hardest of each class, then the next."""
    places = np.flatnonzero(wrong >= least)
    order = places[np.argsort(-wrong[places], kind="stable")]
    turn = pd.Series(labels[order]).groupby(labels[order]).cumcount().to_numpy()
    ordered = order[np.argsort(turn, kind="stable")]
    return tuple(int(at) for at in ordered[:MOST_SHOWN])


def confusion_frame(found: DomainErrors) -> pd.DataFrame:
    """The share of each class's predictions that say each class."""
    totals = found.confusion.sum(axis=1, keepdims=True)
    shares = found.confusion / np.maximum(totals, 1)
    return pd.DataFrame(
        [
            {
                "label": label,
                "said": said,
                "share": float(shares[row, column]),
                "n": int(found.confusion[row, column]),
            }
            for row, label in enumerate(found.classes)
            for column, said in enumerate(found.classes)
        ]
    )
