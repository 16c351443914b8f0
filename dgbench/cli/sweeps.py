"""`dgbench sweep`: a declared set of runs that gets finished, however often it is stopped."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from data_gen.foundation.errors import UsageError
from dgbench.cli.names import absolute_sources, benchmark_names, member_names, method_names
from dgbench.cli.options import (
    Accelerator,
    BatchSize,
    CheckpointEvery,
    DevelopmentOnly,
    GeneratorSeed,
    Json,
    Probabilities,
    Quiet,
    Sources,
    Steps,
    parse_seeds,
)

if TYPE_CHECKING:
    from dgbench.results.declaration import Declaration
    from dgbench.sweep.engine import Engine
    from dgbench.sweep.grid import Grid
    from dgbench.sweep.machine import Share
    from dgbench.sweep.shard import Shard
    from dgbench.training.plan import Request


def sweep(
    methods: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A,B", help="Names or path.py:Class, or `all` installed. May be repeated."
        ),
    ] = None,
    benchmarks: Annotated[
        list[str] | None,
        typer.Option(metavar="A,B", help="Names, data sets (DIR), FILE.yaml. May be repeated."),
    ] = None,
    families: Annotated[
        list[str] | None,
        typer.Option("--family", metavar="A,B", help="All benchmarks of these families."),
    ] = None,
    suites: Annotated[
        list[str] | None,
        typer.Option("--suite", metavar="A,B", help="All benchmarks of these suites."),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(min=1, help="Trials of each method: its defaults, then draws. Default: 1."),
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="0-4", help="As in 0-4 or 0,3,7. Default: 0.")
    ] = None,
    sweep_seed: Annotated[
        int | None, typer.Option(min=0, help="Keys the draws of hyper-parameters. Default: 0.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Holds the declaration and the run folders.")
    ] = Path("sweep"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Finish the sweep that DIR declares.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the runs and estimate the time.")
    ] = False,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Processes of this machine, or Ray.")
    ] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at the same time. Default: what fits.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="CPU threads of each run. Default: 1; GPU: up to 4.")
    ] = None,
    runs_per_gpu: Annotated[int, typer.Option(min=1, help="Runs that share a GPU.")] = 1,
    address: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="An existing Ray cluster; `auto` finds it."),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="K/N", help="The Kth of N parts, for the jobs of an array."),
    ] = None,
    steps: Steps = None,
    batch_size: BatchSize = None,
    backbone: Annotated[
        str | None, typer.Option(help="small-cnn (default), domainbed-cnn, resnet18 or a plug-in.")
    ] = None,
    accelerator: Accelerator = "auto",
    precision: Annotated[
        str | None, typer.Option(help="32-true (default), bf16-mixed, 16-mixed or 64-true.")
    ] = None,
    source: Sources = None,
    data_seed: GeneratorSeed = None,
    development: Annotated[
        bool | None,
        typer.Option(
            "--development/--no-development",
            help="Evaluate development domains, for selection by oracle and by sibling benchmarks.",
        ),
    ] = None,
    development_only: DevelopmentOnly = None,
    probes: Annotated[
        bool | None, typer.Option("--probes/--no-probes", help="Probe the features of each run.")
    ] = None,
    probabilities: Probabilities = True,
    checkpoint_every: CheckpointEvery = 500,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run methods x benchmarks x trials x seeds. A second call finishes what is missing."""
    from dgbench.results.declaration import declare
    from dgbench.sweep.machine import share
    from dgbench.sweep.shard import parse_shard
    from dgbench.training.plan import Request

    asked = _given(
        methods=method_names(methods or ()),
        benchmarks=_benchmarks(benchmarks or (), families or (), suites or ()),
        trials=trials,
        seeds=None if seeds is None else tuple(parse_seeds(seeds)),
        sweep_seed=sweep_seed,
        sources=absolute_sources(source or ()),
        generator_seed=data_seed,
        backbone=backbone,
        steps=steps,
        batch_size=batch_size,
        precision=precision,
        development=development,
        development_only=development_only,
        probes=probes,
    )
    if address is not None and engine != "ray":
        raise UsageError("--address names a Ray cluster. Add --engine ray.")
    _check(out, asked, resume=resume)
    declaration = declare(out, asked)
    machine = share(
        accelerator=accelerator, workers=workers, threads=threads, runs_per_gpu=runs_per_gpu
    )
    request = Request(
        method="",
        benchmark="",
        accelerator=accelerator,
        threads=machine.threads,
        out=out,
        checkpoint_every=checkpoint_every,
        with_probabilities=probabilities,
        with_energy=engine == "local" and machine.workers == 1,
    )
    place = _Place(engine, machine, address, runs_per_gpu, parse_shard(shard))
    _sweep(declaration, request, place, dry_run=dry_run, as_json=as_json, quiet=quiet)


class _Place(NamedTuple):
    """The machine or cluster that works on the runs of a sweep."""

    engine: Literal["local", "ray"]
    machine: "Share"
    address: str | None
    """Of a Ray cluster."""
    runs_per_gpu: int
    shard: "Shard | None"
    """The part of the sweep, or None for all of it."""


def _sweep(
    declaration: "Declaration",
    request: "Request",
    place: _Place,
    *,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Resolve every run, then show the plan or work on it."""
    from dataclasses import replace

    from dgbench.cli.sweep_work import tell, work
    from dgbench.results.declaration import write_declaration
    from dgbench.sweep.grid import expand
    from dgbench.sweep.state import locked
    from dgbench.training.stopping import stoppable

    grid = expand(declaration, request)
    if place.shard is not None:
        n_runs = len(grid.jobs)
        grid = replace(grid, jobs=place.shard.jobs(grid.jobs))
        if not grid.jobs:
            typer.echo(f"Nothing is left for part {place.shard.name} of {n_runs} run(s).", err=True)
            return
    if dry_run:
        _preview(grid, place.machine, as_json=as_json, quiet=quiet)
        return
    engine = _engine(place, request)
    with stoppable(), locked(request.out, place.shard):
        write_declaration(request.out, declaration)
        ended = work(grid, engine, quiet=quiet)
    tell(grid, ended, request.out, as_json=as_json, quiet=quiet)


def _engine(place: _Place, request: "Request") -> "Engine":
    if place.engine == "local":
        from dgbench.sweep.machine import local_engine

        return local_engine(place.machine, request.out)
    from dgbench.sweep.on_ray import RayEngine

    return RayEngine(
        address=place.address,
        workers=place.machine.workers,
        threads=place.machine.threads,
        accelerator=request.accelerator,
        runs_per_gpu=place.runs_per_gpu,
    )


def _preview(grid: "Grid", machine: "Share", *, as_json: bool, quiet: bool) -> None:
    """Show what would be run, and how long it would take."""
    from dgbench.cli.sweep_tables import as_document, print_plan, waiting
    from dgbench.sweep.estimate import measure
    from dgbench.sweep.pace import Pace
    from dgbench.sweep.state import states_of

    after = states_of(grid.jobs)
    pace = Pace(after)
    with waiting("measuring", quiet=quiet or as_json) as progress:
        todo = [run.job for run in after if not run.is_over]
        measure(todo, pace, progress=progress)
    if as_json:
        typer.echo(json.dumps(as_document(grid, after, pace), indent=1))
    else:
        print_plan(grid, after, pace, n_parallel=machine.workers)


def _benchmarks(
    names: Sequence[str], families: Sequence[str], suites: Sequence[str]
) -> tuple[str, ...]:
    """Return the benchmarks that a call names, and the members of its families and suites."""
    members = member_names(families=families, suites=suites)
    return tuple(dict.fromkeys((*benchmark_names(names), *members)))


def _given(**options: Any) -> dict[str, Any]:
    """Select the options that the call names. The others stay as declared, or at their defaults."""
    return {name: value for name, value in options.items() if value not in (None, ())}


def _check(out: Path, asked: dict[str, Any], *, resume: bool) -> None:
    from dgbench.results.declaration import DECLARATION

    if asked.get("development_only") and asked.get("development") is False:
        raise UsageError("--development-only and --no-development leave nothing to evaluate.")
    is_declared = (out / DECLARATION).is_file()
    if resume and not is_declared:
        raise UsageError(
            f"{str(out)!r} holds no sweep to go on with. Name --methods and --benchmarks, or the "
            "--out of the sweep."
        )
    if not resume and not ("methods" in asked and "benchmarks" in asked):
        hint = f", or go on with the sweep in {str(out)!r} by --resume" if is_declared else ""
        raise UsageError(f"Name --methods, and --benchmarks, --family or --suite{hint}.")
