"""The division of this machine between runs that proceed at the same time."""

import os
from pathlib import Path
from typing import NamedTuple

import psutil
import torch

from data_gen.workers import available_cores
from dgbench.sweep.engine import Engine
from dgbench.sweep.local import LocalEngine

_RUN_BYTES = 3 << 29
"""Memory of a worker with the data of one benchmark: 1.5 GiB."""
_MOST_GPU_THREADS = 4


class Share(NamedTuple):
    """The division of a machine: how many runs at a time, and what each may use."""

    workers: int
    threads: int
    gpus: tuple[str, ...]


def share(
    *, accelerator: str, workers: int | None, threads: int | None, runs_per_gpu: int
) -> Share:
    """Divide this machine as the user asked, with guesses for what was left open.

    A small network gains little from a second thread, and much from a second run beside it.
    """
    gpus = visible_gpus() if accelerator in ("auto", "gpu", "cuda") else ()
    cores = available_cores()
    if gpus:
        workers = workers or len(gpus) * runs_per_gpu
        return Share(workers, threads or max(1, min(_MOST_GPU_THREADS, cores // workers)), gpus)
    threads = threads or 1
    room = max(1, psutil.virtual_memory().available // _RUN_BYTES)
    most = 1 if accelerator == "mps" else max(1, min(cores // threads, room))
    return Share(workers or most, threads, ())


def visible_gpus() -> tuple[str, ...]:
    """The names by which CUDA knows the GPUs that this process may use."""
    n = torch.cuda.device_count()
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = named.split(",") if named else [str(number) for number in range(n)]
    return tuple(name.strip() for name in names[:n])


def local_engine(division: Share, out: Path) -> Engine:
    """The engine that divides this machine so."""
    return LocalEngine(
        out=out, workers=division.workers, threads=division.threads, gpus=division.gpus
    )
