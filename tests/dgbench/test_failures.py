"""Runs that fail say why, in a sentence that names what to do."""

import pytest

from data_gen.foundation.errors import DGBenchError
from dgbench.results.folder import read_record
from dgbench.training.errors import DivergedError
from dgbench.training.plan import Plan
from tests.dgbench.runs import rows_of, run


def test_a_loss_of_nan_ends_the_run_and_keeps_its_log(request_for, method_file):
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
