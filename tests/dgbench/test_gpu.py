"""Training on a CUDA device, by `pytest -m gpu` on a machine that has one."""

import pytest
import torch

from dgbench.training.plan import Plan
from dgbench.training.runner import Runner

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device"),
]


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed", "16-mixed"])
def test_a_run_on_a_gpu_learns_and_counts_its_memory(request_for, precision):
    request = request_for(accelerator="gpu", precision=precision, steps=150)
    record = Runner(Plan(request)).run(0)
    assert record.hardware.accelerator == "cuda"
    assert record.cost.peak_device_memory_bytes > 0
    assert record.domains["id"].correct / record.domains["id"].n > 0.5
