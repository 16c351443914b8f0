"""A small task on which methods are tried: a few coloured or rotated digits."""

import tempfile
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

from dgbench.api import Method, Task
from dgbench.benchmarks import Benchmark, Loaded, open_benchmark
from dgbench.networks import small_cnn
from dgbench.registry import FoundMethod, find_method
from dgbench.training.callbacks import RunCallback
from dgbench.training.data import Batches, TrainingSet, training_set
from dgbench.training.learner import Recipe, recipe
from dgbench.training.plan import Request
from dgbench.training.rendezvous import ProcessRank
from dgbench.training.seeding import isolated, seed_all
from dgbench.training.trainer import finish, fit

N_IMAGES = 240
BATCH_SIZE = 24
SHAPE = (3, 28, 28)
CPU = torch.device("cpu")
_ALONE = ProcessRank()

Weights = dict[str, Tensor]
"""The state of a module, by name."""


@cache
def _benchmark(with_environments: bool) -> Benchmark:
    if with_environments:
        return open_benchmark("rotated-mnist", given=["mnist-5k"])
    return open_benchmark("mnist-color-5k")


@cache
def _loaded(with_environments: bool) -> Loaded:
    """Evenly spaced training images, so that every environment has some."""
    loaded = _benchmark(with_environments).load("train")
    rows = slice(None, None, max(1, len(loaded.labels) // N_IMAGES))
    return loaded._replace(
        images=loaded.images[rows],
        labels=loaded.labels[rows],
        values={name: values[rows] for name, values in loaded.values.items()},
        image_id=loaded.image_id[rows],
        environment=loaded.environment[rows],
    )


@dataclass(frozen=True)
class Subject:
    """A method under test, known by a name under which any process finds it."""

    name: str

    @cached_property
    def found(self) -> FoundMethod:
        """The method, imported."""
        return find_method(self.name)

    @cached_property
    def recipe(self) -> Recipe:
        """The method with its default hyper-parameters."""
        return recipe(self.found.cls, {})

    @property
    def with_environments(self) -> bool:
        """Whether the method is tried on rotated digits, in several environments."""
        cls = self.found.cls
        needed = cls.n_environments if issubclass(cls, Method) else 1
        return needed > 1 or "environments" in self.recipe.uses

    @cached_property
    def data(self) -> TrainingSet:
        """The training data that the method may see."""
        return training_set(
            _benchmark(self.with_environments),
            _loaded(self.with_environments),
            uses=self.recipe.uses,
            device=CPU,
        )

    def task(self, steps: int = 10) -> Task:
        """The task that the method is given."""
        spec = _benchmark(self.with_environments).spec
        return Task(
            n_classes=len(spec.classes),
            image_shape=SHAPE,
            new_network=_new_network,
            n_features=64,
            n_train=len(self.data),
            steps=steps,
            batch_size=BATCH_SIZE,
            environments=spec.training_environments if self.with_environments else (),
        )

    def module(self, seed: int = 0, steps: int = 10) -> LightningModule:
        """A fresh module for some number of steps, with weights that depend on the seed alone."""
        with isolated():
            seed_all("first weights", seed)
            return self.recipe.make(self.task(steps))

    def batches(self, steps: int, *, rank: int = 0, world_size: int = 1) -> Batches:
        """The first batches of a run."""
        return Batches(
            self.data,
            steps=steps,
            batch_size=BATCH_SIZE,
            seed=0,
            rank=rank,
            world_size=world_size,
            as_pairs=self.recipe.is_plain,
        )

    def trained(
        self,
        steps: int,
        *,
        module: LightningModule | None = None,
        resume_from: Path | None = None,
        stop_at: int | None = None,
        save_to: Path | None = None,
        rank: ProcessRank = _ALONE,
        finishes: bool = True,
    ) -> LightningModule:
        """The module after some steps in the real harness.

        With `stop_at` it stops early, as a killed process does. Without `finishes`, the method's
        `finish` is not called.
        """
        module = self.module(steps=steps) if module is None else module
        request = Request(
            method=self.name,
            benchmark="",
            accelerator="cpu",
            devices=rank.world_size,
            strategy="ddp",
        )
        with tempfile.TemporaryDirectory(prefix="dgbench-") as folder, isolated():
            callback = RunCallback(
                log=None,
                checkpoint=save_to or Path(folder, "last.ckpt"),
                checkpoint_every=stop_at or steps,
                steps=steps,
            )
            batches = self.batches(steps, rank=rank.rank, world_size=rank.world_size)
            with _stopping(batches, stop_at):
                fit(
                    module,
                    batches,
                    callback,
                    request,
                    device=CPU,
                    checkpoint=resume_from,
                    rank=rank,
                )
            if stop_at is None and finishes:
                self._finish(module)
        return module

    def _finish(self, module: LightningModule) -> None:
        finish(
            module,
            _loaded(self.with_environments),
            benchmark=_benchmark(self.with_environments),
            batch_size=BATCH_SIZE,
            seed=0,
            device=CPU,
        )

    def images(self, n: int = 16) -> Tensor:
        """Some training images."""
        from dgbench.training.data import as_floats

        return as_floats(torch.from_numpy(_loaded(self.with_environments).images[:n]))

    def labels(self, n: int = 16) -> Tensor:
        """The labels of those images."""
        return torch.from_numpy(_loaded(self.with_environments).labels[:n])


def _new_network() -> nn.Module:
    return small_cnn(SHAPE)


@contextmanager
def _stopping(batches: Batches, stop_at: int | None) -> Any:
    """Let the stream of batches end early, as that of a killed process does."""
    if stop_at is None:
        yield
        return
    original: Callable[[int], Any] = batches.batch

    def batch(step: int) -> Any:
        if step >= stop_at:
            raise _Stopped
        return original(step)

    batches.batch = batch  # type: ignore[method-assign]  # of this object alone
    with suppress(_Stopped):
        yield


class _Stopped(Exception):  # noqa: N818  (an event, not an error)
    """The stream of batches has ended on purpose."""


def weights_of(module: LightningModule) -> Weights:
    """A copy of a module's state."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def with_sgd(module: LightningModule, learning_rate: float = 0.1) -> LightningModule:
    """Let a module step along its plain gradients, so that these can be compared.

    Schedules are left out. Raises TypeError if `configure_optimizers` returns no optimiser.
    """
    plain_optimizers = [
        SGD([p for group in optimizer.param_groups for p in group["params"]], lr=learning_rate)
        for optimizer in _optimizers_in(module.configure_optimizers())
    ]
    # Of this module alone.
    module.configure_optimizers = lambda: plain_optimizers  # type: ignore[method-assign]
    return module


def _optimizers_in(configured: Any) -> list[Optimizer]:
    """The optimisers in any of the forms that Lightning accepts."""
    if isinstance(configured, tuple) and len(configured) == 2 and isinstance(configured[0], list):
        configured = configured[0]  # the second list holds schedules
    entries = configured if isinstance(configured, list | tuple) else [configured]
    optimizers = [entry["optimizer"] if isinstance(entry, dict) else entry for entry in entries]
    if not all(isinstance(optimizer, Optimizer) for optimizer in optimizers):
        raise TypeError("configure_optimizers returns no optimiser")
    return optimizers
