"""`dgbench train`, `evaluate` and `ceilings`: run methods, and look at what they did."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.cli.data import Quiet, Sources

if TYPE_CHECKING:
    from dgbench.references import Reference
    from dgbench.results.record import RunRecord
    from dgbench.training.callbacks import Advance
    from dgbench.training.plan import Plan

Out = Annotated[Path, typer.Option(metavar="DIR", help="Where run folders go.")]
Seeds = Annotated[str, typer.Option(metavar="0-4", help="Seeds, as in 0-4 or 0,3,7.")]
Backbone = Annotated[str, typer.Option(help="small-cnn, domainbed-cnn, resnet18 or a plug-in.")]
Steps = Annotated[int | None, typer.Option(min=1, help="Default: the benchmark's budget.")]
BatchSize = Annotated[int | None, typer.Option(min=1, help="Default: the benchmark's budget.")]
Accelerator = Annotated[str, typer.Option(help="auto, cpu, gpu or mps.")]
Threads = Annotated[
    int | None,
    typer.Option(min=1, help="CPU threads of each process. Default: the cores, shared evenly."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]


def train(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="A name, or path.py:Class.")],
    benchmark: Annotated[
        str, typer.Argument(metavar="BENCHMARK", help="A name, a data set (DIR) or a FILE.yaml.")
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="K=V", help="A hyper-parameter. May be repeated."),
    ] = None,
    seeds: Seeds = "0",
    steps: Steps = None,
    batch_size: BatchSize = None,
    backbone: Backbone = "small-cnn",
    accelerator: Accelerator = "auto",
    devices: Annotated[
        int, typer.Option(min=1, help="Devices that share each batch; its size stays.")
    ] = 1,
    strategy: Annotated[str, typer.Option(help="Lightning's name, such as ddp.")] = "auto",
    precision: Annotated[
        str, typer.Option(help="32-true, bf16-mixed, 16-mixed or 64-true.")
    ] = "32-true",
    threads: Threads = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with runs that were stopped.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Start runs anew.")] = False,
    out: Out = Path("runs"),
    source: Sources = None,
    data_seed: Annotated[
        int | None, typer.Option(min=0, help="Generator seed; other than the spec's: unofficial.")
    ] = None,
    eval_every: Annotated[
        int | None, typer.Option(min=1, help="Log development accuracies every so many steps.")
    ] = None,
    checkpoint_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 500,
    stream: Annotated[
        bool | None,
        typer.Option(
            "--stream/--in-memory",
            help="Keep training images on disk; by default only if they do not fit into memory.",
        ),
    ] = None,
    probabilities: Annotated[
        bool,
        typer.Option(
            "--probabilities/--no-probabilities", help="Keep them beside the predicted classes."
        ),
    ] = True,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also log for TensorBoard.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a method, evaluate it on every test domain, and keep a record of each seed."""
    from dgbench.references import reference_for
    from dgbench.training.plan import Plan, Request

    if resume and force:
        raise UsageError("--resume goes on and --force starts anew; give one of them.")
    wanted = parse_seeds(seeds)
    request = Request(
        method=method,
        benchmark=benchmark,
        settings=parse_settings(settings or ()),
        sources=tuple(source or ()),
        generator_seed=data_seed,
        backbone=backbone,
        steps=steps,
        batch_size=batch_size,
        accelerator=accelerator,
        devices=devices,
        strategy=strategy,
        precision=precision,
        threads=threads,
        stream=stream,
        eval_every=eval_every,
        checkpoint_every=checkpoint_every,
        resume=resume,
        force=force,
        out=out,
        with_probabilities=probabilities,
        with_tensorboard=tensorboard,
    )
    plan = Plan(request)
    # Before the training: damaged reference values should not be found out about after it.
    reference = reference_for(plan.benchmark, benchmark)
    records, failures = run_seeds(plan, wanted, quiet=quiet or as_json)
    _show(plan, records, reference, as_json=as_json, quiet=quiet)
    if failures and len(wanted) == 1:
        raise failures[wanted[0]]
    for seed, problem in failures.items():
        typer.echo(f"seed {seed}: {problem}", err=True)
    if failures:
        folder = plan.folder(next(iter(failures))).parent
        raise DGBenchError(
            f"{len(failures)} of {len(wanted)} run(s) did not end as they should; their logs are "
            f"in {folder}."
        )


def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    method: Annotated[
        str | None, typer.Option(metavar="path.py:Class", help="The method, if not installed.")
    ] = None,
    benchmark: Annotated[
        str | None, typer.Option(metavar="DIR|FILE", help="The benchmark, if not installed.")
    ] = None,
    source: Sources = None,
    as_json: Json = False,
) -> None:
    """Evaluate a run's final weights once more and write its predictions anew."""
    from dgbench.references import reference_for
    from dgbench.training.reevaluation import evaluate_again

    plan, record = evaluate_again(
        run, method=method, benchmark=benchmark, sources=tuple(source or ())
    )
    reference = reference_for(plan.benchmark, plan.request.benchmark)
    _show(plan, [record], reference, as_json=as_json, quiet=False)


def ceilings(
    benchmark: Annotated[str, typer.Argument(metavar="BENCHMARK", help="A name or a FILE.yaml.")],
    seeds: Seeds = "0-2",
    backbone: Backbone = "small-cnn",
    steps: Steps = None,
    batch_size: BatchSize = None,
    accelerator: Accelerator = "auto",
    threads: Threads = None,
    out: Out = Path("runs"),
    source: Sources = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Default: beside the spec, or here."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Train an oracle for each pattern alone, and ERM: the reference values of a benchmark."""
    from dgbench.training.ceilings import hidden_problem, measure, save
    from dgbench.training.plan import Plan, Request

    request = Request(
        method="erm",
        benchmark=benchmark,
        sources=tuple(source or ()),
        backbone=backbone,
        steps=steps,
        batch_size=batch_size,
        accelerator=accelerator,
        threads=threads,
        out=out,
        resume=True,
        with_probes=False,
    )
    wanted = parse_seeds(seeds)
    reference = measure(
        request, wanted, run=lambda plan: run_seeds(plan, wanted, quiet=quiet, must_end=True)[0]
    )
    target = save(reference, benchmark, output)
    if not quiet:
        from dgbench.cli.tables import print_reference

        print_reference(reference)
        if problem := hidden_problem(reference, Plan(request).benchmark.spec):
            typer.echo(problem)
        typer.echo(f"Written to {target}.")


def run_seeds(
    plan: "Plan", seeds: Sequence[int], *, quiet: bool, must_end: bool = False
) -> tuple[list["RunRecord"], dict[int, DGBenchError]]:
    """Run every seed; returns the records of those that are done, and why the others are not."""
    from dgbench.training.processes import run_on_several
    from dgbench.training.runner import Runner

    several = plan.request.devices > 1
    runner = None if several else Runner(plan)
    records: list[RunRecord] = []
    failures: dict[int, DGBenchError] = {}
    try:
        for seed in seeds:
            name = f"{plan.configuration.method.name} seed {seed}"
            with _bar(name, plan.steps, quiet=quiet) as advance:
                try:
                    if runner is None:
                        records.append(run_on_several(plan, seed, advance=advance))
                    else:
                        records.append(runner.run(seed, advance=advance))
                except UsageError:
                    raise
                except DGBenchError as error:
                    if must_end:
                        raise
                    failures[seed] = error
    finally:
        if runner is not None:
            runner.close()
    return records, failures


def parse_seeds(text: str) -> list[int]:
    """`0-4` or `0,3,7` or both as a list without repetition."""
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdigit() and (last.isdigit() if dash else True)):
            raise UsageError(f"--seeds {text!r} is not understood. Write 0-4 or 0,3,7.")
        found += range(int(first), int(last or first) + 1)
    if not found or len(found) > 10_000:
        raise UsageError(f"--seeds {text!r} names {len(found)} seeds. Write 0-4 or 0,3,7.")
    return list(dict.fromkeys(found))


def parse_settings(texts: Sequence[str]) -> dict[str, str]:
    """`k=v` pairs as a mapping."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise UsageError(f"--set {text!r} is not understood. Write --set name=value.")
        found[name.strip().replace("-", "_")] = value.strip()
    return found


def _show(
    plan: "Plan",
    records: Sequence["RunRecord"],
    reference: "Reference | None",
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """The table of the domains, and the plot beside the run folders."""
    from dgbench.metrics.scores import scores
    from dgbench.results.folder import find_runs, read_record

    if not records:
        return
    spec = plan.benchmark.spec
    if as_json:
        from dataclasses import asdict

        typer.echo(
            json.dumps(
                [
                    {
                        "folder": str(plan.folder(record.seed)),
                        "seed": record.seed,
                        "status": record.status,
                        "scores": asdict(scores(record.domains, spec, reference)),
                    }
                    for record in records
                ],
                indent=1,
            )
        )
        return
    folder = plan.folder(records[0].seed).parent
    all_seeds = [read_record(run) for run in find_runs(folder)]
    done = [record for record in all_seeds if record.status == "done"]
    from dgbench.report.domains import save_plot

    save_plot(done, spec, reference, folder / "domains.png")
    if not quiet:
        from dgbench.cli.tables import print_runs

        print_runs(records, spec, reference)
        typer.echo(f"\n{folder}: run folders and domains.png")


@contextmanager
def _bar(title: str, steps: int, *, quiet: bool) -> Iterator["Advance"]:
    """A bar of steps with the latest loss on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("steps {task.fields[now]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=quiet or not console.is_terminal
    ) as bar:
        task = bar.add_task(title, total=steps, now="")

        def advance(step: int, loss: float) -> None:
            now = "evaluating" if step >= steps else f"loss {loss:.3g}"
            bar.update(task, completed=step, now=now)

        yield advance
