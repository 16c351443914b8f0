"""A request, and the plan that it resolves to before anything runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch
from lightning.pytorch import LightningModule
from torch import nn

from data_gen.foundation.errors import DGBenchError, UsageError, suggestion
from dgbench.api import Method, Task
from dgbench.benchmarks import Benchmark, open_benchmark
from dgbench.networks import factory_of, n_features_of
from dgbench.registry import FoundMethod, find_method
from dgbench.results.folder import run_folder
from dgbench.results.record import Configuration, MethodRecord
from dgbench.training.learner import Recipe, check_fits, recipe
from dgbench.training.seeding import isolated, seed_all

DEFAULT_BACKBONE = "small-cnn"
PRECISIONS = ("32-true", "bf16-mixed", "16-mixed", "64-true")
ACCELERATORS = ("auto", "cpu", "gpu", "cuda", "mps")
STRATEGIES = (
    "auto",
    "ddp",
    "ddp_find_unused_parameters_true",
    "ddp_find_unused_parameters_false",
)
"""Lightning's names of strategies that train a whole copy of the network on each device."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """The user's wishes for a run, of which None leaves the choice to benchmark or machine."""

    method: str
    benchmark: str
    settings: Mapping[str, str] = field(default_factory=dict)
    """Hyper-parameters as typed."""
    sources: tuple[str, ...] = ()
    generator_seed: int | None = None
    train_domain: str = "train"
    backbone: str = DEFAULT_BACKBONE
    steps: int | None = None
    batch_size: int | None = None
    accelerator: str = "auto"
    devices: int = 1
    strategy: str = "auto"
    precision: str = "32-true"
    threads: int | None = None
    """Threads of torch on the CPU in each process, by default an even share of the cores."""
    stream: bool | None = None
    """Whether training images stay on disk, by default only if they do not fit into memory."""
    eval_every: int | None = None
    """Steps between evaluations on the development domains."""
    checkpoint_every: int = 500
    resume: bool = False
    force: bool = False
    out: Path = Path("runs")
    trial: int | None = None
    """Number of the trial in a sweep, where 0 has the defaults."""
    with_development: bool = False
    """Whether development domains are evaluated after the training, for selection by oracle."""
    development_only: bool = False
    """Whether these are all that is evaluated, and no test domain is drawn."""
    with_energy: bool = True
    with_probabilities: bool = True
    """Whether predictions keep their probabilities, which makes them forty times as large."""
    with_probes: bool = True
    with_tensorboard: bool = False


class Plan:
    """A resolved request, with its benchmark open, its method imported and its configuration."""

    def __init__(self, request: Request, benchmark: Benchmark | None = None) -> None:
        """Raise DGBenchError or UsageError for anything that cannot be run.

        `benchmark` is the benchmark that the request names, if the caller has opened it already.
        """
        self.request = request
        check_choice("--accelerator", request.accelerator, ACCELERATORS)
        check_choice("--precision", request.precision, PRECISIONS)
        check_choice("--strategy", request.strategy, STRATEGIES)
        self.found: FoundMethod = find_method(request.method)
        self.recipe: Recipe = recipe(self.found.cls, request.settings)
        self.factory = factory_of(request.backbone)
        self.benchmark: Benchmark = benchmark or open_benchmark(
            request.benchmark, given=request.sources, seed=request.generator_seed
        )
        check_fits(self.recipe, self.benchmark.spec, repr(request.method))
        self._check_development()
        budget = self.benchmark.spec.budget
        self.steps = request.steps or budget.steps
        self.batch_size = request.batch_size or budget.batch_size
        if self.batch_size % request.devices:
            raise UsageError(
                f"A batch of {self.batch_size} images cannot be shared evenly by "
                f"{request.devices} devices. Choose another number of devices."
            )

    @cached_property
    def configuration(self) -> Configuration:
        """Everything that determines the result of a seed."""
        request, benchmark = self.request, self.benchmark
        return Configuration(
            benchmark=benchmark.spec.id,
            spec_digest=benchmark.spec.digest,
            sources=benchmark.sources,
            generator_seed=benchmark.seed,
            multiply=benchmark.multiply,
            official=benchmark.official,
            train_domain=request.train_domain,
            method=MethodRecord(
                name=self.found.name,
                version=self.found.version,
                source_digest=self.found.source_digest,
                uses=tuple(sorted(self.recipe.uses)),
            ),
            hyper_parameters=self.recipe.hyper_parameters,
            backbone=request.backbone,
            steps=self.steps,
            batch_size=self.batch_size,
            precision=request.precision,
            development_only=request.development_only,
        )

    def folder(self, seed: int) -> Path:
        """The run folder of one seed."""
        return run_folder(self.request.out, self.configuration, seed)

    @cached_property
    def task(self) -> Task:
        """The task that the method is given."""
        shape = (3, *self.benchmark.image_size)
        with isolated():
            n_features = n_features_of(self.factory, shape)
        return Task(
            n_classes=len(self.benchmark.spec.classes),
            image_shape=shape,
            new_network=_Network(self.factory, shape),
            n_features=n_features,
            n_train=self.benchmark.size(self.request.train_domain),
            steps=self.steps,
            batch_size=self.batch_size,
            environments=(
                self.benchmark.spec.training_environments
                if "environments" in self.recipe.uses
                else ()
            ),
        )

    def new_module(self, seed: int) -> LightningModule:
        """The module with the first weights that belong to a seed."""
        seed_all("first weights", seed)
        module = self.recipe.make(self.task).to(memory_format=torch.channels_last)
        return module.double() if self.dtype == torch.float64 else module

    @property
    def dtype(self) -> torch.dtype:
        """The type of the numbers in weights and images. Mixed precisions keep those of 32 bits."""
        return torch.float64 if self.request.precision == "64-true" else torch.float32

    @property
    def can_probe(self) -> bool:
        """Whether the method has features and the benchmark a domain to probe them on."""
        spec = self.benchmark.spec
        has_domain = any(test.name == "none" for test in spec.test_domains)
        is_method = issubclass(self.found.cls, Method)
        return self._wants_probes and has_domain and is_method and not self.probe_problem

    @cached_property
    def probe_problem(self) -> str:
        """Why the features cannot be probed here, though the counts can be had. Else empty."""
        return self.benchmark.problem_of("dev.none") if self._wants_probes else ""

    @property
    def _wants_probes(self) -> bool:
        # Probes are tested on the test domain `none`.
        return self.request.with_probes and not self.request.development_only

    def _check_development(self) -> None:
        """Raise DGBenchError if development domains are asked for that cannot be drawn here."""
        request = self.request
        if request.eval_every or request.with_development or request.development_only:
            problem = self.benchmark.problem_of("dev.none")
            if problem:
                raise DGBenchError(
                    "Development domains are drawn from the glyphs of the training images. "
                    f"{problem}"
                )


def check_choice(option: str, given: str, choices: tuple[str, ...]) -> None:
    """Raise UsageError unless an option names one of its choices."""
    if given not in choices:
        raise UsageError(f"{option} {given!r} is not known. {suggestion(given, choices)}")


@dataclass(frozen=True)
class _Network:
    """Makes backbones for one image shape, as a class, so that it can be pickled."""

    factory: Callable[[tuple[int, int, int]], nn.Module]
    image_shape: tuple[int, int, int]

    def __call__(self) -> nn.Module:
        return self.factory(self.image_shape)
