"""The runs of a declaration."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from data_gen.foundation.errors import UsageError
from dgbench.benchmarks import Benchmark, open_benchmark
from dgbench.registry import find_method
from dgbench.results.declaration import Declaration
from dgbench.sweep.trials import n_trials, settings_of
from dgbench.training.errors import UnfitError
from dgbench.training.plan import Plan, Request


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run of a sweep."""

    request: Request
    seed: int
    method: str
    benchmark: str
    """The full name."""
    trial: int
    steps: int
    cost: int
    """Pixels that pass through the network, of which those in training count three times."""
    folder: Path

    @property
    def name(self) -> str:
        """The name by which a person knows the run."""
        return f"{self.method} on {self.benchmark}, trial {self.trial}, seed {self.seed}"

    @property
    def kind(self) -> tuple[str, str]:
        """The method and benchmark, since jobs that share them take about the same time."""
        return self.method, self.benchmark


class Unfit(NamedTuple):
    """A method and a benchmark that do not apply to each other."""

    method: str
    benchmark: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Grid:
    """All runs of a declaration, and the pairs that do not apply to each other."""

    jobs: tuple[Job, ...]
    unfit: tuple[Unfit, ...]


def expand(declaration: Declaration, machine: Request) -> Grid:
    """Resolve every run, so that any mistake in the declaration is named before anything runs.

    `machine` says how to run, in fields that change no result: `out`, accelerator, threads and the
    like. Runs of one benchmark are adjacent, since a worker keeps its data. Within a benchmark,
    trials follow one another, so that the defaults of all methods are done first.
    """
    jobs: dict[Path, Job] = {}
    unfit: dict[tuple[str, str], Unfit] = {}
    for what in declaration.benchmarks:
        benchmark = open_benchmark(what, given=declaration.sources, seed=declaration.generator_seed)
        for trial in range(declaration.trials):
            for method in declaration.methods:
                try:
                    for job in _jobs(declaration, machine, method, what, benchmark, trial):
                        jobs.setdefault(job.folder, job)
                except UnfitError as error:
                    names = (method, benchmark.spec.id)
                    unfit[names] = Unfit(*names, str(error))
    if not jobs:
        reasons = " ".join(dict.fromkeys(pair.reason for pair in unfit.values()))
        raise UsageError(f"No method of this sweep applies to any of its benchmarks. {reasons}")
    return Grid(jobs=tuple(jobs.values()), unfit=tuple(unfit.values()))


def _jobs(
    declaration: Declaration,
    machine: Request,
    method: str,
    what: str,
    benchmark: Benchmark,
    trial: int,
) -> Iterator[Job]:
    """The jobs of one trial of a method on a benchmark, one for each seed."""
    resolved = find_method(method)
    if trial >= n_trials(resolved.cls, declaration.trials):
        return
    settings = settings_of(
        resolved.cls, resolved.name, sweep_seed=declaration.sweep_seed, trial=trial
    )
    request = replace(
        _with_declared(declaration, machine),
        method=method,
        benchmark=what,
        settings=settings,
        trial=trial,
    )
    plan = Plan(request, benchmark)
    cost = _cost(plan)
    for seed in declaration.seeds:
        yield Job(
            request=request,
            seed=seed,
            method=resolved.name,
            benchmark=benchmark.spec.id,
            trial=trial,
            steps=plan.steps,
            cost=cost,
            folder=plan.folder(seed),
        )


def _cost(plan: Plan) -> int:
    """The work of a run, known before it begins. A backward pass takes two forward passes."""
    height, width = plan.benchmark.image_size
    n_evaluated = sum(plan.benchmark.size(name) for name in plan.benchmark.test_names)
    return height * width * (3 * plan.steps * plan.batch_size + n_evaluated)


def _with_declared(declaration: Declaration, machine: Request) -> Request:
    """The request with everything that all runs of a sweep have in common."""
    return replace(
        machine,
        sources=declaration.sources,
        generator_seed=declaration.generator_seed,
        backbone=declaration.backbone,
        steps=declaration.steps,
        batch_size=declaration.batch_size,
        precision=declaration.precision,
        with_development=declaration.development,
        development_only=declaration.development_only,
        with_probes=declaration.probes,
        resume=True,
    )
