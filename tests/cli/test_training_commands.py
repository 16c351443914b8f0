"""Training, evaluating, and the commands about methods, as a user types them."""

import json
import os
from pathlib import Path

import pytest

from dgbench.results.folder import find_runs, read_record
from tests.cli.terminal import assert_refused, dgbench

SHORT = ("--steps", 8, "--batch-size", 32)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train")
    done = dgbench("train", "erm", "mnist-color-5k", "--seeds", "0-1", *SHORT, folder=folder)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_training_prints_a_table_and_leaves_records_and_a_plot(trained):
    folder, done = trained
    assert "erm on mnist-color-5k@1, seed(s) 0, 1" in done.stdout
    for what in ("up.color", "nothing says the class", "reliance on color in conflict"):
        assert what in done.stdout
    runs = list(find_runs(folder / "runs"))
    assert [run.name for run in runs] == ["seed-0", "seed-1"]
    assert all(read_record(run).status == "done" for run in runs)
    assert (runs[0].parent / "domains.png").read_bytes().startswith(b"\x89PNG")


def test_training_without_test_domains_says_so_everywhere(trained):
    folder, _ = trained
    command = ("train", "erm", "mnist-color-5k", *SHORT, "--development-only", "--out", "only")
    done = dgbench(*command, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "No test domain was drawn." in done.stdout
    assert "dev.up.color" in done.stdout
    (place,) = (folder / "only" / "mnist-color-5k@1" / "erm").glob("*-development-only")
    shown = json.loads(dgbench(*command, "--json", folder=folder).stdout)
    assert [run["development_only"] for run in shown] == [True]
    assert_refused(dgbench("bundle", place, "-o", "a.dgsub", folder=folder), 2, "no test domain")
    report = dgbench("report", place, folder=folder)
    assert "mnist-color-5k@1, development domains only; track" in report.stdout
    nothing = ("--methods", "erm", "--benchmarks", "mnist-color-5k", "--no-development")
    refused = dgbench("sweep", *nothing, "--development-only", folder=folder)
    assert_refused(refused, 2, "leave nothing to evaluate")


def test_training_again_repeats_nothing_and_json_has_the_scores(trained):
    folder, _ = trained
    before = [(run / "run.json").stat().st_mtime_ns for run in find_runs(folder / "runs")]
    again = dgbench(
        "train", "erm", "mnist-color-5k", "--seeds", "0,1", *SHORT, "--json", folder=folder
    )
    runs = json.loads(again.stdout)
    assert [run["seed"] for run in runs] == [0, 1]
    assert set(runs[0]["scores"]["accuracy"]) >= {"id", "up.color", "conflict"}
    assert before == [(run / "run.json").stat().st_mtime_ns for run in find_runs(folder / "runs")]


def test_evaluating_again_gives_the_same_predictions(trained):
    folder, _ = trained
    run = next(find_runs(folder / "runs"))
    before = read_record(run)
    done = dgbench("evaluate", run, folder=folder)
    assert done.returncode == 0, done.stderr
    assert read_record(run).predictions_digest == before.predictions_digest
    assert read_record(run).domains == before.domains


def test_ceilings_measure_every_pattern_and_erm(tmp_path):
    spec = Path(__file__).parents[2] / "data_gen" / "specs" / "mnist-color-5k.yaml"
    mine = tmp_path / "mine.yaml"
    mine.write_text(spec.read_text().replace("name: mnist-color-5k", "name: my-set"))
    done = dgbench("ceilings", "mine.yaml", "--seeds", "0", *SHORT, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    reference = json.loads((tmp_path / "my-set.reference.json").read_text())
    assert set(reference["oracles"]) == {"shape", "color"}
    alone = reference["oracles"]["shape"]
    assert set(alone["solo"]) == {f"mp.color.{how}" for how in ("mean", "neutral", "absent")}
    assert 0 < alone["untrained_probe"][0] < 1
    assert len(alone["probe"]) == len(alone["only"]) == 1
    assert "ceiling of shape on mp.color.mean" in done.stdout
    assert "probe of shape before training" in done.stdout
    # Few steps leave a ceiling near chance, which is told and not divided by.
    after = dgbench("train", "erm", "mine.yaml", *SHORT, folder=tmp_path)
    assert after.returncode == 0, after.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ermm", "mnist-color-5k"], 2, "Did you mean 'erm'"),
        (["erm", "mnist-colour"], 2, "Did you mean 'mnist-color'"),
        (["erm", "mnist-color-5k", "--set", "learning_rte=1"], 2, "Did you mean 'learning_rate'"),
        (["erm", "mnist-color-5k", "--set", "learning_rate=-1"], 2, "greater than 0"),
        (["erm", "mnist-color-5k", "--set", "learning_rate"], 2, "Write --set name=value"),
        (["erm", "mnist-color-5k", "--seeds", "a-b"], 2, "Write 0-4 or 0,3,7"),
        (["erm", "mnist-color-5k", "--backbone", "small-cn"], 2, "Did you mean 'small-cnn'"),
        (["erm", "mnist-color-5k", "--devices", "3", "--batch-size", "32"], 2, "evenly by 3"),
        (["erm", "mnist-color-5k", "--accelerator", "gpu"], 1, "Use --accelerator cpu"),
        (["erm", "mnist-color-5k", "--precision", "31"], 2, "--precision"),
        (["erm", "mnist-color-5k", "--strategy", "dpp", "--devices", "2"], 2, "--strategy"),
        (["erm", "mnist-color-5k", "--resume", "--force"], 2, "give one of them"),
        (["missing.py:A", "mnist-color-5k"], 2, "There is no file"),
        (["erm", "mnist-color-5k", "--out", "/proc/nothing"], 1, "Cannot write"),
    ],
)
def test_a_mistake_is_one_clear_line(tmp_path, arguments, code, message):
    if "gpu" in arguments and _has_gpu():
        pytest.skip("a GPU is here")
    assert_refused(dgbench("train", *arguments, *_short(arguments), folder=tmp_path), code, message)


def _short(arguments):
    return [] if "--batch-size" in arguments else SHORT


def _has_gpu():
    import torch

    return torch.cuda.is_available()


def test_a_diverged_seed_is_reported_and_the_others_go_on(tmp_path):
    (tmp_path / "odd.py").write_text(
        "import torch.nn.functional as F\nfrom dgbench.api import *\n"
        "class Odd(LossMethod):\n    '''Fails under one seed.'''\n"
        "    def loss(self, batch):\n"
        "        loss = F.cross_entropy(self(batch.images), batch.labels)\n"
        "        return {'ce': loss * (float('nan') if batch.seed == 0 else 1)}\n"
    )
    done = dgbench(
        "train", "odd.py:Odd", "mnist-color-5k", "--seeds", "0-1", *SHORT, folder=tmp_path
    )
    assert done.returncode == 1
    assert "seed(s) 1;" in done.stdout
    assert "seed 0: The loss is not a number" in done.stderr
    assert "1 of 2 run(s) did not end as they should" in done.stderr
    statuses = [read_record(run).status for run in find_runs(tmp_path / "runs")]
    assert statuses == ["diverged", "done"]


def test_methods_are_listed_and_shown(tmp_path):
    listed = dgbench("methods", folder=tmp_path)
    assert "erm" in listed.stdout
    assert "Vapnik" in listed.stdout
    names = {
        card["name"] for card in json.loads(dgbench("methods", "--json", folder=tmp_path).stdout)
    }
    assert "erm" in names
    shown = dgbench("methods", "show", "erm", folder=tmp_path)
    assert "logarithmic" in shown.stdout
    assert "learning_rate" in shown.stdout
    assert_refused(dgbench("methods", "show", "erx", folder=tmp_path), 2, "Did you mean 'erm'")


def test_a_method_is_shown_with_its_paper_and_its_hyper_parameters_explained(tmp_path):
    shown = dgbench("methods", "show", "rsc", folder=tmp_path).stdout
    assert "Huang et al. 2020, Self-Challenging Improves Cross-Domain Generalization" in shown
    assert "Paper: https://arxiv.org/abs/2007.02454\nCode: https://github.com/" in shown
    assert "what it does" in shown
    told = json.loads(dgbench("methods", "show", "rsc", "--json", folder=tmp_path).stdout)
    assert told["paper"]["authors"][0] == "Zeyi Huang"
    *_, parameter = told["hyper_parameters"]
    assert parameter == {
        "name": "image_share",
        "default": 1 / 3,
        "range": "0 to 0.5",
        "description": "Share of the batch in which they are muted, in [0, 1). 0 is ERM.",
    }
    described = told["schema"]["properties"]["image_share"]
    assert described["description"] == parameter["description"]
    plain = json.loads(dgbench("methods", "--json", folder=tmp_path).stdout)
    assert next(card for card in plain if card["name"] == "rsc")["paper"] == told["paper"]


def test_a_new_method_trains_and_a_second_one_does_not_overwrite_it(tmp_path):
    made = dgbench("new-method", "my-idea", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "pip install --editable my-idea" in made.stdout
    name = f"{tmp_path}/my-idea/my_idea/method.py:MyIdea"
    done = dgbench("train", name, "mnist-color-5k", *SHORT, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "my-idea on mnist-color-5k@1" in done.stdout
    again = dgbench("new-method", "my-idea", folder=tmp_path)
    assert_refused(again, 2, "exists already and is not empty")


@pytest.mark.parametrize("name", ["My-Idea", "a--b", "1st", "class", "a/b", "-x", ""])
def test_a_name_that_cannot_be_a_methods_is_refused(tmp_path, name):
    done = dgbench("new-method", "--", name, folder=tmp_path)
    assert done.returncode == 2
    assert not any(tmp_path.iterdir())


def test_a_failed_check_is_exit_1(tmp_path):
    (tmp_path / "bad.py").write_text(
        "import torch\nfrom dgbench.api import *\n"
        "class Bad(LossMethod):\n    '''Learns nothing.'''\n"
        "    def loss(self, batch):\n        return {'zero': 0 * self.head.weight.sum()}\n"
    )
    done = dgbench("check-method", "bad.py:Bad", "--json", folder=tmp_path)
    assert done.returncode == 1
    statuses = {outcome["check"]: outcome["status"] for outcome in json.loads(done.stdout)}
    assert statuses["moves"] == statuses["learns"] == "failed"
    assert statuses["card"] == "passed"


def test_without_torch_the_extra_is_named(tmp_path):
    """A folder in front of the installed packages, in which torch cannot be imported."""
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "torch.py").write_text("raise ModuleNotFoundError('no torch', name='torch')\n")
    path = os.pathsep.join([str(blocked), os.environ.get("PYTHONPATH", "")])
    done = dgbench("train", "erm", "mnist-color-5k", folder=tmp_path, PYTHONPATH=path)
    assert_refused(done, 1, "pip install 'dgbench[train]'")
    assert dgbench("methods", folder=tmp_path, PYTHONPATH=path).returncode == 0


def test_an_error_in_a_methods_own_code_names_its_line(tmp_path, method_text):
    (tmp_path / "mine.py").write_text(method_text('return {"loss": batch.lables.sum()}'))
    done = dgbench("train", "mine.py:Mine", "mnist-color-5k", *SHORT, folder=tmp_path)
    assert_refused(done, 1, "Mine raised AttributeError: 'Batch' object has no attribute 'lables'")
    assert "in line 9 of mine.py (loss)" in done.stderr


@pytest.fixture
def method_text():
    """The file of a method with a given statement as its loss."""
    return (
        "import torch\n"
        "from dgbench.api import LossMethod\n\n\n"
        "class Mine(LossMethod):\n"
        '    """A method for a test."""\n\n'
        "    def loss(self, batch):\n"
        "        {}\n"
    ).format
