"""One run from start to record: it can be repeated, and it leaves the caller alone."""

import textwrap

import numpy as np
import pytest
import torch

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.results.folder import read_record
from dgbench.results.predictions import read_predictions
from dgbench.training.plan import Plan
from tests.dgbench.runs import assert_same_weights, run, weights_of


def test_a_record_repeats_the_facts_of_the_class(request_for, method_file, cross_entropy):
    facts = """
    paper = Paper(title="Title", authors=("A. First",), year=2020)
    paradigm = "graph"
    uses_backbone = False
    is_yardstick = True
    """
    name = method_file(textwrap.dedent(facts) + cross_entropy)
    record = run(request_for(method=name))
    assert (record.paradigm, record.uses_backbone, record.is_yardstick) == ("graph", False, True)
    assert record.paper.reference == "First 2020, Title."
    assert read_record(Plan(request_for(method=name)).folder(0)) == record


def test_an_unknown_paradigm_gets_the_nearest_word(request_for, method_file, cross_entropy):
    name = method_file("paradigm = 'spikng'" + cross_entropy)
    with pytest.raises(DGBenchError, match=r"Mine\.paradigm is 'spikng'\. Did you mean 'spiking'"):
        Plan(request_for(method=name))


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


def test_the_same_seed_gives_the_same_weights_and_another_does_not(request_for, tmp_path):
    first, again = request_for(), request_for(out=tmp_path / "again")
    run(first)
    run(again)
    assert_same_weights(weights_of(first), weights_of(again))
    run(first, seed=1)
    assert not torch.equal(weights_of(first)["head.weight"], weights_of(first, 1)["head.weight"])


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


def test_tensorboard_gets_the_same_numbers(request_for):
    event_file = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    request = request_for(with_tensorboard=True)
    run(request)
    (path,) = (Plan(request).folder(0) / "tensorboard").iterdir()
    events = list(event_file.EventFileLoader(str(path)).Load())
    assert {v.tag for event in events for v in event.summary.value} == {"loss", "cross_entropy"}
