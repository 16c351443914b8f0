"""Bundles are scored again when formulas or reference values have changed, and only then."""

from dataclasses import replace

import pytest

from leaderboard import intake
from leaderboard.records import OPERATOR, Query
from leaderboard.service import Service
from tests.leaderboard.synthetic import Clock, bundle, score

QUERY = Query(benchmark="mnist-color@1")


@pytest.fixture
def kept(store):
    service = Service(store, score=score, now=Clock())
    for method in ("erm", "prcl"):
        service.receive(bundle(method), OPERATOR)
    return store, service.rows(QUERY)


def better(data):
    """Score a bundle as other formulas would."""
    scored = score(data)
    headline = replace(scored.facts.headline, estimate=0.9)
    return replace(scored, facts=replace(scored.facts, headline=headline, hps=0.9))


def test_an_unchanged_scoring_scores_nothing(kept):
    store, rows = kept

    def never(_):
        raise AssertionError("Nothing has changed.")

    assert Service(store, score=never).rows(QUERY) == rows


def test_a_changed_scoring_rewrites_rows_and_is_logged(kept, monkeypatch):
    store, rows = kept
    monkeypatch.setattr(intake.rescoring, "scoring_version", lambda _: "another")
    service = Service(store, score=better)
    again = service.rows(QUERY)
    assert {row.submission_id for row in again} == {row.submission_id for row in rows}
    assert [row.hps for row in again] == [0.9, 0.9]
    log = service.submission(again[0].submission_id).history
    assert [event.action for event in log] == ["received", "rescored"]
    assert service.status().revision > 2
    # The next opening finds everything as it should be.
    revision = service.status().revision
    assert Service(store, score=better).status().revision == revision
