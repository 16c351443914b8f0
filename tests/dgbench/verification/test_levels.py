"""Replay and fresh seeds on given predictions: what passes, what fails, what is refused."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.generator import Generator
from data_gen.sources import load_sources
from dgbench.submission.answer_key.answers import answers_of
from dgbench.submission.format.rejection import RejectedError
from dgbench.verification import exact_replay, fresh_seeds, verify
from dgbench.verification.claim import check_sources, find_code, read_claim
from dgbench.verification.fresh_answers import with_generator_seed
from dgbench.verification.verify import Request, Verification
from tests.dgbench.submission.making import BENCHMARK
from tests.dgbench.verification.bundles import SEEDS, a_run, bundle_of, guesses
from tests.dgbench.verification.trainings import (
    COMMITMENT,
    ERM,
    honest,
    poor,
    read_once,
)


@pytest.fixture(scope="module")
def data():
    """A claim of three seeds that are right on nearly the same share of the images."""
    pred = np.stack([guesses(0.5 + 0.01 * seed, seed) for seed in SEEDS])
    return bundle_of(pred, method=ERM)


@pytest.fixture(scope="module")
def claim(data):
    return read_once(data)


def verified(monkeypatch, data, level, make, **asked):
    """The record of a verification whose trainings are `make(claim, seed, generator_seed)`."""

    def retrain(claim, *_, seed, generator_seed=None, **__):
        return make(claim, seed, generator_seed)

    monkeypatch.setattr(verify, "retrain", retrain)
    monkeypatch.setattr(verify, "read_claim", read_once)
    return Verification(data, Request(level=level, **asked)).run(COMMITMENT)


def test_the_same_predictions_pass_a_replay(monkeypatch, data):
    record = verified(monkeypatch, data, "replay", honest)
    assert record.passed
    assert record.replay.claimed_digest == record.replay.reproduced_digest
    assert set(record.replay.agreement.values()) == {1.0}
    assert record.replay.seed in SEEDS
    assert record.summary.endswith("predicts the very same, image by image.")


def test_a_seed_can_be_requested(monkeypatch, data):
    assert verified(monkeypatch, data, "replay", honest, seed=2).replay.seed == 2
    with pytest.raises(UsageError, match=r"has no seed 9\. It declares 0, 1, 2\."):
        Verification(data, Request(seed=9))


def test_a_few_other_predictions_pass_a_replay_and_more_do_not(monkeypatch, data):
    def nearly(n_other):
        def make(claim, seed, _):
            pred = guesses(0.5 + 0.01 * seed, seed)
            pred[:n_other] = (pred[:n_other] + 1) % 10
            return a_run(claim, pred)

        return make

    few = verified(monkeypatch, data, "replay", nearly(8))
    assert few.passed
    assert few.replay.total_agreement == pytest.approx(0.999)
    assert few.replay.agreement["id"] == pytest.approx(0.992)
    assert few.replay.claimed_digest != few.replay.reproduced_digest
    many = verified(monkeypatch, data, "replay", nearly(9))
    assert many.verdict == "failed"
    assert "99.89% of the images (least on id: 99.10%; needed: 99.9%)" in many.summary


def test_fabricated_predictions_fail_both_levels(monkeypatch, data):
    replay = verified(monkeypatch, data, "replay", poor)
    assert replay.verdict == "failed"
    assert replay.replay.claimed.headline > replay.replay.reproduced.headline + 0.3
    fresh = verified(monkeypatch, data, "fresh-seed", poor)
    assert fresh.verdict == "failed"
    assert fresh.fresh.reproduced.headline < fresh.fresh.low
    assert "outside the 95% prediction interval" in fresh.summary


def test_another_machine_makes_a_replay_inconclusive(monkeypatch, data):
    def elsewhere(claim, seed, _):
        return a_run(claim, guesses(0.2, seed), device="Another processor")

    record = verified(monkeypatch, data, "replay", elsewhere)
    assert record.verdict == "inconclusive"
    assert not record.passed
    assert record.replay.differing == ("device A processor, here Another processor",)
    assert "Another machine or version can differ so much without fault" in record.summary


def test_an_honest_claim_passes_fresh_seeds(monkeypatch, data, claim):
    record = verified(monkeypatch, data, "fresh-seed", honest, n_runs=4)
    assert record.passed
    assert record.fresh.score == "hps"
    assert record.fresh.claimed_by_seed == pytest.approx(
        dict(zip(SEEDS, claim.card.headline.by_seed, strict=True))
    )
    pairs = {(run.generator_seed, run.seed) for run in record.fresh.runs}
    assert len(pairs) == 4
    assert fresh_seeds.holds(record.fresh)
    assert record.fresh.claimed.headline == claim.card.headline.estimate
    assert "within the 95% prediction interval" in record.summary


def test_labels_that_are_drawn_anew_cannot_be_memorised(monkeypatch, data):
    """The glyphs stay, and with them the labels of domains that keep the shape."""

    def by_heart(claim, seed, _):
        return a_run(claim, guesses(0.51, seed))

    accuracy = verified(monkeypatch, data, "fresh-seed", by_heart).fresh.reproduced.accuracy
    assert accuracy["only.color"] == pytest.approx(0.1, abs=0.03)
    assert accuracy["up.color"] == pytest.approx(0.51, abs=0.05)


def test_too_few_seeds_or_runs_are_refused(monkeypatch, data, claim):
    seeds = claim.bundle.manifest.seeds[:2]
    with pytest.raises(UsageError, match=r"A claim of 2 seed\(s\) .* Use --level replay"):
        fresh_seeds.check_claim(with_manifest(claim, seeds=seeds), 3)
    monkeypatch.setattr(verify, "read_claim", read_once)
    with pytest.raises(UsageError, match=r"with 2 fresh run\(s\)"):
        Verification(data, Request(level="fresh-seed", n_runs=2))
    with pytest.raises(UsageError, match="leave out --seed"):
        Verification(data, Request(level="fresh-seed", seed=1))


def with_manifest(claim, **changes):
    """The claim with another manifest, whatever its predictions are."""
    manifest = claim.bundle.manifest.model_copy(update=changes)
    return replace(claim, bundle=replace(claim.bundle, manifest=manifest))


def test_another_source_of_the_method_is_refused(tmp_path, claim):
    def by(**changes):
        method = claim.bundle.manifest.method.model_copy(update=changes)
        return with_manifest(claim, method=method)

    with pytest.raises(
        DGBenchError, match=r"is not installed here\. Install some-package 1\.0, or"
    ):
        find_code(by(name="none-such"))
    changed = by(source_digest="cd" * 32)
    both = f"erm' has SHA-256 {ERM['source_digest']}, the submission was made with {'cd' * 32}"
    with pytest.raises(DGBenchError, match=both):
        find_code(changed)
    file = tmp_path / "method.py"
    file.write_text("class Method: ...\n")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    with pytest.raises(DGBenchError, match=rf"has SHA-256 {digest}, the .* with {'cd' * 32}"):
        find_code(changed, f"{file}:Method")
    assert find_code(by(source_digest=digest), f"{file}:Method").content == file.read_bytes()
    assert find_code(claim).content is None


def test_other_data_are_refused(monkeypatch, data, claim):
    def other_data(claim, seed, generator_seed):
        run = honest(claim, seed, generator_seed)
        counts = run.record.domains["id"]
        moved = counts.data.model_copy(update={"pixels": "ee" * 32})
        domains = {**run.record.domains, "id": counts.model_copy(update={"data": moved})}
        return run._replace(record=run.record.model_copy(update={"domains": domains}))

    claimed = claim.bundle.manifest.benchmark.domains["id"].pixels
    with pytest.raises(DGBenchError, match=rf"differ in 'id': .* here {'ee' * 32}.*{claimed}"):
        verified(monkeypatch, data, "replay", other_data)


def test_other_glyphs_are_refused(claim):
    check_sources(claim, ())
    other = load_sources(["mnist-5k"])["mnist-5k"]
    assert other.digest == claim.bundle.manifest.benchmark.sources["mnist-5k"]
    sources = {"mnist-5k": "ff" * 32}
    benchmark = claim.bundle.manifest.benchmark.model_copy(update={"sources": sources})
    moved = with_manifest(claim, benchmark=benchmark)
    with pytest.raises(DGBenchError, match=f"has SHA-256 {other.digest}, .* with {'ff' * 32}"):
        check_sources(moved, ())


def test_another_spec_is_refused(claim):
    with pytest.raises(RejectedError, match="E_SPEC_DIGEST"):
        read_claim(bundle_of(claim.bundle.pred, benchmark={"spec_digest": "ab" * 32}))


def test_labels_of_other_generator_seeds_match_the_rendered_images():
    answers = answers_of(BENCHMARK)
    assert np.array_equal(with_generator_seed(answers, 0).labels, answers.labels)
    fresh = with_generator_seed(answers, 17)
    assert not np.array_equal(fresh.labels, answers.labels)
    spec = answers.spec
    generator = Generator(spec, load_sources(spec.sources), seed=17)
    for name in answers.domains:
        chunks = [chunk for _, chunk in generator.chunks(generator.split(name))]
        labels = np.concatenate([chunk.labels for chunk in chunks])
        assert np.array_equal(labels, fresh.labels[fresh.within(name)]), name


def test_differences_name_both_sides(claim):
    there = claim.environment
    here = there.model_copy(update={"cpu_threads": 2, "packages": {"python": "3.11", "torch": "2"}})
    assert exact_replay.differences(there, there) == ()
    assert exact_replay.differences(there, here) == (
        "cpu_threads 1, here 2",
        "dgbench 0.1.0, here none",
        "torch none, here 2",
    )
