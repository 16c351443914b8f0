"""Bundles of every version of the manifest are read for ever, and their cards never change."""

from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["v1", "v1-probabilities"])
def test_an_old_bundle_has_the_card_that_it_had(name):
    """If it differs, scores have moved: that belongs under Changed numbers in the changelog."""
    from dgbench.submission.bundle import read_bundle
    from dgbench.submission.scoring import score

    card = score(read_bundle(GOLDEN / f"{name}.dgsub"))
    assert card.canonical + b"\n" == (GOLDEN / f"{name}.json").read_bytes()
