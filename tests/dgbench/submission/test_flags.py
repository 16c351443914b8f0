"""Flags about the training of a submission."""

import pytest

from tests.dgbench.submission.making import good_manifest
from tests.dgbench.submission.spoiling import with_field

BUDGET = 600 * 128
"""Of the benchmark of the tests, in images."""
OF_BUDGET = {"over-budget", "under-budget"}


def card_of(**changes):
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.scoring.score import score

    configuration = {**good_manifest()["configuration"], **changes}
    return score(read_bundle(with_field("configuration", configuration)))


@pytest.mark.parametrize(
    ("steps", "batch_size", "code"),
    [
        (600, 128, None),
        (1200, 64, None),
        (601, 128, "over-budget"),
        (600, 256, "over-budget"),
        (599, 128, "under-budget"),
        (600, 64, "under-budget"),
        (1, 1, "under-budget"),
    ],
)
def test_a_training_of_another_length_than_the_budget_is_noted(steps, batch_size, code):
    card = card_of(steps=steps, batch_size=batch_size)
    noted = {flag.code: flag.detail for flag in card.flags if flag.code in OF_BUDGET}
    assert set(noted) == ({code} if code else set())
    assert card.standing == "provisional"
    for detail in noted.values():
        assert detail == (
            f"Trained on {steps * batch_size} images, the benchmark's budget is {BUDGET}."
        )
