"""Packing run folders into a bundle."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import baselines
from data_gen.foundation.errors import DGBenchError, UsageError
from tests.dgbench.submission.making import BENCHMARK, predictions

RESULTS = Path(baselines.__file__).parent / "results" / "reference"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    """Keeps the outcomes of check-method in a folder of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def runs(tmp_path, answers):
    """Three finished runs with predictions, as training leaves them, below the returned folder."""
    from dgbench.results.folder import PREDICTIONS, run_folder, write_record
    from dgbench.results.predictions import write_predictions

    pred, units = predictions(with_probabilities=True)
    for number, seed in enumerate((0, 1, 2)):
        record = _record(seed, answers)
        folder = run_folder(tmp_path / "runs", record.configuration, seed)
        of_run = _predictions(answers, pred[number], units[:, number] / 65535)
        digest = write_predictions(folder / PREDICTIONS, of_run)
        write_record(folder, record.model_copy(update={"predictions_digest": digest}))
    return tmp_path / "runs"


def _record(seed, answers, **changes):
    from dgbench.results.folder import find_runs, read_record

    real = read_record(next(find_runs(RESULTS / "mnist-color@1" / "erm")))
    published = answers.published
    configuration = real.configuration.model_copy(
        update={
            "benchmark": BENCHMARK,
            "spec_digest": published.spec_digest,
            "sources": {
                name: real.configuration.sources["mnist"].model_copy(
                    update={"name": name, "digest": digest}
                )
                for name, digest in published.sources.items()
            },
            **changes,
        }
    )
    counts = next(iter(real.domains.values()))
    return real.model_copy(
        update={
            "configuration": configuration,
            "seed": seed,
            "train": published.splits["train"],
            "domains": {
                name: counts.model_copy(update={"data": published.splits[name]})
                for name in answers.domains
            },
        }
    )


def _predictions(answers, pred, probabilities):
    from dgbench.results.predictions import Predictions

    for name in answers.domains:
        part = answers.within(name)
        yield Predictions(
            domain=name,
            image_id=answers.image_id[part],
            label=answers.labels[part].astype(np.int64),
            pred=pred[part].astype(np.int64),
            probabilities=probabilities[:, part].T,
        )


def test_a_bundle_holds_what_the_runs_predicted(runs, tmp_path):
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.pack.packing import Details, pack

    packed = pack([runs], tmp_path / "a.dgsub", details=Details(authors=("A. Author",)))
    bundle = read_bundle(tmp_path / "a.dgsub")
    pred, units = predictions(with_probabilities=True)
    assert bundle.id == packed.bundle.id
    assert np.array_equal(bundle.pred, pred)
    assert np.abs(bundle.probabilities.astype(int) - units).max() <= 1
    assert bundle.manifest.method.entry_point == "baselines.erm:ERM"
    assert bundle.manifest.authors == ("A. Author",)
    assert bundle.manifest.seeds[0].cost is not None
    assert set(bundle.manifest.seeds[0].probes) == {"shape", "color"}


def test_runs_without_a_test_are_left_out_and_refused_alone(runs, answers, tmp_path):
    from dgbench.results.folder import run_folder, write_record
    from dgbench.submission.pack.packing import pack

    untested = _record(7, answers, development_only=True)
    untested = untested.model_copy(update={"domains": {}, "development": untested.domains})
    folder = run_folder(tmp_path / "only", untested.configuration, 7)
    write_record(folder, untested)
    with pytest.raises(UsageError, match="made with --development-only: no test domain was drawn"):
        pack([tmp_path / "only"], tmp_path / "a.dgsub")
    assert not (tmp_path / "a.dgsub").exists()
    assert pack([runs, tmp_path / "only"], tmp_path / "a.dgsub").bundle.seeds == (0, 1, 2)


def test_a_benchmark_on_which_methods_are_developed_takes_no_entry():
    from dgbench.lists.development import DEVELOPMENT
    from dgbench.submission.format.bundle import target_answers
    from dgbench.submission.format.rejection import RejectedError

    for name in DEVELOPMENT:
        with pytest.raises(RejectedError, match=f"Methods are developed on {name}@1, so it ranks"):
            target_answers(f"{name}@1")
    assert target_answers(BENCHMARK).spec.id == BENCHMARK


def test_the_same_runs_give_the_same_bytes(runs, tmp_path):
    from dgbench.submission.pack.packing import pack

    for name in ("a.dgsub", "b.dgsub"):
        pack([runs], tmp_path / name, with_probabilities=False)
    assert (tmp_path / "a.dgsub").read_bytes() == (tmp_path / "b.dgsub").read_bytes()


def test_a_passed_check_method_removes_the_warning(runs, tmp_path):
    from dgbench.submission.pack.conformance import remember
    from dgbench.submission.pack.packing import pack
    from dgbench.submission.scoring.score import score

    # The reference results bring an outcome for erm, which one of this machine replaces.
    source_digest = pack([runs], tmp_path / "a.dgsub").bundle.manifest.method.source_digest
    remember(source_digest, passed=False)
    packed = pack([runs], tmp_path / "a.dgsub")
    assert any("check-method" in warning for warning in packed.warnings)
    remember(source_digest, passed=True)
    packed = pack([runs], tmp_path / "a.dgsub")
    assert not any("check-method" in warning for warning in packed.warnings)
    assert "unchecked-method" not in {flag.code for flag in score(packed.bundle).flags}


def test_a_yardstick_says_so_and_is_never_ranked(runs, tmp_path):
    from dgbench.results.folder import read_record, write_record
    from dgbench.submission.pack.packing import pack
    from dgbench.submission.scoring.score import score

    without = pack([runs], tmp_path / "a.dgsub").bundle.manifest
    assert not without.method.is_yardstick
    assert b"is_yardstick" not in without.canonical
    for folder in sorted(path.parent for path in runs.rglob("run.json")):
        write_record(folder, read_record(folder).model_copy(update={"is_yardstick": True}))
    packed = pack([runs], tmp_path / "b.dgsub")
    assert packed.bundle.manifest.method.is_yardstick
    assert score(packed.bundle).standing == "yardstick"
    assert "erm is a yardstick: it is drawn, not ranked." in packed.warnings


def test_a_paradigm_is_told_from_the_records_and_a_network_says_nothing(runs, tmp_path):
    from dgbench.results.folder import read_record, write_record
    from dgbench.submission.pack.packing import pack
    from dgbench.submission.scoring.score import score
    from leaderboard.intake.scoring import facts_of

    without = pack([runs], tmp_path / "a.dgsub").bundle
    assert b"paradigm" not in without.manifest.canonical
    assert facts_of(score(without), without.manifest).paradigm == "network"
    for folder in sorted(path.parent for path in runs.rglob("run.json")):
        write_record(folder, read_record(folder).model_copy(update={"paradigm": "spiking"}))
    told = pack([runs], tmp_path / "b.dgsub").bundle
    assert told.manifest.schema_version == 2
    assert facts_of(score(told), told.manifest).paradigm == "spiking"


def test_records_without_the_fact_have_it_from_the_installed_source(runs, tmp_path):
    from dgbench.registry import find_method
    from dgbench.results.folder import read_record, run_folder, write_record
    from dgbench.submission.format.alignment import Aligned
    from dgbench.submission.pack.claims import Details, manifest_of
    from dgbench.submission.pack.runs import configurations

    installed = find_method("shape-only")
    record = read_record(next(runs.rglob("run.json")).parent)
    for digest, expected in ((installed.source_digest, True), ("0" * 64, False)):
        method = record.configuration.method.model_copy(
            update={"name": installed.name, "source_digest": digest}
        )
        setup = record.configuration.model_copy(update={"method": method})
        place = tmp_path / digest
        write_record(
            run_folder(place, setup, 0), record.model_copy(update={"configuration": setup})
        )
        (one_method,) = configurations([place])
        pred, units = predictions((0,), with_probabilities=True)
        manifest = manifest_of(one_method, Details(), Aligned(pred, units))
        assert manifest.method.is_yardstick is expected


def test_a_seed_that_diverged_is_told_and_the_entry_gave_up_the_task(runs, tmp_path):
    from dgbench.results.folder import read_record, run_folder, write_record
    from dgbench.submission.pack.packing import pack
    from dgbench.submission.scoring.score import score

    record = read_record(next(runs.rglob("run.json")).parent)
    for seed, status in ((7, "diverged"), (8, "interrupted"), (9, "diverged")):
        changed = record.model_copy(update={"seed": seed, "status": status, "domains": {}})
        write_record(run_folder(runs, record.configuration, seed), changed)
    packed = pack([runs], tmp_path / "a.dgsub")
    assert packed.bundle.manifest.diverged == (7, 9)
    assert score(packed.bundle).standing == "gave-up"
    assert "Left out because unfinished: seed(s) 8." in packed.warnings
    assert any(warning.startswith("Seed(s) 7, 9 diverged: ") for warning in packed.warnings)


def test_changed_or_absent_predictions_are_named(runs, tmp_path):
    from dgbench.submission.pack.packing import pack

    path = next(runs.rglob("predictions.parquet"))
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(DGBenchError, match="was changed after the run"):
        pack([runs], tmp_path / "a.dgsub")
    path.unlink()
    with pytest.raises(DGBenchError, match="counts only"):
        pack([runs], tmp_path / "a.dgsub")
    assert not (tmp_path / "a.dgsub").exists()


def test_unofficial_runs_are_refused_with_the_code_of_the_leaderboard(runs, tmp_path):
    from dgbench.results.folder import write_record
    from dgbench.submission.format.rejection import RejectedError
    from dgbench.submission.pack.packing import pack

    for folder in sorted(path.parent for path in runs.rglob("run.json")):
        write_record(folder, _with_seed_of_data(folder))
    with pytest.raises(RejectedError, match="E_GENERATOR_SEED"):
        pack([runs], tmp_path / "a.dgsub")


def _with_seed_of_data(folder):
    from dgbench.results.folder import read_record

    record = read_record(folder)
    changed = record.configuration.model_copy(update={"generator_seed": 5, "official": False})
    return record.model_copy(update={"configuration": changed})


def test_invalid_details_of_an_author_are_refused_with_their_code(runs, tmp_path):
    from dgbench.submission.format.rejection import RejectedError
    from dgbench.submission.pack.packing import Details, pack

    for details, code in (
        (Details(code_url="http://example.org"), "E_URL"),
        (Details(description="a" * 501), "E_SCHEMA"),
        (Details(display_name="two\nlines"), "E_TEXT"),
        (Details(n_trials=9), "E_SCHEMA"),
        (Details(model_card="\x1b[2J"), "E_TEXT"),
    ):
        with pytest.raises(RejectedError, match=code):
            pack([runs], tmp_path / "a.dgsub", details=details)
    assert not (tmp_path / "a.dgsub").exists()


def test_several_configurations_are_named(tmp_path):
    from dgbench.submission.pack.packing import pack

    with pytest.raises(UsageError, match=r"erm in .*erm/.* --each"):
        pack([RESULTS / "mnist-color@1" / name for name in ("erm", "prcl")], tmp_path / "a.dgsub")
    with pytest.raises(UsageError, match="no finished run"):
        pack([tmp_path], tmp_path / "a.dgsub")


def test_every_benchmark_with_references_has_answers_that_fit_its_digests():
    """Making the answers compares them with the digests."""
    import data_gen.specs
    from data_gen.spec_files import companion_name, registered
    from dgbench.references import SUFFIX
    from dgbench.submission.answer_key.answers import answers_of

    folder = Path(data_gen.specs.__file__).parent
    names = [name for name in registered() if (folder / companion_name(name, SUFFIX)).is_file()]
    assert len(names) == len(list(folder.glob(f"*{SUFFIX}")))
    assert names
    for name in names:
        key = answers_of(name)
        assert key is not None, f"dgbench digests {name} has not been run"
        assert set(key.published.splits) == {"train", *key.domains}


def test_a_benchmark_whose_digests_are_of_other_labels_is_not_scored(answers):
    from dgbench.submission.answer_key.answers import make_answers

    wrong = answers.published.splits["id"].model_copy(update={"labels": "0" * 64})
    splits = {**answers.published.splits, "id": wrong}
    published = answers.published.model_copy(update={"splits": splits})
    with pytest.raises(DGBenchError, match="not the published ones"):
        make_answers(answers.spec, published, answers.reference)


def test_packing_changes_nothing_in_the_runs(runs, tmp_path):
    """Bundling reads runs and changes nothing in them."""
    from dgbench.submission.pack.packing import pack

    before = tmp_path / "before"
    shutil.copytree(runs, before)
    pack([runs], tmp_path / "a.dgsub")
    for path in before.rglob("*"):
        if path.is_file():
            assert (runs / path.relative_to(before)).read_bytes() == path.read_bytes()
