"""The training set in memory, and the endless stream of batches from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from data_gen.foundation.errors import UsageError
from data_gen.streams import Stream
from dgbench.api import Batch
from dgbench.benchmarks import Benchmark, Loaded
from dgbench.training.seeding import seed_all

Stored = UInt8[Tensor, "n h w c"] | UInt8[np.ndarray, "n h w c"]
"""Images as bytes, on the training device or in a file that is mapped into memory."""


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """The part of a benchmark's training split that a method declared, and no more."""

    images: Stored
    labels: Int[Tensor, " n"]
    environment: Int[np.ndarray, " n"]
    """For balanced batches. Methods get it only if they declare it."""
    extras: Mapping[str, Any]
    """Declared columns: `environments`, `pattern_labels`, and `unlabelled_ood` as stored images."""
    device: torch.device

    def __len__(self) -> int:
        return len(self.labels)


def training_set(
    benchmark: Benchmark,
    loaded: Loaded,
    *,
    uses: frozenset[str],
    device: torch.device,
    stored: Stored | None = None,
) -> TrainingSet:
    """A loaded split on the training device, with its images replaced by `stored`, if given."""
    extras: dict[str, Any] = {}
    if "environments" in uses:
        extras["environments"] = torch.from_numpy(loaded.environment).to(device)
    if "pattern_labels" in uses:
        extras["pattern_labels"] = {
            name: torch.from_numpy(values).to(device) for name, values in loaded.values.items()
        }
    if "unlabelled_ood" in uses:
        images = benchmark.load("unlabelled_ood").images
        extras["unlabelled_ood"] = torch.from_numpy(images).to(device)
    return TrainingSet(
        images=torch.from_numpy(loaded.images).to(device) if stored is None else stored,
        labels=torch.from_numpy(loaded.labels).to(device),
        environment=loaded.environment,
        extras=extras,
        device=device,
    )


def as_floats(
    images: UInt8[Tensor, "b h w c"], dtype: torch.dtype = torch.float32
) -> Float[Tensor, "b c h w"]:
    """Bytes as numbers in [0, 1], channels first in shape and last in memory."""
    return images.permute(0, 3, 1, 2).to(dtype).div_(255)


class Batches:
    """The batches of one training, as one process of `world_size` sees them.

    Batch s holds the images s * B ... (s + 1) * B - 1 of an endless sequence of shuffled epochs.
    With environments, each has a sequence of its own and gives an equal share of every batch. The
    order is keyed by seed and epoch, so that any batch can be made without those before it. Process
    r gets the rows r, r + w, ... of a batch.
    """

    def __init__(
        self,
        data: TrainingSet,
        *,
        steps: int,
        batch_size: int,
        seed: int,
        rank: int = 0,
        world_size: int = 1,
        as_pairs: bool = False,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """With `as_pairs`, batches are `(images, labels)`, as plain Lightning modules expect."""
        if batch_size % world_size:
            raise UsageError(
                f"A batch of {batch_size} images cannot be shared evenly by {world_size} devices. "
                "Choose another number of devices."
            )
        self._data = data
        self.steps, self.batch_size, self.seed = steps, batch_size, seed
        self._rank, self._world_size = rank, world_size
        self._as_pairs = as_pairs
        self._dtype = dtype
        self._next = 0
        self._groups = [
            _Shuffled(np.flatnonzero(data.environment == number), seed, f"train {number}")
            for number in np.unique(data.environment)
        ]
        shares = np.arange(batch_size) % len(self._groups)
        self._shares = np.bincount(shares, minlength=len(self._groups))
        n_unlabelled = len(data.extras.get("unlabelled_ood", ()))
        self._unlabelled = _Shuffled(np.arange(n_unlabelled), seed, "unlabelled")

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Any]:
        start, self._next = self._next, 0
        for step in range(start, self.steps):
            batch = self.batch(step)
            # After the batch is made and before the method sees it, so that the method draws the
            # same numbers in a run that was resumed at this step.
            seed_all("step", self.seed, step, self._rank)
            self._next = step + 1
            yield (batch.images, batch.labels) if self._as_pairs else batch
        self._next = 0

    def rows(self, step: int) -> Int[np.ndarray, " b"]:
        """The rows of the training set in one batch, over all processes."""
        parts = [
            group.take(step * int(share), int(share))
            for group, share in zip(self._groups, self._shares, strict=True)
        ]
        return np.concatenate(parts)

    def batch(self, step: int) -> Batch:
        """This process's share of one batch."""
        data = self._data
        mine = slice(self._rank, None, self._world_size)
        rows = self.rows(step)[mine]
        index = torch.from_numpy(rows).to(data.device, non_blocking=True)
        extras = {
            name: _rows_of(column, index)
            for name, column in data.extras.items()
            if name != "unlabelled_ood"
        }
        if "unlabelled_ood" in data.extras:
            other = self._unlabelled.take(step * self.batch_size, self.batch_size)[mine]
            chosen = data.extras["unlabelled_ood"][torch.from_numpy(other).to(data.device)]
            extras["unlabelled_ood"] = as_floats(chosen, self._dtype)
        return Batch(
            images=as_floats(self._stored(rows, index), self._dtype),
            labels=data.labels[index],
            index=index,
            step=step,
            seed=self.seed,
            extras=extras,
        )

    def _stored(
        self, rows: Int[np.ndarray, " b"], index: Int[Tensor, " b"]
    ) -> UInt8[Tensor, "b h w c"]:
        images = self._data.images
        if isinstance(images, Tensor):
            return images.index_select(0, index)  # ten times faster than images[index]
        return torch.from_numpy(images[rows]).to(self._data.device)

    def state_dict(self) -> dict[str, int]:
        """The position of the stream, which Lightning keeps in a checkpoint."""
        return {"next": self._next}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Continue the stream from a position."""
        self._next = state["next"]


class _Shuffled:
    """An endless sequence of epochs over some rows, each in an order of its own."""

    def __init__(self, rows: Int[np.ndarray, " n"], seed: int, name: str) -> None:
        self._rows, self._seed, self._name = rows, seed, name
        self._epochs: dict[int, Int[np.ndarray, " n"]] = {}

    def take(self, start: int, length: int) -> Int[np.ndarray, " m"]:
        """The elements start ... start + length - 1 of the sequence."""
        n = len(self._rows)
        parts = []
        while length:
            epoch, offset = divmod(start, n)
            part = self._order(epoch)[offset : offset + length]
            parts.append(part)
            start, length = start + len(part), length - len(part)
        return np.concatenate(parts) if parts else self._rows[:0]

    def _order(self, epoch: int) -> Int[np.ndarray, " n"]:
        if epoch not in self._epochs:
            key = f"order|{self._name}|{self._seed}|{epoch}"
            words = Stream(key, np.arange(len(self._rows))).words("order")
            # A batch touches two epochs at most, so that older ones are not needed again.
            self._epochs = {k: v for k, v in self._epochs.items() if k == epoch - 1}
            self._epochs[epoch] = self._rows[np.argsort(words, kind="stable")]
        return self._epochs[epoch]


def _rows_of(column: Any, index: Int[Tensor, " b"]) -> Any:
    if isinstance(column, dict):
        return {name: values[index] for name, values in column.items()}
    return column[index]
