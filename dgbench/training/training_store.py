"""Storage of the training set while a plan runs."""

import shutil
import tempfile
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import torch

from data_gen.manifest import SplitRecord
from dgbench.decoded import cache_folder
from dgbench.training.data import TrainingSet, training_set
from dgbench.training.plan import Plan

MappedImages = np.memmap[tuple[int, ...], np.dtype[np.uint8]]


class LoadedTrainingSet(NamedTuple):
    """The training set of a plan."""

    data: TrainingSet
    record: SplitRecord
    """Size and digests of the whole split."""


class TrainingStore:
    """Loads the training set of a plan once, onto the device or into a memory-mapped file."""

    def __init__(self, plan: Plan, device: torch.device) -> None:
        self._plan, self._device = plan, device
        self._scratch: Path | None = None

    @cached_property
    def loaded(self) -> LoadedTrainingSet:
        """The training set, loaded on first access."""
        benchmark, request = self._plan.benchmark, self._plan.request
        shape = (benchmark.size(request.train_domain), *benchmark.image_size, 3)
        is_streamed = request.stream
        if is_streamed is None:
            is_streamed = int(np.prod(shape, dtype=np.int64)) > _free_bytes(self._device)
        mapped = self._mapped_file(shape) if is_streamed else None
        split = benchmark.load(request.train_domain, into=mapped)
        data = training_set(
            benchmark, split, uses=self._plan.recipe.uses, device=self._device, stored=mapped
        )
        return LoadedTrainingSet(data, split.record)

    def _mapped_file(self, shape: tuple[int, ...]) -> MappedImages:
        try:
            folder = cache_folder() / "streams"
            folder.mkdir(parents=True, exist_ok=True)
            self._scratch = Path(tempfile.mkdtemp(dir=folder))
        except OSError:  # a home that cannot be written
            self._scratch = Path(tempfile.mkdtemp(prefix="dgbench-"))
        return np.lib.format.open_memmap(
            self._scratch / "images.npy", mode="w+", dtype=np.uint8, shape=shape
        )

    def close(self) -> None:
        """Remove the mapped file."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)


def _free_bytes(device: torch.device) -> int:
    """Bytes that a training set may occupy: half of the device's free or the machine's memory."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] // 2
    return int(psutil.virtual_memory().total) // 2
