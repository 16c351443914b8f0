"""Stores that older versions filled are brought up to date when they are opened."""

import json

import pytest
from sqlalchemy import text, update

from data_gen.foundation.errors import DGBenchError
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
    for name in ("found", "up", "mp"):
        fields.pop(name)
    older = {"hps": headline["estimate"], "mps": 0.5, "pattern_found": fields.pop("trusted")}
    return json.dumps(fields | older | ends, sort_keys=True)


def first_card(facts):
    """The part of a score card of the first version that rows are made of."""
    fields = json.loads(facts)
    headline = {**fields["headline"], "by_seed": [0.1, 0.2, 0.3]}
    scores = {"hps": headline["estimate"], "mps": 0.5, "pattern_found": fields["trusted"] or None}
    return json.dumps({"schema_version": 1, "headline": headline, **scores})


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
            card = first_card(submission.facts)
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
        session.execute(text("DELETE FROM meta WHERE key LIKE 'scoring of %'"))
    return store, rows


def test_rows_of_the_first_revision_are_scored_again(aged):
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


def test_a_bundle_that_cannot_be_scored_again_has_trust_and_no_rank(aged):
    store, _ = aged
    url = store.engine.url.render_as_string(hide_password=False)

    def refuse(_):
        raise DGBenchError("It cannot be read any more.")

    service = Service(Store.open(url, blobs=store.blobs.folder), score=refuse)
    (row,) = service.rows(Query(benchmark="mnist-color@1"))
    assert row.trusted["color"] == 0.98
    assert row.found == {}
    assert row.rank is row.hps is row.headline.estimate is row.up is row.mp is None
    log = service.submission(row.submission_id).history
    assert [event.action for event in log] == ["received", "not rescored"]
    (other,) = service.rows(Query(benchmark="colored-mnist@1"))
    assert other.headline.estimate is not None
    service.close()


def test_rows_of_the_third_revision_get_the_paper_of_their_manifest(store):
    service = Service(store, score=score, now=Clock())
    receipt = service.receive(bundle("prcl"), OPERATOR)
    claim = {"title": "A title", "authors": ["A. Author"], "year": 2021, "url": None, "code": None}
    with store.write() as session:
        kept = session.get_one(SubmissionRow, receipt.submission_id)
        kept.manifest = json.dumps({**json.loads(kept.manifest), "paper": claim})
        for table, name in ((kept, "facts"), (session.query(BoardRow).one(), "document")):
            fields = json.loads(getattr(table, name))
            del fields["paper"]
            setattr(table, name, json.dumps(fields))
        session.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    url = store.engine.url.render_as_string(hide_password=False)
    again = Service(Store.open(url, blobs=store.blobs.folder), score=score)
    (row,) = again.rows(Query(benchmark="mnist-color@1"))
    assert (row.paper.title, row.paper.authors, row.year) == ("A title", ("A. Author",), 2021)
    assert (row.paper_link, row.code_link) == (None, None)
    assert len(again.rows(Query(benchmark="mnist-color@1", search="a title"))) == 1
    again.close()
