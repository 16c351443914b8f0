"""`dgbench bundle`, `validate` and `digests`, on results and data that are real."""

import json
import shutil
from pathlib import Path

import pytest

import baselines
from tests.dgbench.submission.making import BENCHMARK, good_bundle

RESULTS = Path(baselines.__file__).parent / "results" / "reference"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    """Ignores the outcomes of check-method that this machine remembers."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_stored_reference_results_are_bundled_in_one_command(tmp_path):
    from dgbench.cli.main import run
    from dgbench.results.folder import find_runs, read_record
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.scoring.score import score

    folders = [str(RESULTS / "mnist-color@1" / name) for name in ("erm", "prcl")]
    assert run(["bundle", *folders, "--each", "-o", str(tmp_path)]) == 0
    paths = sorted(tmp_path.glob("*.dgsub"))
    assert len(paths) == 2
    card = score(read_bundle(paths[0]))
    assert (card.method, card.standing) == ("erm", "full")
    for folder in find_runs(RESULTS / "mnist-color@1" / "erm"):
        record = read_record(folder)
        place = card.seeds.index(record.seed)
        counted = {name: by_seed[place] for name, by_seed in card.correct.items()}
        assert counted == {name: counts.correct for name, counts in record.domains.items()}


def test_results_with_counts_only_cannot_be_bundled(tmp_path, capsys):
    from dgbench.cli.main import run

    place = tmp_path / "erm"
    without_predictions = shutil.ignore_patterns("predictions.parquet")
    shutil.copytree(RESULTS / "mnist-color-5k@1" / "erm", place, ignore=without_predictions)
    assert run(["bundle", str(place), "-o", str(tmp_path / "a.dgsub")]) == 1
    assert "counts only" in capsys.readouterr().err


def test_the_card_of_an_older_version_names_the_newer_one(capsys):
    from dgbench.cli.cards import print_card
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.scoring.score import score

    card = score(read_bundle(good_bundle()))
    print_card(card)
    assert "older version" not in capsys.readouterr().out
    print_card(card.model_copy(update={"benchmark": "mnist-ladder@1"}))
    told = " ".join(capsys.readouterr().out.split())
    assert "Note: mnist-ladder@1 is an older version: the board asks for mnist-ladder@2." in told


def test_validate_prints_the_card_and_the_reason(tmp_path, capsys):
    from dgbench.cli.main import run

    good, bad = tmp_path / "good.dgsub", tmp_path / "bad.dgsub"
    good.write_bytes(good_bundle())
    bad.write_bytes(good_bundle()[:-1])
    assert run(["validate", str(good)]) == 0
    assert "hidden-pattern score" in capsys.readouterr().out
    assert run(["validate", str(good), "--json"]) == 0
    accepted = json.loads(capsys.readouterr().out)
    assert accepted["card"]["benchmark"] == BENCHMARK
    assert accepted["newer_version"] is None
    assert run(["validate", str(bad)]) == 1
    assert "E_ZIP" in capsys.readouterr().err
    assert run(["validate", str(bad), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["rejection"]["code"].startswith("E_ZIP")
    assert run(["validate", str(tmp_path / "none.dgsub")]) == 1


def test_published_digests_are_those_of_the_data(tmp_path):
    from dgbench.cli.main import run
    from dgbench.submission.answer_key.published import SUFFIX, Published

    file = tmp_path / f"mnist-color-5k{SUFFIX}"
    assert run(["digests", "mnist-color-5k", "-o", str(file)]) == 0
    import data_gen.specs

    committed = Path(data_gen.specs.__file__).with_name(file.name)
    made = Published.model_validate_json(file.read_text())
    assert made == Published.model_validate_json(committed.read_text())
