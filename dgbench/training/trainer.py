"""The training steps: Lightning's Trainer, with everything off that the method does not need."""

import logging
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from lightning.pytorch.plugins.precision.double import DoublePrecision
from typing_extensions import override

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.api import Method
from dgbench.benchmarks import Benchmark, Loaded
from dgbench.training.callbacks import RunCallback
from dgbench.training.data import Batches, training_set
from dgbench.training.plan import Request
from dgbench.training.rendezvous import OwnProcesses, ProcessRank, own_variables
from dgbench.training.seeding import seed_all
from dgbench.training.stopping import deferred

_QUIET = ("lightning.pytorch", "lightning.fabric", "lightning", "pytorch_lightning")


def device_of(request: Request, local_rank: int) -> torch.device:
    """The device of one process of a run.

    Raises DGBenchError if too few GPUs are visible.
    """
    accelerator = request.accelerator
    if accelerator in ("gpu", "cuda") or (accelerator == "auto" and torch.cuda.is_available()):
        if not torch.cuda.is_available():
            raise DGBenchError("No GPU is visible to torch here. Use --accelerator cpu.")
        if torch.cuda.device_count() < request.devices:
            raise DGBenchError(
                f"{request.devices} GPUs were asked for, {torch.cuda.device_count()} are visible "
                "here. Use a smaller --devices."
            )
        return torch.device("cuda", local_rank)
    if accelerator == "mps":
        if not torch.backends.mps.is_available():
            raise DGBenchError("No Apple GPU (mps) is usable by torch here. Use --accelerator cpu.")
        if request.precision == "64-true":
            raise UsageError("Apple's GPUs compute with 32 bits at most. Use --precision 32-true.")
        return torch.device("mps")
    return torch.device("cpu")


def _precision(request: Request, processes: OwnProcesses) -> dict[str, Any]:
    """The arguments of the Trainer for the precision, which is a plugin of ours where it fails."""
    if request.precision == "64-true":
        return {"plugins": [processes, _Double()]}
    return {"plugins": [processes], "precision": request.precision}


class _Double(DoublePrecision):
    """Double precision for batches that are made so, which Lightning cannot convert itself."""

    @override
    def convert_input(self, data: Any) -> Any:
        return data


def fit(
    module: pl.LightningModule,
    batches: Batches,
    callback: RunCallback,
    request: Request,
    *,
    device: torch.device,
    checkpoint: Path | None,
    rank: ProcessRank | None = None,
) -> None:
    """Train up to the last step, from a checkpoint if one is given."""
    with (
        _quiet(),
        _torch_settings(),
        _interruptible(),
        _out_of_memory_named(batches.batch_size),
        own_variables(),
        deferred(),
    ):
        trainer = pl.Trainer(
            accelerator={"cuda": "gpu"}.get(device.type, device.type),
            devices=request.devices,
            strategy=request.strategy if request.devices > 1 else "auto",
            max_epochs=1,
            callbacks=[callback],
            # Otherwise Lightning asks the variables of the cluster, and inside a Slurm job goes on
            # from any hpc_ckpt_*.ckpt that lies in the working folder.
            **_precision(request, OwnProcesses(rank or ProcessRank())),
            default_root_dir=callback.checkpoint.parent,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            limit_val_batches=0,
            deterministic="warn",
        )
        trainer.fit(module, batches, ckpt_path=checkpoint, weights_only=True)


def finish(
    module: pl.LightningModule,
    loaded: Loaded,
    *,
    benchmark: Benchmark,
    batch_size: int,
    seed: int,
    device: torch.device,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Show balanced validation images to a method that declares them, after its last step."""
    if isinstance(module, Method) and "balanced_validation" in module.uses:
        data = training_set(benchmark, loaded, uses=frozenset(), device=device)
        size = min(batch_size, len(data))
        module.to(device)
        seed_all("finish", seed)
        steps = len(data) // size
        batches = Batches(data, steps=steps, batch_size=size, seed=seed, dtype=dtype)
        before = torch.get_default_dtype()
        torch.set_default_dtype(dtype)  # as Lightning does around each step
        try:
            module.finish(batches)
        finally:
            torch.set_default_dtype(before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Lightning's tips and warnings, which concern settings that are deliberate here."""
    loggers = [logging.getLogger(name) for name in _QUIET]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning\..*")
            warnings.filterwarnings("ignore", message=".*does not have a deterministic.*")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _torch_settings() -> Iterator[None]:
    """Use deterministic algorithms during the run only, without filling fresh memory."""
    utilities: Any = torch.utils.deterministic
    before = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        utilities.fill_uninitialized_memory,
        torch.backends.cudnn.benchmark,
    )
    utilities.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        utilities.fill_uninitialized_memory = before[2]
        torch.backends.cudnn.benchmark = before[3]


@contextmanager
def _interruptible() -> Iterator[None]:
    """Keep Ctrl-C a KeyboardInterrupt, where Lightning exits and ignores the next Ctrl-C."""
    is_main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit as error:
        raise KeyboardInterrupt from error
    finally:
        if is_main:
            signal.signal(signal.SIGINT, handler)


@contextmanager
def _out_of_memory_named(batch_size: int) -> Iterator[None]:
    """Turn the several ways of running out of memory into one sentence."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error).lower()
        is_memory = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if is_memory or "can't allocate memory" in text or "out of memory" in text:
            raise DGBenchError(
                f"Out of memory with a batch of {batch_size} images. Use a smaller --batch-size "
                "(the run is then another configuration), a smaller --backbone, or more --devices."
            ) from error
        raise
