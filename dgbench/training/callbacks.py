"""The callback around the steps: log, checkpoints, progress, and the check for NaN."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor
from typing_extensions import override

from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import draft_of, draft_path
from dgbench.results.lease import Lease
from dgbench.training import stopping
from dgbench.training.errors import DivergedError, StoppedError
from dgbench.training.log import TrainingLog
from dgbench.training.stopping import StepStop
from dgbench.training.weights import STEPS_DONE

LOG_EVERY = 50
"""Steps between rows of the log."""

OnStep = Callable[[int, float], None]
"""Receives the number of steps done and the latest loss."""
Curves = Callable[[LightningModule], Mapping[str, float]]
"""Measures the accuracy on every development domain, by name."""


class RunCallback(Callback):
    """Logs, writes checkpoints, and stops the run once its loss is no longer a number."""

    def __init__(
        self,
        *,
        log: TrainingLog | None,
        checkpoint: Path,
        checkpoint_every: int,
        steps: int,
        eval_every: int | None = None,
        curves: Curves | None = None,
        on_step: OnStep | None = None,
        tensorboard: Path | None = None,
        stop: StepStop | None = None,
        lease: Lease | None = None,
    ) -> None:
        """`log` is None in every process but the first."""
        self._log = log
        self.checkpoint = checkpoint
        """Where the checkpoint goes."""
        self._checkpoint_every = checkpoint_every
        self._steps = steps
        self._steps_done = 0
        self._eval_every = eval_every
        self._curves = curves
        self._on_step = on_step
        self._board = _board(tensorboard) if tensorboard is not None and log is not None else None
        self._loss_sum: Tensor | None = None
        self._stop = stop or StepStop()
        self._lease = lease

    @override
    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # Lightning has just begun to heed SIGTERM itself, without a checkpoint.
        stopping.install()

    @override
    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        step = self._steps_done = batch_idx + 1
        terms = _terms(outputs)
        if "loss" in terms:
            loss = terms["loss"]
            self._loss_sum = loss if self._loss_sum is None else self._loss_sum + loss
        is_last = step == self._steps
        if step % LOG_EVERY == 0 or is_last:
            self._report(step, terms)
        if self._eval_every and (step % self._eval_every == 0 or is_last):
            self._evaluate(trainer, pl_module, step)
        if self._lease is not None:
            self._lease.check()
        is_stopping = self._stop.is_due(step)
        if step % self._checkpoint_every == 0 or is_last or is_stopping:
            self._check_loss(step)
            save_checkpoint(trainer, self.checkpoint)
        if is_stopping:
            raise StoppedError(stopping.message(step))

    @override
    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        checkpoint[STEPS_DONE] = self._steps_done

    def _report(self, step: int, terms: Mapping[str, Tensor]) -> None:
        self._check_loss(step)
        values = {name: float(value) for name, value in terms.items()}
        self._write(step, values)
        if self._on_step is not None:
            self._on_step(step, values.get("loss", float("nan")))

    def _write(self, step: int, values: Mapping[str, float]) -> None:
        if self._log is not None:
            self._log.write(step, values)
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def _check_loss(self, step: int) -> None:
        """Raise DivergedError if any loss since the last check was not finite.

        The sum is read instead of every loss, so that the processor waits for the device once in
        many steps: a sum is only finite if all its terms are.
        """
        if self._loss_sum is not None and not math.isfinite(float(self._loss_sum)):
            raise DivergedError(
                f"The loss is not a number any more, by step {step} of {self._steps}. Try a lower "
                "learning rate or weaker regularisation."
            )
        self._loss_sum = None

    def _evaluate(self, trainer: Trainer, module: LightningModule, step: int) -> None:
        if self._curves is not None and trainer.is_global_zero:
            self._write(step, self._curves(module))
        trainer.strategy.barrier()

    def close(self) -> None:
        """Close the logs, however the run ended."""
        if self._board is not None:
            self._board.close()
        if self._log is not None:
            self._log.close()


def save_checkpoint(trainer: Trainer, path: Path) -> None:
    """Write the checkpoint whole or not at all."""
    if not trainer.is_global_zero:  # it takes part in what its strategy gathers, and writes nothing
        trainer.save_checkpoint(draft_path(path))
        return
    with draft_of(path) as draft:
        trainer.save_checkpoint(draft)


def _terms(outputs: Any) -> dict[str, Tensor]:
    """The scalars that a training step returned, by name."""
    if isinstance(outputs, Tensor):
        outputs = {"loss": outputs}
    if not isinstance(outputs, Mapping):
        return {}
    return {
        name: value.detach()
        for name, value in outputs.items()
        if isinstance(value, Tensor) and value.ndim == 0
    }


def _board(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise DGBenchError(
            "TensorBoard is not installed. Install it with: pip install tensorboard"
        ) from error
    return SummaryWriter(str(folder))
