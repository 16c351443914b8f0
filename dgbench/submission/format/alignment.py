"""Alignment: sort a bundle's rows into one prediction for every seed, test domain and image."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Int, UInt8, UInt16

from dgbench.submission.answer_key.answers import Answers
from dgbench.submission.format.predictions import Table
from dgbench.submission.format.rejection import Code, RejectedError, rejected

UNIT = 2**16 - 1
"""Number of units in a probability of 1: probabilities are stored in units of 1/65535."""


class Aligned(NamedTuple):
    """Predictions in canonical order: by seed, then test domain, then image."""

    pred: UInt8[np.ndarray, "s n"]
    probabilities: UInt16[np.ndarray, "k s n"] | None


def aligned(table: Table, seeds: Sequence[int], answers: Answers) -> Aligned:
    """Put the predictions of a table into canonical order.

    Raises RejectedError unless every expected key occurs exactly once, with a valid prediction.
    """
    pred, probabilities = table.pred, table.probabilities
    if not _is_in_order(table, seeds, answers):
        positions = _positions(table, seeds, answers)
        n = len(seeds) * answers.n
        _check_once(positions, n, seeds, answers)
        order = np.empty(n, np.int64)
        order[positions] = np.arange(n)
        pred = pred[order]
        probabilities = None if probabilities is None else probabilities[:, order]
    _check_classes(pred, seeds, answers)
    if probabilities is not None:
        _check_probabilities(pred, probabilities, seeds, answers)
        probabilities = probabilities.reshape(len(probabilities), len(seeds), answers.n)
    return Aligned(pred.reshape(len(seeds), answers.n), probabilities)


def predictions_digest(
    pred: UInt8[np.ndarray, "s n"], probabilities: UInt16[np.ndarray, "k s n"] | None
) -> str:
    """Return the SHA-256 of predictions in canonical order."""
    digest = hashlib.sha256(np.ascontiguousarray(pred).data)
    if probabilities is not None:
        digest.update(np.ascontiguousarray(probabilities.astype("<u2", copy=False)).data)
    return digest.hexdigest()


def table_of(
    pred: UInt8[np.ndarray, "s n"],
    probabilities: UInt16[np.ndarray, "k s n"] | None,
    seeds: Sequence[int],
    answers: Answers,
) -> Table:
    """Turn predictions in canonical order into a table that can be written."""
    sizes = [answers.size(name) for name in answers.domains]
    return Table(
        seed=np.repeat(np.asarray(seeds, np.uint16), answers.n),
        domain=np.tile(np.repeat(np.arange(len(sizes)), sizes), len(seeds)),
        domains=answers.domains,
        image_id=np.tile(answers.image_id.astype(np.uint32), len(seeds)),
        pred=pred.reshape(-1),
        probabilities=None
        if probabilities is None
        else probabilities.reshape(len(probabilities), -1),
    )


def _is_in_order(table: Table, seeds: Sequence[int], answers: Answers) -> bool:
    """Whether the expected rows are there in canonical order, as `dgbench bundle` writes them."""
    if table.domains != answers.domains or len(table.pred) != len(seeds) * answers.n:
        return False
    shape = len(seeds), answers.n
    sizes = np.diff(answers.starts)
    domain = np.repeat(np.arange(len(sizes), dtype=table.domain.dtype), sizes)
    return bool(
        (table.seed.reshape(shape) == np.asarray(seeds, np.uint16)[:, None]).all()
        and (table.domain.reshape(shape) == domain).all()
        and (table.image_id.reshape(shape) == answers.image_id.astype(np.uint32)).all()
    )


def _positions(table: Table, seeds: Sequence[int], answers: Answers) -> Int[np.ndarray, " r"]:
    """Return the position of each row in canonical order."""
    seed_indices = np.full(UNIT + 1, -1, np.int32)
    seed_indices[list(seeds)] = np.arange(len(seeds))
    seed = seed_indices[table.seed]
    if (seed < 0).any():
        wrong = np.unique(table.seed[seed < 0])
        raise rejected(Code.SEED, "There are predictions of a seed that was not declared.", wrong)
    index_by_name = {name: index for index, name in enumerate(answers.domains)}
    domain_indices = np.array([index_by_name.get(name, -1) for name in table.domains], np.int32)
    domain = domain_indices[table.domain]
    if (domain < 0).any():
        strange = [table.domains[i] for i in np.unique(table.domain[domain < 0])]
        raise rejected(Code.DOMAIN, "There are predictions for an unknown domain.", strange)
    within = _position_within_seed(domain, table.image_id.astype(np.int64), answers)
    if (within < 0).any():
        first = np.flatnonzero(within < 0)[:10]
        keys = (f"{answers.domains[domain[i]]}, {table.image_id[i]}" for i in first)
        raise rejected(Code.IMAGE, "There are predictions for unknown test images.", keys)
    return seed.astype(np.int64) * answers.n + within


def _position_within_seed(
    domain: Int[np.ndarray, " r"], image_id: Int[np.ndarray, " r"], answers: Answers
) -> Int[np.ndarray, " r"]:
    """Return the position of each row within its seed, or -1 if its domain lacks the image."""
    width = int(answers.image_id.max()) + 2
    positions = np.full((len(answers.domains), width), -1, np.int64)
    for index, name in enumerate(answers.domains):
        part = answers.within(name)
        positions[index, answers.image_id[part]] = np.arange(part.start, part.stop)
    # An id beyond the largest one falls on the last column, which stays -1.
    return positions.reshape(-1)[domain * np.int64(width) + np.minimum(image_id, width - 1)]


def _check_once(
    positions: Int[np.ndarray, " r"], n: int, seeds: Sequence[int], answers: Answers
) -> None:
    n_rows = np.bincount(positions, minlength=n)
    repeated = np.flatnonzero(n_rows > 1)
    if len(repeated):
        message = f"{len(repeated)} keys occur in several rows."
        raise rejected(Code.DUP_KEY, message, keys_at(repeated, seeds, answers))
    missing = np.flatnonzero(n_rows == 0)
    if len(missing):
        message = f"{len(missing)} of {n} keys are missing."
        raise rejected(Code.MISSING_KEY, message, keys_at(missing, seeds, answers))


def _check_classes(pred: UInt8[np.ndarray, " r"], seeds: Sequence[int], answers: Answers) -> None:
    if int(pred.max()) >= answers.n_classes:
        wrong = pred >= answers.n_classes
        message = (
            f"{int(wrong.sum())} predictions are not a class from 0 to {answers.n_classes - 1}. "
            f"The largest is {int(pred.max())}."
        )
        raise _rejected_rows(Code.CLASS_RANGE, message, wrong, seeds, answers)


def _check_probabilities(
    pred: UInt8[np.ndarray, " r"],
    probabilities: UInt16[np.ndarray, "k r"],
    seeds: Sequence[int],
    answers: Answers,
) -> None:
    sums = probabilities.sum(axis=0, dtype=np.int32)
    wrong = np.abs(sums - UNIT) > answers.n_classes
    if wrong.any():
        message = f"The probabilities of {int(wrong.sum())} rows do not sum to 1."
        raise _rejected_rows(Code.PROBABILITY_SUM, message, wrong, seeds, answers)
    chosen = np.take_along_axis(probabilities, pred[None].astype(np.int64), axis=0)[0]
    wrong = chosen < probabilities.max(axis=0)
    if wrong.any():
        message = f"{int(wrong.sum())} predictions are not the most probable class."
        raise _rejected_rows(Code.PROBABILITY_ARGMAX, message, wrong, seeds, answers)


def _rejected_rows(
    code: Code,
    message: str,
    wrong: Bool[np.ndarray, " r"],
    seeds: Sequence[int],
    answers: Answers,
) -> RejectedError:
    return rejected(code, message, keys_at(np.flatnonzero(wrong), seeds, answers))


def keys_at(
    positions: np.ndarray[Any, Any], seeds: Sequence[int], answers: Answers
) -> Iterator[str]:
    """Describe the keys at some positions in canonical order, for a message."""
    for position in positions:
        number, within = divmod(int(position), answers.n)
        index = int(np.searchsorted(answers.starts, within, side="right")) - 1
        image = int(answers.image_id[within])
        yield f"(seed {seeds[number]}, {answers.domains[index]}, image {image})"
