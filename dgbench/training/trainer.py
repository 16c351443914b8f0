"""The steps themselves: Lightning's Trainer, set up so that nothing but the method costs time."""

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

from data_gen.foundation.errors import DGBenchError
from dgbench.training.callbacks import Watch
from dgbench.training.data import Batches
from dgbench.training.plan import Request

_QUIET = ("lightning.pytorch", "lightning.fabric", "lightning", "pytorch_lightning")


def device_of(request: Request, local_rank: int) -> torch.device:
    """The device of one process. UsageError-free: Lightning names what is not there."""
    wanted = request.accelerator
    if wanted in ("gpu", "cuda") or (wanted == "auto" and torch.cuda.is_available()):
        if not torch.cuda.is_available():
            raise DGBenchError("No GPU is visible to torch here. Use --accelerator cpu.")
        if torch.cuda.device_count() < request.devices:
            raise DGBenchError(
                f"{request.devices} GPUs were asked for, {torch.cuda.device_count()} are visible "
                "here. Use a smaller --devices."
            )
        return torch.device("cuda", local_rank)
    if wanted == "mps":
        return torch.device("mps")
    return torch.device("cpu")


def fit(
    module: pl.LightningModule,
    batches: Batches,
    watch: Watch,
    request: Request,
    *,
    device: torch.device,
    checkpoint: Path | None,
) -> None:
    """Train for all steps, from a checkpoint if one is given."""
    precision: Any = request.precision
    accelerator = {"cuda": "gpu"}.get(device.type, device.type)
    with _quiet(), _torch_settings(), _interruptible(), _memory_named(batches.batch_size):
        trainer = pl.Trainer(
            accelerator=accelerator,
            devices=request.devices,
            strategy=request.strategy if request.devices > 1 else "auto",
            precision=precision,
            max_epochs=1,
            callbacks=[watch],
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


@contextmanager
def _quiet() -> Iterator[None]:
    """Lightning's tips and warnings are about set-ups that are meant here."""
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
    """Deterministic algorithms during the run only, without filling fresh memory."""
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
    """Lightning turns Ctrl-C into an exit and ignores the next one; here it stays Ctrl-C."""
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
def _memory_named(batch_size: int) -> Iterator[None]:
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
