"""Two to six submissions side by side, on bundles of real runs."""

from pathlib import Path

import numpy as np
import pytest

from dgbench.submission.pack.packing import pack
from leaderboard.records import OPERATOR, RefusedError
from leaderboard.service import Service
from leaderboard.store.database import Store

RESULTS = Path(__file__).parents[3] / "baselines" / "results" / "reference" / "mnist-color@1"


@pytest.fixture(scope="module")
def submitted(tmp_path_factory):
    """A service with three real submissions, and their ids."""
    folder = tmp_path_factory.mktemp("comparing")
    service = Service(Store.open(str(folder / "store")))
    ids = {}
    for method in ("erm", "prcl", "majority-class"):
        pack([RESULTS / method], folder / f"{method}.dgsub")
        receipt = service.receive((folder / f"{method}.dgsub").read_bytes(), OPERATOR)
        ids[method] = receipt.submission_id
    yield service, ids
    service.close()


def test_differences_are_those_of_the_scores(submitted):
    service, ids = submitted
    comparison = service.compare([ids["prcl"], ids["erm"], ids["majority-class"]])
    assert [row.method for row in comparison.rows] == ["prcl", "erm", "majority-class"]
    scores = {row.submission_id: row.hps for row in comparison.rows}
    assert len(comparison.pairs) == 3
    for pair in comparison.pairs:
        assert pair.difference == pytest.approx(scores[pair.first] - scores[pair.second], abs=1e-6)
        assert pair.low <= pair.difference <= pair.high
    assert comparison.pairs[0].p_value < 0.01
    # The first tier's best is one of them, and its row says of the others what Compare says.
    (best,) = (row for row in comparison.rows if row.rank == 1)
    turned = {"better": "worse", "worse": "better"}
    for row in comparison.rows:
        for pair in comparison.pairs:
            if row.rank and (pair.first, pair.second) == (row.submission_id, best.submission_id):
                assert row.against_best == pair.verdict
            if row.rank and (pair.first, pair.second) == (best.submission_id, row.submission_id):
                assert row.against_best == turned.get(pair.verdict, pair.verdict)


def test_every_score_of_a_row_is_compared_by_the_test_that_ranks(submitted):
    service, ids = submitted
    comparison = service.compare([ids["prcl"], ids["erm"]])
    by_name = {(score.score, score.part): score for score in comparison.scores}
    for row in comparison.rows:
        for name, by_pattern in (("found", row.found), ("trusted", row.trusted)):
            for pattern, value in by_pattern.items():
                estimate = by_name[name, pattern].values[row.submission_id]
                assert estimate.value == pytest.approx(value, abs=1e-6)
                assert estimate.low < value < estimate.high
        for name, value in (("up", row.up), ("mp", row.mp), ("retention", row.retention)):
            assert by_name[name, ""].values[row.submission_id].value == pytest.approx(value)
    assert len(by_name) == len(row.found) + len(row.trusted) + 3
    # One pattern is hidden, so its F is the score that ranks, and the verdicts are the same.
    (ranking,), (of_shape,) = comparison.pairs, by_name["found", "shape"].pairs
    assert (of_shape.first, of_shape.second, of_shape.verdict) == (
        *list(ids.values())[1::-1],
        "better",
    )
    assert ranking.verdict == of_shape.verdict
    assert of_shape.turned.verdict == "worse"
    assert (of_shape.turned.low, of_shape.turned.high) == (-of_shape.high, -of_shape.low)


def test_domains_tell_where_submissions_differ(submitted):
    from dgbench.results.folder import find_runs
    from dgbench.results.predictions import read_predictions
    from dgbench.submission.answer_key.answers import answers_of

    key = answers_of("mnist-color@1")
    service, ids = submitted
    by_name = {
        domain.domain: domain for domain in service.compare([ids["prcl"], ids["erm"]]).domains
    }
    right = {}
    for method in ("prcl", "erm"):
        files = [run / "predictions.parquet" for run in find_runs(RESULTS / method)]
        by_seed = [read_predictions(file, key=key) for file in files]
        seeds = [next(p for p in by_domain if p.domain == "up.color") for by_domain in by_seed]
        right[method] = np.array([p.pred == p.label for p in seeds])
    domain = by_name["up.color"]
    assert domain.n_images == 10_000
    for method, correct in right.items():
        assert domain.accuracy[ids[method]] == pytest.approx(correct.mean())
    a, b = (2 * correct.sum(axis=0) > 5 for correct in right.values())
    assert domain.n_differing == (a != b).sum()
    assert list(domain.differing) == np.flatnonzero(a != b)[:100].tolist()
    overlap = domain.overlap[ids["prcl"]]
    assert overlap[ids["erm"]] == pytest.approx((~a & ~b).sum() / (~a | ~b).sum())
    assert overlap[ids["prcl"]] == 1


@pytest.mark.parametrize(("n", "status"), [(1, 422), (7, 422)])
def test_two_to_six_submissions_are_compared(submitted, n, status):
    service, ids = submitted
    identifiers = [*ids.values(), "a", "b", "c", "d"][:n]
    with pytest.raises(RefusedError) as caught:
        service.compare(identifiers)
    assert caught.value.status == status


def test_an_unknown_submission_is_named(submitted):
    service, ids = submitted
    with pytest.raises(RefusedError, match="no submission 'x'"):
        service.compare([ids["erm"], "x"])
