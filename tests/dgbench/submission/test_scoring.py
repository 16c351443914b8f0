"""A score card follows from the predictions alone, on the client as on the server."""

import numpy as np
import pytest

from tests.dgbench.submission.making import good_bundle, predictions


def test_counts_are_those_of_a_plain_loop(data, answers):
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.scoring.score import score

    card = score(read_bundle(data))
    pred, _ = predictions()
    for name in answers.domains:
        part = answers.within(name)
        for seed in range(3):
            pairs = zip(pred[seed, part].tolist(), answers.labels[part].tolist(), strict=True)
            assert card.correct[name][seed] == sum(a == b for a, b in pairs)
    assert card.seeds == (0, 1, 2)
    assert card.standing == "provisional"


def test_scores_are_those_that_the_metrics_give_each_run(data, answers):
    from dgbench.metrics.ceilings import solo_ceilings
    from dgbench.metrics.scale import above_chance
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.scoring.score import score

    card = score(read_bundle(data))
    ceilings = solo_ceilings(answers.spec, answers.reference)["shape"]
    assert list(ceilings) == ["mp.color.mean", "mp.color.neutral", "mp.color.absent"]
    expected = np.mean(
        [
            above_chance(n_right / 1000, chance=0.1, ceiling=ceiling)
            for name, ceiling in ceilings.items()
            for n_right in card.correct[name]
        ]
    )
    assert card.hps == pytest.approx(expected, abs=1e-9)
    assert card.headline.estimate == card.hps
    assert card.headline.low < card.hps < card.headline.high


def test_calibration_is_that_of_real_probabilities(with_probabilities, answers):
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.scoring.score import score

    card = score(read_bundle(with_probabilities))
    _, units = predictions(with_probabilities=True)
    p = units.astype(float) / 65535
    for name, calibration in card.calibration.items():
        part = answers.within(name)
        label, of_domain = answers.labels[part], p[:, :, part]
        of_label = np.take_along_axis(of_domain, np.broadcast_to(label, of_domain[:1].shape), 0)
        assert calibration.nll == pytest.approx(-np.log(np.clip(of_label, 0.5 / 65535, 1)).mean())
        one_hot = np.eye(10)[label].T[:, None]
        assert calibration.brier == pytest.approx(((of_domain - one_hot) ** 2).sum(axis=0).mean())


def test_client_and_server_make_the_same_bytes(data, with_probabilities):
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.isolated.scorer import Scorer
    from dgbench.submission.scoring.evidence import Evidence, evidence_of
    from dgbench.submission.scoring.score import score

    with Scorer() as scorer:
        for submitted in (
            data,
            with_probabilities,
            good_bundle((5,)),
            good_bundle(tuple(range(5))),
        ):
            scored, bundle = scorer.score(submitted), read_bundle(submitted)
            assert scored.card.canonical == score(bundle).canonical
            written = evidence_of(bundle).to_bytes()
            assert scored.evidence.to_bytes() == written
            assert Evidence.from_bytes(written).to_bytes() == written
            assert scored.manifest.canonical == bundle.manifest.canonical
