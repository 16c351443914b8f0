"""Several devices train as one does, and tell of the failure of any of them."""

import pytest
import torch

from data_gen.foundation.errors import DGBenchError
from dgbench.results.folder import read_record
from dgbench.training.plan import Plan
from dgbench.training.processes import run_on_several
from tests.dgbench.runs import run, weights_of

pytestmark = pytest.mark.usefixtures("forked")


def test_two_devices_give_the_result_of_one(request_for, tmp_path):
    single = request_for(steps=6)
    several = request_for(steps=6, devices=2, strategy="ddp", out=tmp_path / "two")
    run(single)
    steps = []
    record = run_on_several(Plan(several), 0, on_step=lambda step, _: steps.append(step))
    assert record.status == "done"
    assert record.hardware.n_devices == 2
    assert steps
    alone, together = weights_of(single), weights_of(several)
    for name in alone:
        torch.testing.assert_close(together[name], alone[name], rtol=1e-3, atol=2e-4)


def test_a_failure_on_one_of_two_devices_is_reported_and_recorded(request_for, method_file):
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
