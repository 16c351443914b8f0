"""From a declaration to its runs."""

from collections.abc import Callable, Iterator
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
    folder: Path

    @property
    def name(self) -> str:
        """As it is told to a person."""
        return f"{self.method} on {self.benchmark}, trial {self.trial}, seed {self.seed}"

    @property
    def kind(self) -> tuple[str, str]:
        """Jobs of one kind take about the same time."""
        return self.method, self.benchmark


class Unfit(NamedTuple):
    """A method and a benchmark that do not apply to each other."""

    method: str
    benchmark: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Grid:
    """All runs of a declaration, and what is not applicable."""

    jobs: tuple[Job, ...]
    unfit: tuple[Unfit, ...]


def expand(
    declaration: Declaration, machine: Request, *, tell: Callable[[str], None] = lambda _: None
) -> Grid:
    """Resolve every run; whatever is mistyped is named before anything runs.

    `machine` says how to run, in fields that change no result: `out`, accelerator, threads and the
    like. Runs of one benchmark are next to each other, since a worker keeps its data; the trials
    follow one another, so that the defaults of all methods are there first.
    """
    jobs: dict[Path, Job] = {}
    unfit: dict[tuple[str, str], Unfit] = {}
    for what in declaration.benchmarks:
        tell(what)
        benchmark = open_benchmark(what, given=declaration.sources, seed=declaration.generator_seed)
        for trial in range(declaration.trials):
            for method in declaration.methods:
                try:
                    found = _jobs(declaration, machine, method, what, benchmark, trial)
                    for job in found:
                        jobs.setdefault(job.folder, job)
                except UnfitError as error:
                    pair = (method, benchmark.spec.id)
                    unfit[pair] = Unfit(*pair, str(error))
    if not jobs:
        reasons = " ".join(dict.fromkeys(each.reason for each in unfit.values()))
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
    """One trial of a method on a benchmark: a job a seed."""
    found = find_method(method)
    if trial >= n_trials(found.cls, declaration.trials):
        return
    request = replace(
        machine,
        method=method,
        benchmark=what,
        settings=settings_of(found.cls, found.name, sweep_seed=declaration.sweep_seed, trial=trial),
        sources=declaration.sources,
        generator_seed=declaration.generator_seed,
        backbone=declaration.backbone,
        steps=declaration.steps,
        batch_size=declaration.batch_size,
        precision=declaration.precision,
        trial=trial,
        with_development=declaration.development,
        with_probes=declaration.probes,
        resume=True,
    )
    plan = Plan(request, benchmark)
    for seed in declaration.seeds:
        yield Job(
            request=request,
            seed=seed,
            method=found.name,
            benchmark=benchmark.spec.id,
            trial=trial,
            steps=plan.steps,
            folder=plan.folder(seed),
        )
