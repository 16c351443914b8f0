"""A method: a Lightning module with typed hyper-parameters that declares what it needs."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any, ClassVar, Literal, final

import torch
from jaxtyping import Float
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from typing_extensions import override

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.api.batch import Batch
from dgbench.api.config import Config as BaseConfig
from dgbench.api.gathering import gather
from dgbench.api.task import Task
from dgbench.results.facts import Paper, Paradigm

Losses = Mapping[str, Float[Tensor, ""]]
"""Named terms of a loss. Their sum is minimised, and each is logged."""

BatchSemantics = Literal["per-sample", "global", "local"]


class Method(LightningModule, ABC):
    """A learning algorithm. Most need only a loss: see LossMethod.

    Subclass this one for several passes or optimisers, and write `training_step` (set
    `self.automatic_optimization = False` to step by hand, as in any Lightning module). It returns
    the loss, or a dict of scalars with the key `loss`, all of which are logged.
    """

    uses: ClassVar[frozenset[str]] = frozenset()
    """Extra information that the method needs. Anything undeclared is withheld."""
    paper: ClassVar[Paper | None] = None
    """The publication that the method comes from."""
    paradigm: ClassVar[Paradigm] = "network"
    """The kind of learning system: `network`, `spiking`, `graph`, `symbolic` or `debate`."""
    uses_backbone: ClassVar[bool] = True
    """Whether the method trains the task's backbone, and not a network of its own alone."""
    is_yardstick: ClassVar[bool] = False
    """Whether it is told where to look, or does not look at all, and only shows what a score means.
    A yardstick is drawn as a line in tables and figures, and never ranked."""
    batch_semantics: ClassVar[BatchSemantics] = "per-sample"
    """`per-sample`: the loss is a mean over images. `global`: it compares images and gathers them
    from all devices with `self.gather`. `local`: it uses statistics of the images on one device, so
    its result depends on the number of devices."""
    n_environments: ClassVar[int] = 1
    """The smallest number of training environments with which the method makes sense."""

    regularisation: ClassVar[tuple[str, ...]] = ()
    """Hyper-parameters that say how strongly a trial regularises, the most important one first,
    written `-name` where less is stronger. Selection by `constrained-id` takes the strongest trial
    that still fits. If empty, the order is `weight`, or else the method's own first
    hyper-parameter, and then `weight_decay`."""

    class Config(BaseConfig):
        """The hyper-parameters of a method that adds none of its own."""

    config: Config

    @override
    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if is_dataclass(cls.Config):
            raise UsageError(
                f"{cls.Config.__qualname__} is decorated with @dataclass. Remove that line: a "
                "Config needs no decorator."
            )
        if not issubclass(cls.Config, BaseConfig):
            raise UsageError(
                f"{cls.__qualname__}.Config is not a dgbench.api.Config. Write "
                f"class Config({cls.__mro__[1].__name__}.Config)."
            )

    def __init__(self, task: Task, config: Config | None = None) -> None:
        """Make a network and a linear head. To add parts, override it and call this first."""
        super().__init__()
        self.task = task
        self.config = type(self).Config() if config is None else config
        self.network = task.new_network()
        self.head = nn.Linear(task.n_features, task.n_classes)

    def features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d"]:
        """Compute what the head sees. Linear probes read it too."""
        return self.network(images)

    @override
    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k"]:
        """Compute the logits by which the method is tested."""
        return self.head(self.features(images))

    def augment(self, batch: Batch) -> Batch:
        """Change a training batch before the step, with randomness from `batch.uniform`."""
        return batch

    def gather(self, values: Tensor) -> Tensor:
        """Collect the values of the whole batch from all devices, in one order, with gradients."""
        return gather(values)

    def finish(self, validation: Iterable[Batch]) -> None:
        """Work on after the last step, called once if the method uses `balanced_validation`.

        `validation` holds every image of the held-out training digits, in which only the shape
        correlates with the class.
        """

    @override
    def configure_optimizers(self) -> Any:
        """Use Adam over all parameters."""
        return torch.optim.Adam(
            self.parameters(),
            lr=self.config.learning_rate,
            weight_decay=self.config.weight_decay,
            fused=self.device.type in ("cpu", "cuda"),
        )

    @abstractmethod
    @override
    def training_step(self, batch: Batch, batch_idx: int) -> Tensor | Mapping[str, Tensor]:
        """Take one step on one batch."""

    @override
    def __setattr__(self, name: str, value: Any) -> None:
        # Lightning notes the hook it is in forty times a step; torch's own way to set an attribute
        # is made for weights and would cost three per cent of the training on a CPU.
        if name == "_current_fx_name":
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    @final
    @override
    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        return self.augment(batch)

    @final
    @override
    def transfer_batch_to_device(
        self, batch: Batch, device: torch.device, dataloader_idx: int
    ) -> Batch:
        return batch


class LossMethod(Method):
    """A method that is fully described by its loss."""

    @abstractmethod
    def loss(self, batch: Batch) -> Losses:
        """Compute the terms of the loss on one batch, each a scalar."""

    @final
    @override
    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        losses = self.loss(batch)
        for name, value in losses.items():
            if value.shape != ():
                raise DGBenchError(
                    f"{type(self).__name__}.loss()[{name!r}] has shape {tuple(value.shape)}, "
                    "expected (). Reduce it over the batch, e.g. with .mean()."
                )
        total = sum(losses.values(), start=torch.zeros((), device=self.device))
        return {"loss": total, **{name: value.detach() for name, value in losses.items()}}
