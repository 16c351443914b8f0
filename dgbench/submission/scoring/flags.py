"""Flags of an accepted submission: signs that something about it may be wrong."""

from collections.abc import Iterator
from math import sqrt

import numpy as np

from dgbench.metrics.headline import ranking_score
from dgbench.standings.limits import RETAINED
from dgbench.standings.versions import older_version_note
from dgbench.standings.words import HPS
from dgbench.submission.format.bundle import Bundle
from dgbench.submission.scoring.card import Flag, ScoreCard

_DEVIATIONS = 6
"""Standard deviations above chance that raise a flag. One submission in 10^9 has them by luck."""


def flags_of(bundle: Bundle, card: ScoreCard) -> tuple[Flag, ...]:
    """Return the flags of a submission, from its bundle and its card."""
    return (
        *_flags_of_benchmark(bundle),
        *_flags_of_predictions(bundle, card),
        *_flags_of_training(bundle, card),
    )


def _flags_of_benchmark(bundle: Bundle) -> Iterator[Flag]:
    spec = bundle.answers.spec
    if not ranking_score(spec).domains:
        detail = f"{spec.id} tests no pattern alone, so it has T and no {HPS.title}: not ranked."
        yield Flag(
            code="older-benchmark", detail=f"{detail} {older_version_note(spec.id) or ''}".strip()
        )


def _flags_of_predictions(bundle: Bundle, card: ScoreCard) -> Iterator[Flag]:
    low = card.headline.low
    if card.headline.name == "hps" and low is not None and low > 1:
        yield Flag(
            code="above-ceiling",
            detail=f"HPS is above 1, its ceiling, beyond chance: at least {low:.3f}.",
        )
    if "none" in card.correct:
        n = card.n_images["none"] * len(card.seeds)
        expected = n * card.chance
        surplus = sum(card.correct["none"]) - expected
        # Seeds see the same images, so their hits are not independent. The bound assumes that they
        # are equal.
        spread = sqrt(expected * (1 - card.chance) * len(card.seeds))
        if surplus > _DEVIATIONS * spread:
            yield Flag(
                code="above-chance",
                detail=f"Right on {card.accuracy['none']:.1%} of 'none', where nothing tells the "
                f"label: chance is {card.chance:.1%}.",
            )
    equal = [
        f"{card.seeds[a]} and {card.seeds[b]}"
        for a in range(len(card.seeds))
        for b in range(a + 1, len(card.seeds))
        if np.array_equal(bundle.pred[a], bundle.pred[b])
    ]
    if equal:
        yield Flag(code="equal-seeds", detail=f"Seeds {equal[0]} predict the same throughout.")


def _flags_of_training(bundle: Bundle, card: ScoreCard) -> Iterator[Flag]:
    configuration, spec = bundle.manifest.configuration, bundle.answers.spec
    if card.retention is not None and card.retention < RETAINED:
        yield Flag(
            code="low-retention",
            detail=f"R is {card.retention:.3f}: accuracy in the training domain was given up.",
        )
    used = configuration.steps * configuration.batch_size
    allowed = spec.budget.steps * spec.budget.batch_size
    if used != allowed:
        yield Flag(
            code="over-budget" if used > allowed else "under-budget",
            detail=f"Trained on {used} images, the benchmark's budget is {allowed}.",
        )
    backbone = bundle.answers.reference.backbone
    if configuration.backbone != backbone:
        yield Flag(
            code="other-backbone",
            detail=f"Backbone {configuration.backbone!r}; the references are of {backbone!r}.",
        )
    if bundle.manifest.conformance.status != "passed":
        yield Flag(
            code="unchecked-method",
            detail="`dgbench check-method` was not green on this source, as far as is declared.",
        )
