"""Storing finished runs as reference results: what is kept, and which runs are refused."""

import json
import shutil
from pathlib import Path

import pytest

import baselines
from baselines.results import keeping
from dgbench.results.correctness import read_correct
from dgbench.results.folder import PREDICTIONS, read_record, run_folder, write_record
from dgbench.results.predictions import read_predictions, write_predictions
from dgbench.submission.answer_key.answers import answers_of

RESULTS = Path(baselines.__file__).parent / "results"


@pytest.fixture
def finished(tmp_path):
    """A finished run as training leaves it, with labels, made of a stored one."""
    (stored,) = (RESULTS / "reference" / "mnist-color@1" / "erm").glob("*/seed-0")
    record = read_record(stored)
    key = answers_of("mnist-color@1")
    folder = run_folder(tmp_path / "runs", record.configuration, 0)
    digest = write_predictions(
        folder / PREDICTIONS, read_predictions(stored / PREDICTIONS, key=key)
    )
    write_record(folder, record.model_copy(update={"predictions_digest": digest}))
    return folder


def kept(tmp_path, capsys):
    """The exit code, and what the command says."""
    code = keeping.keep(tmp_path / "runs", tmp_path / "stored")
    return code, capsys.readouterr().err


def test_a_finished_run_is_stored_once_and_reads_as_before(finished, tmp_path, capsys):
    assert kept(tmp_path, capsys)[0] == 0
    (file,) = (tmp_path / "stored").rglob(PREDICTIONS)
    record = read_record(file.parent)
    before = list(read_predictions(finished / PREDICTIONS))
    after = list(read_predictions(file, key=answers_of("mnist-color@1")))
    for given, again in zip(before, after, strict=True):
        assert given.domain == again.domain
        assert (given.pred == again.pred).all()
        assert (given.label == again.label).all()
    names = list(record.domains)
    hits = read_correct(file.parent, record, names)
    assert {name: hits[name].sum() for name in names} == {
        name: counts.correct for name, counts in record.domains.items()
    }
    assert (file.parent / "run.json").read_text().count("\n") == 1
    assert file.stat().st_size < 0.6 * (finished / PREDICTIONS).stat().st_size
    assert "0 runs stored, 1 were there" in kept(tmp_path, capsys)[1]


@pytest.mark.usefixtures("finished")
def test_labels_that_are_left_out_are_missed_only_without_the_key(tmp_path, capsys):
    from data_gen.foundation.errors import DGBenchError

    kept(tmp_path, capsys)
    (file,) = (tmp_path / "stored").rglob(PREDICTIONS)
    with pytest.raises(DGBenchError, match="leaves out the labels"):
        list(read_predictions(file))


def changed(folder, *path, value):
    """Set one field of a record, wherever it lies."""
    document = json.loads((folder / "run.json").read_bytes())
    inner = document
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    (folder / "run.json").write_text(json.dumps(document))


REFUSED = {
    "it is diverged": (("status",), "diverged"),
    "it is not official": (("configuration", "official"), False),
    "another source now": (("configuration", "method", "source_digest"), "0" * 64),
    "another spec now": (("configuration", "spec_digest"), "0" * 64),
    "backbone is another": (("configuration", "backbone"), "resnet18"),
    "budget is another": (("configuration", "steps"), 30),
    "not the defaults": (("configuration", "hyper_parameters", "learning_rate"), 0.5),
    "was changed": (("predictions_digest",), "0" * 64),
    "do not give its counts": (("domains", "id", "correct"), 1),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_run_that_cannot_be_a_reference_is_refused(finished, tmp_path, capsys, reason):
    path, value = REFUSED[reason]
    changed(finished, *path, value=value)
    code, said = kept(tmp_path, capsys)
    assert code == 1
    assert reason in said
    assert not (tmp_path / "stored").exists()


def test_the_run_of_an_oracle_is_passed_over(finished, tmp_path, capsys):
    changed(finished, "configuration", "train_domain", value="train.only.shape")
    code, said = kept(tmp_path, capsys)
    assert (code, "0 runs stored" in said, "0 refused" in said) == (0, True, True)


def test_a_run_at_work_is_left_for_the_next_time(finished, tmp_path, capsys):
    changed(finished, "status", value="running")
    code, said = kept(tmp_path, capsys)
    assert (code, "1 are unfinished" in said) == (0, True)


@pytest.mark.usefixtures("finished")
def test_a_run_of_earlier_sources_gives_way_to_its_successor(tmp_path, capsys):
    kept(tmp_path, capsys)
    (file,) = (tmp_path / "stored").rglob(PREDICTIONS)
    old = file.parents[2] / "000000000000" / "seed-0"
    shutil.move(file.parent, old)
    assert kept(tmp_path, capsys)[0] == 0
    assert not old.parent.exists()
    assert file.is_file()


@pytest.mark.usefixtures("finished")
def test_results_of_earlier_sources_count_as_missing(tmp_path, capsys):
    kept(tmp_path, capsys)
    stored = tmp_path / "stored"
    assert keeping.stored_seeds(stored) == {("mnist-color@1", "erm", 0)}
    (file,) = stored.rglob(PREDICTIONS)
    changed(file.parent, "configuration", "method", "source_digest", value="0" * 64)
    assert keeping.stored_seeds(stored) == set()
