"""From run folders to a bundle."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import baselines
from data_gen.errors import DGBenchError, UsageError
from tests.dgbench.submission.making import BENCHMARK, predictions

RESULTS = Path(baselines.__file__).parent / "results" / "reference"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    """What check-method remembers here stays here."""
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
        found = _predictions(answers, pred[number], units[:, number] / 65535)
        digest = write_predictions(folder / PREDICTIONS, found)
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
    from dgbench.submission.bundle import read_bundle
    from dgbench.submission.packing import Details, pack

    packed = pack([runs], tmp_path / "a.dgsub", details=Details(authors=("A. Author",)))
    bundle = read_bundle(tmp_path / "a.dgsub")
    pred, units = predictions(with_probabilities=True)
    assert bundle.id == packed.bundle.id
    assert np.array_equal(bundle.pred, pred)
    assert np.abs(bundle.probabilities.astype(int) - units).max() <= 1
    assert bundle.manifest.method.entry_point == "baselines.erm:ERM"
    assert bundle.manifest.authors == ("A. Author",)
    assert bundle.manifest.seeds[0].cost is not None


def test_the_same_runs_give_the_same_bytes(runs, tmp_path):
    from dgbench.submission.packing import pack

    for name in ("a.dgsub", "b.dgsub"):
        pack([runs], tmp_path / name, with_probabilities=False)
    assert (tmp_path / "a.dgsub").read_bytes() == (tmp_path / "b.dgsub").read_bytes()


def test_check_method_takes_the_warning_away(runs, tmp_path):
    from dgbench.submission.conformance import remember
    from dgbench.submission.packing import pack
    from dgbench.submission.scoring import score

    packed = pack([runs], tmp_path / "a.dgsub")
    assert any("check-method" in warning for warning in packed.warnings)
    remember(packed.bundle.manifest.method.source_digest, passed=True)
    packed = pack([runs], tmp_path / "a.dgsub")
    assert not any("check-method" in warning for warning in packed.warnings)
    assert "unchecked-method" not in {flag.code for flag in score(packed.bundle).flags}


def test_changed_or_absent_predictions_are_named(runs, tmp_path):
    from dgbench.submission.packing import pack

    path = next(runs.rglob("predictions.parquet"))
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(DGBenchError, match="not what the run wrote"):
        pack([runs], tmp_path / "a.dgsub")
    path.unlink()
    with pytest.raises(DGBenchError, match="counts only"):
        pack([runs], tmp_path / "a.dgsub")
    assert not (tmp_path / "a.dgsub").exists()


def test_unofficial_runs_are_refused_with_the_code_of_the_leaderboard(runs, tmp_path):
    from dgbench.results.folder import write_record
    from dgbench.submission.packing import pack
    from dgbench.submission.rejection import RejectedError

    for folder in sorted(path.parent for path in runs.rglob("run.json")):
        write_record(folder, _with_seed_of_data(folder))
    with pytest.raises(RejectedError, match="E_GENERATOR_SEED"):
        pack([runs], tmp_path / "a.dgsub")


def _with_seed_of_data(folder):
    from dgbench.results.folder import read_record

    record = read_record(folder)
    changed = record.configuration.model_copy(update={"generator_seed": 5, "official": False})
    return record.model_copy(update={"configuration": changed})


def test_what_an_author_may_not_say_is_refused_by_its_code(runs, tmp_path):
    from dgbench.submission.packing import Details, pack
    from dgbench.submission.rejection import RejectedError

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
    from dgbench.submission.packing import pack

    with pytest.raises(UsageError, match=r"erm in .*erm/.* --each"):
        pack([RESULTS / "mnist-color@1" / name for name in ("erm", "prcl")], tmp_path / "a.dgsub")
    with pytest.raises(UsageError, match="no finished run"):
        pack([tmp_path], tmp_path / "a.dgsub")


def test_stored_reference_results_are_bundled_in_one_command(tmp_path):
    from dgbench.cli.main import run
    from dgbench.results.folder import find_runs, read_record
    from dgbench.submission.bundle import read_bundle
    from dgbench.submission.scoring import score

    folders = [str(RESULTS / "mnist-color@1" / name) for name in ("erm", "prcl")]
    assert run(["bundle", *folders, "--each", "-o", str(tmp_path)]) == 0
    paths = sorted(tmp_path.glob("*.dgsub"))
    assert len(paths) == 2
    card = score(read_bundle(paths[0]))
    assert (card.method, card.standing) == ("erm", "full")
    for folder in find_runs(RESULTS / "mnist-color@1" / "erm"):
        record = read_record(folder)
        place = card.seeds.index(record.seed)
        counted = {name: each[place] for name, each in card.correct.items()}
        assert counted == {name: counts.correct for name, counts in record.domains.items()}


def test_results_with_counts_only_cannot_be_bundled(tmp_path, capsys):
    from dgbench.cli.main import run

    place = RESULTS / "colored-mnist@1" / "erm"
    assert run(["bundle", str(place), "-o", str(tmp_path / "a.dgsub")]) == 1
    assert "counts only" in capsys.readouterr().err


def test_validate_prints_the_card_and_the_reason(data, tmp_path, capsys):
    from dgbench.cli.main import run

    good, bad = tmp_path / "good.dgsub", tmp_path / "bad.dgsub"
    good.write_bytes(data)
    bad.write_bytes(data[:-1])
    assert run(["validate", str(good)]) == 0
    assert "hidden-pattern score" in capsys.readouterr().out
    assert run(["validate", str(good), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["card"]["benchmark"] == BENCHMARK
    assert run(["validate", str(bad)]) == 1
    assert "E_ZIP" in capsys.readouterr().err
    assert run(["validate", str(bad), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["rejection"]["code"].startswith("E_ZIP")
    assert run(["validate", str(tmp_path / "none.dgsub")]) == 1


def test_published_digests_are_those_of_the_data(tmp_path):
    from dgbench.cli.main import run
    from dgbench.submission.published import SUFFIX, Published

    file = tmp_path / f"mnist-color-5k{SUFFIX}"
    assert run(["digests", "mnist-color-5k", "-o", str(file)]) == 0
    import data_gen.specs

    committed = Path(data_gen.specs.__file__).with_name(file.name)
    made = Published.model_validate_json(file.read_text())
    assert made == Published.model_validate_json(committed.read_text())


def test_every_benchmark_with_references_has_answers_that_fit_its_digests():
    """Making the answers compares them with the digests."""
    import data_gen.specs
    from data_gen.spec_files import find_spec
    from dgbench.references import SUFFIX
    from dgbench.submission.answers import answers_of

    names = [
        path.name.removesuffix(SUFFIX)
        for path in Path(data_gen.specs.__file__).parent.glob(f"*{SUFFIX}")
    ]
    assert names
    for name in names:
        found = answers_of(find_spec(name).id)
        assert found is not None, f"dgbench digests {name} has not been run"
        assert set(found.published.splits) == {"train", *found.domains}


def test_a_benchmark_whose_digests_are_of_other_labels_is_not_scored(answers):
    from dgbench.submission.answers import make_answers

    wrong = answers.published.splits["id"].model_copy(update={"labels": "0" * 64})
    splits = {**answers.published.splits, "id": wrong}
    published = answers.published.model_copy(update={"splits": splits})
    with pytest.raises(DGBenchError, match="not the published ones"):
        make_answers(answers.spec, published, answers.reference)


def test_a_bundle_is_removed_from_no_run(runs, tmp_path):
    """Bundling reads runs and changes nothing in them."""
    from dgbench.submission.packing import pack

    before = tmp_path / "before"
    shutil.copytree(runs, before)
    pack([runs], tmp_path / "a.dgsub")
    for path in before.rglob("*"):
        if path.is_file():
            assert (runs / path.relative_to(before)).read_bytes() == path.read_bytes()
