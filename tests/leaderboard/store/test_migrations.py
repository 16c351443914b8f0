"""Stores that older versions filled are brought up to date when they are opened."""

import json

import pytest
from sqlalchemy import text, update

from leaderboard.records import OPERATOR, Query
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.store.models import BoardRow, SubmissionRow
from tests.leaderboard.synthetic import Clock, bundle, score


def as_first_revision(document):
    """The JSON of a row, or of a bundle's facts, as the first revision of the tables had it."""
    fields = json.loads(document)
    headline = fields.pop("headline")
    ends = {"hps_low": headline["low"], "hps_high": headline["high"]}
    return json.dumps(fields | {"hps": headline["estimate"]} | ends, sort_keys=True)


@pytest.fixture
def aged(store):
    """A store with one submission of each headline score, as the first revision kept them."""
    service = Service(store, score=score, now=Clock())
    service.receive(bundle("erm"), OPERATOR)
    service.receive(
        bundle("irm", benchmark="colored-mnist@1", headline="worst_environment"), OPERATOR
    )
    rows = {
        name: service.rows(Query(benchmark=name)) for name in ("mnist-color@1", "colored-mnist@1")
    }
    with store.write() as session:
        for submission in session.query(SubmissionRow).all():
            headline = json.loads(submission.facts)["headline"]
            card = json.dumps({"headline": {**headline, "by_seed": []}})
            facts = as_first_revision(submission.facts)
            session.execute(
                update(SubmissionRow)
                .where(SubmissionRow.id == submission.id)
                .values(facts=facts, card=card)
            )
        for row in session.query(BoardRow).all():
            session.execute(
                update(BoardRow)
                .where(BoardRow.submission_id == row.submission_id)
                .values(document=as_first_revision(row.document))
            )
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    return store, rows


def test_rows_of_the_first_revision_get_their_headline(aged):
    store, rows = aged
    url = store.engine.url.render_as_string(hide_password=False)
    service = Service(Store.open(url, blobs=store.blobs.folder), score=score)
    for benchmark, expected in rows.items():
        assert service.rows(Query(benchmark=benchmark)) == expected
        (row,) = expected
        assert (row.hps is None) == (benchmark == "colored-mnist@1")
    # What the rows are made of was brought up to date as well: ranking anew gives the same rows.
    for expected in rows.values():
        service.moderate(expected[0].submission_id, "clear-flags", "Nothing odd.", OPERATOR)
    for benchmark, expected in rows.items():
        assert service.rows(Query(benchmark=benchmark)) == expected
    service.close()
