"""`dgbench sweep`: many runs as one declared set that is finished, however often it is stopped."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.cli.data import Quiet, Sources
from dgbench.cli.runs import Accelerator, BatchSize, Json, Steps, parse_seeds

if TYPE_CHECKING:
    from dgbench.sweep.engine import Engine
    from dgbench.sweep.grid import Grid
    from dgbench.sweep.machine import Share
    from dgbench.training.plan import Request

ALL = "all"


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
    trials: Annotated[
        int | None,
        typer.Option(min=1, help="Of each method: the defaults, and draws. Default: 1."),
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
        bool, typer.Option("--resume", help="Finish what is declared in DIR; name nothing else.")
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
    data_seed: Annotated[
        int | None, typer.Option(min=0, help="Generator seed; other than the spec's: unofficial.")
    ] = None,
    development: Annotated[
        bool | None,
        typer.Option(
            "--development/--no-development",
            help="Evaluate development domains, for selection by oracle and by sibling benchmarks.",
        ),
    ] = None,
    probes: Annotated[
        bool | None, typer.Option("--probes/--no-probes", help="Probe the features of each run.")
    ] = None,
    probabilities: Annotated[
        bool,
        typer.Option(
            "--probabilities/--no-probabilities", help="Keep them beside the predicted classes."
        ),
    ] = True,
    checkpoint_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 500,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run methods x benchmarks x trials x seeds; called again, finish what is missing."""
    from dgbench.results.declaration import declare
    from dgbench.sweep.grid import expand
    from dgbench.sweep.machine import share
    from dgbench.training.plan import Request

    wanted = {
        "methods": _methods(methods or ()),
        "benchmarks": _benchmarks(benchmarks or ()),
        "trials": trials,
        "seeds": None if seeds is None else tuple(parse_seeds(seeds)),
        "sweep_seed": sweep_seed,
        "sources": _sources(source or ()) or None,
        "generator_seed": data_seed,
        "backbone": backbone,
        "steps": steps,
        "batch_size": batch_size,
        "precision": precision,
        "development": development,
        "probes": probes,
    }
    asked = {name: value for name, value in wanted.items() if value not in (None, ())}
    if address is not None and engine != "ray":
        raise UsageError("--address names a Ray cluster. Add --engine ray.")
    _check(out, asked, resume=resume)
    declaration = declare(out, asked)
    found = share(
        accelerator=accelerator, workers=workers, threads=threads, runs_per_gpu=runs_per_gpu
    )
    request = Request(
        method="",
        benchmark="",
        accelerator=accelerator,
        threads=found.threads,
        out=out,
        checkpoint_every=checkpoint_every,
        with_probabilities=probabilities,
        with_energy=engine == "local" and found.workers == 1,
    )
    grid = expand(declaration, request)
    if dry_run:
        _preview(grid, found, as_json=as_json, quiet=quiet)
        return
    chosen = _engine(engine, found, request, address=address, runs_per_gpu=runs_per_gpu)
    _run(declaration, grid, chosen, out, as_json=as_json, quiet=quiet)


def _engine(
    name: str, found: "Share", request: "Request", *, address: str | None, runs_per_gpu: int
) -> "Engine":
    if name == "local":
        from dgbench.sweep.machine import local_engine

        return local_engine(found, request.out)
    from dgbench.sweep.on_ray import RayEngine

    return RayEngine(
        address=address,
        workers=found.workers,
        threads=found.threads,
        accelerator=request.accelerator,
        runs_per_gpu=runs_per_gpu,
    )


def _run(
    declaration: Any, grid: "Grid", engine: "Engine", out: Path, *, as_json: bool, quiet: bool
) -> None:
    """Work on what is missing, then say how every run ended."""
    from dgbench.cli.sweep_tables import as_document, follow, print_summary
    from dgbench.results.declaration import write_declaration
    from dgbench.sweep.pace import Pace
    from dgbench.sweep.state import held, settled, standings

    with held(out):
        write_declaration(out, declaration)
        before = settled(grid.jobs)
        todo = [each.job for each in before if each.state not in ("done", "diverged", "at work")]
        pace = Pace(before)
        problems = follow(engine, todo, pace, n_over=len(before) - len(todo), quiet=quiet)
        after = standings(grid.jobs)
    if as_json:
        typer.echo(json.dumps(as_document(grid, after, pace), indent=1))
    elif not quiet:
        print_summary(grid, after, out)
    for folder, message in problems.items():
        job = next(job for job in grid.jobs if job.folder == folder)
        typer.echo(f"{job.name}: {message}", err=True)
    missing = sum(not each.is_over for each in after)
    if missing:
        raise DGBenchError(
            f"{missing} of {len(after)} run(s) are not done; what was said above tells why. The "
            f"same command, or `dgbench sweep --resume --out {out}`, tries them again."
        )


def _preview(grid: "Grid", found: "Share", *, as_json: bool, quiet: bool) -> None:
    """What would be run, and how long it would take."""
    from dgbench.cli.sweep_tables import as_document, print_plan, waiting
    from dgbench.sweep.estimate import measure
    from dgbench.sweep.pace import Pace
    from dgbench.sweep.state import standings

    after = standings(grid.jobs)
    pace = Pace(after)
    with waiting("measuring", quiet=quiet or as_json) as tell:
        todo = [each.job for each in after if not each.is_over]
        measure(todo, pace, tell=tell)
    if as_json:
        typer.echo(json.dumps(as_document(grid, after, pace), indent=1))
    else:
        print_plan(grid, after, pace, n_parallel=found.workers)


def _check(out: Path, asked: dict[str, Any], *, resume: bool) -> None:
    from dgbench.results.declaration import DECLARATION

    is_declared = (out / DECLARATION).is_file()
    if resume and not is_declared:
        raise UsageError(
            f"{str(out)!r} holds no sweep to go on with. Name --methods and --benchmarks, or the "
            "--out of the sweep."
        )
    if not resume and not ("methods" in asked and "benchmarks" in asked):
        hint = f", or go on with the sweep in {str(out)!r} by --resume" if is_declared else ""
        raise UsageError(f"Name --methods and --benchmarks{hint}.")


def _methods(texts: Sequence[str]) -> tuple[str, ...]:
    """The names in some comma-separated texts; `all` means every installed method that works."""
    from dgbench.registry import is_path, method_cards

    found: list[str] = []
    for name in _split(texts):
        if name == ALL:
            found += [card.name for card in method_cards() if not card.problem]
        elif is_path(name):
            file, _, attribute = name.rpartition(":")
            found.append(f"{Path(file).resolve()}:{attribute}" if file else name)
        else:
            found.append(name)
    return tuple(dict.fromkeys(found))


def _benchmarks(texts: Sequence[str]) -> tuple[str, ...]:
    """Full names, so that a newer version does not change a sweep that goes on; absolute paths."""
    from data_gen.spec_files import find_spec

    found = []
    for name in _split(texts):
        is_file = Path(name).exists() or Path(name).suffix in (".yaml", ".yml")
        found.append(str(Path(name).resolve()) if is_file else find_spec(name).id)
    return tuple(dict.fromkeys(found))


def _sources(texts: Sequence[str]) -> tuple[str, ...]:
    """Values of --source with absolute paths, so that the sweep goes on from anywhere."""
    found = []
    for text in texts:
        name, equals, place = text.rpartition("=")
        path = Path(place)
        found.append(f"{name}{equals}{path.resolve() if path.is_dir() else place}")
    return tuple(found)


def _split(texts: Sequence[str]) -> list[str]:
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]
