"""One run from start to record: it can be repeated, resumed, refused, and it fails in the open."""

import csv
import os
import random
import signal
import warnings

import numpy as np
import pytest
import torch

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.results.folder import read_record, write_record
from dgbench.results.predictions import read_predictions
from dgbench.training.errors import DivergedError
from dgbench.training.plan import Plan
from dgbench.training.processes import run_on_several
from dgbench.training.runner import Runner
from dgbench.training.weights import FINAL


def run(request, seed=0):
    return Runner(Plan(request)).run(seed)


def weights_of(request, seed=0):
    return torch.load(Plan(request).folder(seed) / FINAL, weights_only=True)["state_dict"]


def assert_same_weights(weights, other):
    assert weights.keys() == other.keys()
    for name in weights:
        assert torch.equal(weights[name], other[name]), name


def rows_of(request, seed=0):
    with (Plan(request).folder(seed) / "log.csv").open(newline="") as stream:
        return [(row["step"], row["name"], row["value"]) for row in csv.DictReader(stream)]


def test_a_run_leaves_a_whole_record(request_for, benchmark):
    record = run(request_for(with_probes=True, with_energy=True))
    folder = Plan(request_for()).folder(0)
    assert read_record(folder) == record
    assert record.status == "done"
    assert record.steps_done == 12
    assert list(record.domains) == benchmark.test_names
    assert record.train.n_images == benchmark.size("train")
    assert record.validation.n == benchmark.size("validation")
    assert record.cost.parameters == 79_506
    # Two convolutions and two layers, a multiply-add as two operations.
    by_hand = 2 * (12 * 75 * 14 * 14 + 24 * 108 * 14 * 14 + 1176 * 64 + 64 * 10)
    assert record.cost.flops_per_image == by_hand
    assert record.cost.energy.method == "estimated"
    assert set(record.probes) == {"shape", "color"}
    by_domain = list(read_predictions(folder / "predictions.parquet"))
    assert [predictions.domain for predictions in by_domain] == benchmark.test_names
    for predictions in by_domain:
        counts = record.domains[predictions.domain]
        assert counts.correct == int((predictions.pred == predictions.label).sum())
        assert (predictions.probabilities.argmax(1) == predictions.pred).all()
        np.testing.assert_allclose(predictions.probabilities.sum(1), 1, atol=1e-5)
    assert not (folder / "checkpoints" / "last.ckpt").exists()


def test_development_domains_are_evaluated_where_asked_for(request_for, benchmark):
    record = run(request_for(with_development=True, trial=3))
    assert record.trial == 3
    assert list(record.development) == benchmark.test_names
    for name, counts in record.development.items():
        assert counts.n == benchmark.size("validation")
        assert counts.data == benchmark.load(f"dev.{name}").record
        assert counts.data != record.domains[name].data


def test_the_same_seed_gives_the_same_weights_and_another_does_not(request_for, tmp_path):
    first, again = request_for(), request_for(out=tmp_path / "again")
    run(first)
    run(again)
    assert_same_weights(weights_of(first), weights_of(again))
    run(first, seed=1)
    assert not torch.equal(weights_of(first)["head.weight"], weights_of(first, 1)["head.weight"])


def test_the_callers_random_state_and_settings_are_left_alone(request_for, pytestconfig):
    if pytestconfig.getoption("jaxtyping_packages"):
        pytest.skip("the shape checker itself draws from Python's random numbers")
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    expected = random.getrandbits(9), np.random.rand(), torch.rand(1).item()
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    handler = signal.getsignal(signal.SIGINT)
    filters = list(warnings.filters)
    run(request_for())
    assert (random.getrandbits(9), np.random.rand(), torch.rand(1).item()) == expected
    assert not torch.are_deterministic_algorithms_enabled()
    assert signal.getsignal(signal.SIGINT) is handler
    assert warnings.filters == filters


def test_a_finished_run_is_not_repeated(request_for):
    first = run(request_for())
    folder = Plan(request_for()).folder(0)
    before = (folder / "run.json").stat().st_mtime_ns
    assert run(request_for()) == first
    assert run(request_for(resume=True)) == first
    assert (folder / "run.json").stat().st_mtime_ns == before
    assert run(request_for(force=True)).process.started >= first.process.started


STOPS = """
class Config(LossMethod.Config):
    pass

def loss(self, batch):
    import os
    from pathlib import Path
    mark = Path(os.environ["DGBENCH_TEST_MARK"])
    if batch.step == 8 and not mark.exists():
        mark.touch()
        raise KeyboardInterrupt
    x = F.dropout(self.features(batch.images), 0.2, training=True)
    return {"cross_entropy": F.cross_entropy(self.head(x), batch.labels)}
"""


@pytest.mark.parametrize("stream", [False, True])
def test_an_interrupted_run_goes_on_bit_for_bit(
    request_for, method_file, tmp_path, monkeypatch, stream
):
    mark = tmp_path / "mark"
    monkeypatch.setenv("DGBENCH_TEST_MARK", str(mark))
    name = method_file(STOPS)
    stopped = request_for(method=name, eval_every=6, stream=stream)
    with pytest.raises(KeyboardInterrupt):
        run(stopped)
    folder = Plan(stopped).folder(0)
    assert read_record(folder).status == "interrupted"
    with pytest.raises(UsageError, match=r"is interrupted\. --resume goes on with it, --force"):
        run(stopped)
    resumed = run(request_for(method=name, eval_every=6, stream=stream, resume=True))
    assert resumed.resumed == 1
    whole = request_for(method=name, eval_every=6, stream=stream, out=tmp_path / "whole")
    undisturbed = run(whole)
    assert_same_weights(weights_of(stopped), weights_of(whole))
    assert resumed.domains == undisturbed.domains
    assert rows_of(stopped) == rows_of(whole)
    assert any(name == "dev.up.color" for _, name, _ in rows_of(whole))


def test_a_run_killed_after_training_is_only_evaluated(request_for):
    request = request_for()
    done = run(request)
    folder = Plan(request).folder(0)
    killed = done.model_copy(
        update={
            "status": "running",
            "domains": {},
            "cost": None,
            "process": done.process.model_copy(update={"pid": 2**22 - 1}),
        }
    )
    write_record(folder, killed)
    (folder / "predictions.parquet").unlink()
    before = (folder / FINAL).stat().st_mtime_ns
    again = run(request_for(resume=True))
    assert again.domains == done.domains
    assert again.predictions_digest == done.predictions_digest
    assert (folder / FINAL).stat().st_mtime_ns == before


def test_two_devices_give_what_one_gives(request_for, tmp_path):
    single = request_for(steps=6)
    several = request_for(steps=6, devices=2, strategy="ddp", out=tmp_path / "two")
    run(single)
    steps = []
    record = run_on_several(Plan(several), 0, advance=lambda step, _: steps.append(step))
    assert record.status == "done"
    assert record.hardware.n_devices == 2
    assert steps
    alone, together = weights_of(single), weights_of(several)
    for name in alone:
        torch.testing.assert_close(together[name], alone[name], rtol=1e-3, atol=2e-4)


def test_a_failure_on_one_of_two_devices_is_told_and_recorded(request_for, method_file):
    name = method_file(
        """
        def loss(self, batch):
            if batch.step == 3 and self.global_rank == 1:
                raise ValueError("a mistake of the second process")
            return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}
        """
    )
    request = request_for(method=name, devices=2, strategy="ddp")
    with pytest.raises(DGBenchError, match="a mistake of the second process"):
        run_on_several(Plan(request), 0)
    assert read_record(Plan(request).folder(0)).status != "done"


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_its_log(request_for, method_file):
    name = method_file(
        """
        def loss(self, batch):
            loss = F.cross_entropy(self(batch.images), batch.labels)
            return {"cross_entropy": loss * (float("nan") if batch.step > 60 else 1)}
        """
    )
    request = request_for(method=name, steps=120)
    with pytest.raises(DivergedError, match="The loss is not a number any more"):
        run(request)
    record = read_record(Plan(request).folder(0))
    assert record.status == "diverged"
    assert "learning rate" in record.message
    assert rows_of(request)[0][:2] == ("50", "loss")


def test_running_out_of_memory_names_the_batch(request_for, method_file):
    name = method_file(
        """
        def loss(self, batch):
            torch.empty(2**62, dtype=torch.uint8)
        """
    )
    with pytest.raises(DGBenchError, match="Out of memory with a batch of 32 images"):
        run(request_for(method=name))


def test_a_loss_that_is_not_reduced_is_named(request_for, method_file):
    name = method_file(
        """
        def loss(self, batch):
            return {"ce": F.cross_entropy(self(batch.images), batch.labels, reduction="none")}
        """
    )
    with pytest.raises(DGBenchError, match=r"Mine.loss\(\)\['ce'\] has shape \(32,\), expected"):
        run(request_for(method=name))


def test_a_run_of_another_configuration_is_not_touched(request_for):
    request = request_for()
    run(request)
    folder = Plan(request).folder(0)
    record = read_record(folder)
    write_record(folder, record.model_copy(update={"seed": 5}))
    with pytest.raises(DGBenchError, match="holds a run of another configuration"):
        run(request)


def test_a_run_that_somebody_works_on_is_not_touched(request_for):
    request = request_for()
    done = run(request)
    folder = Plan(request).folder(0)
    parent = done.process.model_copy(update={"pid": os.getppid()})
    write_record(folder, done.model_copy(update={"status": "running", "process": parent}))
    with pytest.raises(DGBenchError, match="is still working on this run"):
        run(request_for(resume=True))


PLAIN = """
def __init__(self, num_classes, in_shape, width: int = 8):
    super().__init__()
    c, h, w = in_shape
    self.net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(c * h * w, width),
                                   torch.nn.ReLU(), torch.nn.Linear(width, num_classes))

def forward(self, x):
    return self.net(x)

def training_step(self, batch, batch_idx):
    images, labels = batch
    return F.cross_entropy(self(images), labels)

def configure_optimizers(self):
    return torch.optim.SGD(self.parameters(), lr=0.1)
"""


def test_a_plain_lightning_module_plugs_in(request_for, method_file):
    name = method_file(PLAIN, base="LightningModule")
    record = run(request_for(method=name, settings={"width": "5"}, steps=60))
    assert record.configuration.hyper_parameters == {"width": 5}
    assert record.domains["id"].correct / record.domains["id"].n > 0.3
    with pytest.raises(UsageError, match=r"no hyper-parameter 'widht'\. Did you mean 'width'"):
        Plan(request_for(method=name, settings={"widht": "5"}))


def test_an_oracle_learns_its_pattern_alone(request_for):
    request = request_for(train_domain="train.only.color", steps=150)
    record = run(request)
    accuracy = {name: c.correct / c.n for name, c in record.domains.items()}
    assert accuracy["only.color"] > 0.6
    assert accuracy["up.color"] < 0.2
    assert record.configuration.train_domain == "train.only.color"


def test_balanced_validation_is_shown_once_at_the_end(request_for, method_file, benchmark):
    name = method_file(
        """
        uses = frozenset({"balanced_validation"})

        def __init__(self, task, config=None):
            super().__init__(task, config)
            self.register_buffer("seen", torch.zeros((), dtype=torch.long))

        def loss(self, batch):
            assert self.seen == 0
            return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}

        def finish(self, validation):
            self.seen += sum(len(batch) for batch in validation)
        """
    )
    request = request_for(method=name, batch_size=10)
    run(request)
    assert weights_of(request)["seen"] == benchmark.size("validation_balanced")


def test_a_method_for_environments_is_refused_where_there_are_none(request_for, method_file):
    name = method_file(
        """
        uses = frozenset({"environments"})

        def loss(self, batch):
            mean = batch.environments.float().mean()
            return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels) + 0 * mean}
        """
    )
    with pytest.raises(UsageError, match=r"needs 2 or more .*has 1. .*rotated-mnist@1"):
        Plan(request_for(method=name))
    rotated = request_for(method=name, benchmark="rotated-mnist", sources=("mnist-5k",))
    assert set(run(rotated).domains) == {t.name for t in Plan(rotated).benchmark.spec.test_domains}


def test_tensorboard_gets_the_same_numbers(request_for):
    event_file = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    request = request_for(with_tensorboard=True)
    run(request)
    (path,) = (Plan(request).folder(0) / "tensorboard").iterdir()
    events = list(event_file.EventFileLoader(str(path)).Load())
    assert {v.tag for event in events for v in event.summary.value} == {"loss", "cross_entropy"}
