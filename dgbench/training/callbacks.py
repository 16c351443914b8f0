"""What happens around the steps: the log, checkpoints, the bar, and the watch for NaN."""

import csv
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor
from typing_extensions import override

from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import draft_of, draft_path
from dgbench.training.errors import DivergedError

LOG_EVERY = 50
"""Steps between rows of the log."""

Advance = Callable[[int, float], None]
"""Is told how many steps are done, and the latest loss."""
Curves = Callable[[LightningModule], Mapping[str, float]]
"""Accuracy on development domains, by name."""


class Log:
    """`log.csv` in long form (step, seconds, name, value): terms may come and go."""

    _HEAD = ("step", "seconds", "name", "value")

    def __init__(self, path: Path, *, from_step: int) -> None:
        """Keep the rows up to `from_step`: what came later will be written again."""
        kept = []
        if path.is_file() and from_step:
            with path.open(newline="", encoding="utf-8") as stream:
                rows = [row for row in csv.reader(stream) if len(row) == len(self._HEAD)]
            kept = [row for row in rows[1:] if row[0].isdigit() and int(row[0]) <= from_step]
        with (
            draft_of(path, is_durable=False) as draft,
            draft.open("w", newline="", encoding="utf-8") as stream,
        ):
            csv.writer(stream).writerows([self._HEAD, *kept])
        self._before = float(kept[-1][1]) if kept else 0.0
        self._start = time.perf_counter()
        self._stream = path.open("a", newline="", encoding="utf-8")

    @property
    def seconds(self) -> float:
        """Seconds of work on this run, over all sessions."""
        return self._before + time.perf_counter() - self._start

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Write one row a value, all or none."""
        seconds = f"{self.seconds:.3f}"
        lines = "".join(
            f"{step},{seconds},{name},{value:.6g}\r\n" for name, value in values.items()
        )
        self._stream.write(lines)
        self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def log_seconds(path: Path) -> float:
    """Seconds of training that a log counts, over all sessions."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    return float(rows[-1][1]) if len(rows) > 1 else 0.0


class Watch(Callback):
    """Logs, checkpoints, and ends the run when the loss is no longer a number."""

    def __init__(
        self,
        *,
        log: Log | None,
        checkpoint: Path,
        checkpoint_every: int,
        steps: int,
        eval_every: int | None = None,
        curves: Curves | None = None,
        advance: Advance | None = None,
        tensorboard: Path | None = None,
    ) -> None:
        """`log` is None on all processes but the first."""
        self._log = log
        self._checkpoint = checkpoint
        self._checkpoint_every = checkpoint_every
        self._steps = steps
        self._eval_every = eval_every
        self._curves = curves
        self._advance = advance
        self._board = _board(tensorboard) if tensorboard is not None and log is not None else None
        self._sum: Tensor | None = None

    @override
    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        step = batch_idx + 1
        terms = _terms(outputs)
        if "loss" in terms:
            loss = terms["loss"]
            self._sum = loss if self._sum is None else self._sum + loss
        is_last = step == self._steps
        if step % LOG_EVERY == 0 or is_last:
            self._write(step, terms)
        if self._eval_every and (step % self._eval_every == 0 or is_last):
            self._evaluate(trainer, pl_module, step)
        if step % self._checkpoint_every == 0 or is_last:
            self._check(step)
            save_checkpoint(trainer, self._checkpoint)

    def _write(self, step: int, terms: Mapping[str, Tensor]) -> None:
        self._check(step)
        values = {name: float(value) for name, value in terms.items()}
        self._record(step, values)
        if self._advance is not None:
            self._advance(step, values.get("loss", float("nan")))

    def _record(self, step: int, values: Mapping[str, float]) -> None:
        if self._log is not None:
            self._log.write(step, values)
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def _check(self, step: int) -> None:
        """One look at the device for many steps, so that it need not wait at each.

        A sum with a term that is no number is none.
        """
        if self._sum is not None and not math.isfinite(float(self._sum)):
            raise DivergedError(
                f"The loss is not a number any more, by step {step} of {self._steps}. Try a lower "
                "learning rate or weaker regularisation."
            )
        self._sum = None

    def _evaluate(self, trainer: Trainer, module: LightningModule, step: int) -> None:
        if self._curves is not None and trainer.is_global_zero:
            self._record(step, self._curves(module))
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
    """The scalars that a step returned."""
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
