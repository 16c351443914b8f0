"""The cost of a run: time, memory, operations and energy."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Literal

import torch
from lightning.pytorch import LightningModule
from torch.utils.flop_counter import FlopCounterMode

from dgbench.results.record import Cost, RunRecord
from dgbench.training.energy import EnergyMeter
from dgbench.training.evaluation import dtype_of
from dgbench.training.hardware import peak_memory

Phase = Literal["loading", "evaluation"]
"""Parts of a run that are timed here. The log counts the seconds of training."""


class Measurements:
    """Measures the runs of one process, one after the other."""

    def __init__(self, device: torch.device, *, with_energy: bool) -> None:
        self._device = device
        self._meter = EnergyMeter() if with_energy else None
        self._seconds: dict[Phase, float] = {}

    @contextmanager
    def of_one_run(self) -> Iterator[None]:
        """Measure a block as one run, forgetting the measurements of the run before."""
        self._seconds = {}
        with self._meter.measure() if self._meter else nullcontext():
            yield

    @contextmanager
    def timed(self, phase: Phase) -> Iterator[None]:
        """Add the time that a block takes to a phase of the run."""
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self._seconds[phase] = self._seconds.get(phase, 0.0) + spent

    def cost(
        self,
        module: LightningModule,
        *,
        image_shape: tuple[int, int, int],
        n_trained: int,
        n_evaluated: int,
        training_seconds: float,
    ) -> Cost:
        """The cost of the run so far, without its energy, from counts of images."""
        evaluation_seconds = self._seconds["evaluation"]
        is_cuda = self._device.type == "cuda"
        return Cost(
            parameters=sum(weights.numel() for weights in module.parameters()),
            flops_per_image=flops_per_image(module, image_shape),
            training_seconds=training_seconds,
            evaluation_seconds=evaluation_seconds,
            loading_seconds=self._seconds["loading"],
            training_images_per_second=n_trained / max(training_seconds, 1e-3),
            evaluation_images_per_second=n_evaluated / evaluation_seconds,
            peak_memory_bytes=peak_memory(),
            peak_device_memory_bytes=torch.cuda.max_memory_allocated() if is_cuda else None,
            energy=None,
        )

    def with_energy(self, record: RunRecord) -> RunRecord:
        """The record of the measured run with its energy, or with the reason why there is none."""
        if record.cost is None or self._meter is None:
            return record
        changes = {"energy": self._meter.latest, "energy_problem": self._meter.problem}
        cost = record.cost.model_copy(update=changes)
        return record.model_copy(update={"cost": cost})


def flops_per_image(module: LightningModule, image_shape: tuple[int, int, int]) -> int | None:
    """Floating-point operations of one forward pass, or None if any cannot be counted."""
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            module(torch.zeros(1, *image_shape, device=module.device, dtype=dtype_of(module)))
        return int(counter.get_total_flops())
    except (RuntimeError, NotImplementedError):
        return None
    finally:
        module.train(was_training)
