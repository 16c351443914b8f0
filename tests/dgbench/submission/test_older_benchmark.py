"""Bundles of a benchmark that tests no pattern alone stay readable: they have T and no rank."""

import dataclasses
from types import SimpleNamespace

import pytest

from data_gen.foundation.errors import DGBenchError
from data_gen.spec import Spec
from tests.dgbench.submission.making import good_bundle

WITHOUT_SOLO = ("id", "up.color", "only.color", "only.shape", "conflict", "none")


@pytest.fixture(scope="module")
def older():
    """A good bundle, as if its benchmark did not list the domains `mp.color`."""
    from dgbench.submission.format.bundle import read_bundle

    bundle = read_bundle(good_bundle())
    document = bundle.answers.spec.model_dump(mode="json")
    spec = Spec.model_validate(document | {"domains": WITHOUT_SOLO})
    return dataclasses.replace(bundle, answers=bundle.answers._replace(spec=spec))


def test_the_card_has_trust_and_no_score_that_ranks(older):
    from dgbench.submission.scoring.card import ScoreCard
    from dgbench.submission.scoring.score import score

    card = score(older)
    assert card.hps is card.headline.estimate is card.headline.low is None
    assert card.headline.by_seed == ()
    assert card.found == {}
    assert card.trusted.keys() == {"shape", "color"}
    assert card.up is not None
    assert card.mp is None
    assert card.standing == "unranked"
    (flag,) = (flag for flag in card.flags if flag.code == "older-benchmark")
    assert (
        flag.detail
        == "mnist-color-5k@1 tests no pattern alone, so it has T and no HPS: not ranked."
    )
    assert ScoreCard.model_validate_json(card.canonical) == card


def test_there_is_no_evidence_to_rank_by_and_every_prediction_is_kept(older):
    from dgbench.submission.scoring.evidence import Evidence, evidence_of

    evidence = evidence_of(older)
    assert evidence.summary is evidence.replicates is None
    again = Evidence.from_bytes(evidence.to_bytes())
    assert again.summary is None
    assert {name: right.shape for name, right in again.correct().items()} == dict.fromkeys(
        older.answers.domains, (3, 1000)
    )


def test_there_is_no_claim_to_verify(older, monkeypatch):
    from dgbench.submission.scoring.evidence import evidence_of
    from dgbench.submission.scoring.score import score
    from dgbench.verification import claim

    scored = SimpleNamespace(card=score(older), evidence=evidence_of(older))
    monkeypatch.setattr(claim, "score_in_child", lambda _: scored)
    with pytest.raises(DGBenchError, match=r"Nothing ranks a submission to mnist-color-5k@1"):
        claim.read_claim(good_bundle())
