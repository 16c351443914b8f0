"""Notes for readers about an entry, on bundles that the real scorer reads."""

import pytest

from tests.dgbench.submission.making import BENCHMARK
from tests.dgbench.submission.spoiling import with_manifest


@pytest.fixture
def service(tmp_path):
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    running = Service(Store.open(str(tmp_path / "store")))
    yield running
    running.close()


def bundle(steps):
    """A good bundle except for the length of its training. The budget is 600 steps."""

    def change(document):
        document["method"]["name"] = f"some-method-{steps}"
        document["configuration"]["steps"] = steps

    return with_manifest(change)


def test_a_training_of_another_length_is_a_note_and_neither_a_flag_nor_a_rejection(service):
    from leaderboard.records import OPERATOR, Query

    ids = {
        steps: service.receive(bundle(steps), OPERATOR).submission_id for steps in (10, 600, 601)
    }
    rows = {row.submission_id: row for row in service.rows(Query(benchmark=BENCHMARK))}
    assert "under-budget" in rows[ids[10]].notes
    assert not {"under-budget", "over-budget"} & set(rows[ids[600]].notes)
    assert "over-budget" in rows[ids[601]].notes
    for row in rows.values():
        # The predictions are random, so all three are held back for their ID retention, and only
        # for that.
        assert (row.standing, row.retention < 0.95) == ("gave-up", True)
        assert not {"under-budget", "over-budget"} & set(row.flags)


def test_the_check_before_submitting_gives_the_note_too(service):
    from leaderboard.records import OPERATOR

    told = {
        steps: {code for code, _ in service.check(bundle(steps), OPERATOR).notes}
        for steps in (10, 600, 601)
    }
    assert "under-budget" in told[10]
    assert not {"under-budget", "over-budget"} & told[600]
    assert "over-budget" in told[601]
