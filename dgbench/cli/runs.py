"""`dgbench train` and `evaluate`: train methods, and score them on the test domains."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.cli.options import (
    Accelerator,
    Backbone,
    BatchSize,
    CheckpointEvery,
    DevelopmentOnly,
    GeneratorSeed,
    Json,
    Out,
    Probabilities,
    Quiet,
    Seeds,
    Sources,
    Steps,
    Threads,
    parse_seeds,
    parse_settings,
)
from dgbench.cli.seeds import run_seeds
from dgbench.training.stopping import stoppable

if TYPE_CHECKING:
    from dgbench.references import Reference
    from dgbench.results.record import RunRecord
    from dgbench.training.plan import Plan, Request


@stoppable()
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
        int, typer.Option(min=1, help="Devices that share each batch, whose size stays the same.")
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
    data_seed: GeneratorSeed = None,
    eval_every: Annotated[
        int | None, typer.Option(min=1, help="Log development accuracies every N steps.")
    ] = None,
    development_only: DevelopmentOnly = None,
    checkpoint_every: CheckpointEvery = 500,
    stream: Annotated[
        bool | None,
        typer.Option(
            "--stream/--in-memory",
            help="Keep training images on disk. Default: only if they do not fit into memory.",
        ),
    ] = None,
    probabilities: Probabilities = True,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also log for TensorBoard.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a method, evaluate it on every test domain, and keep a record of each seed."""
    from dgbench.training.plan import Request

    if resume and force:
        raise UsageError("--resume goes on and --force starts anew; give one of them.")
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
        development_only=bool(development_only),
        checkpoint_every=checkpoint_every,
        resume=resume,
        force=force,
        out=out,
        with_probabilities=probabilities,
        with_tensorboard=tensorboard,
    )
    _train(request, parse_seeds(seeds), as_json=as_json, quiet=quiet)


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
    """Evaluate a run's final weights again and rewrite its predictions."""
    from dgbench.references import reference_for
    from dgbench.training.reevaluation import reevaluate

    plan, record = reevaluate(run, method=method, benchmark=benchmark, sources=tuple(source or ()))
    reference = reference_for(plan.benchmark, plan.request.benchmark)
    _show(plan, [record], reference, as_json=as_json, quiet=False)


def _train(request: "Request", seeds: Sequence[int], *, as_json: bool, quiet: bool) -> None:
    """Run the seeds of a request, show what is done, and name what failed."""
    from dgbench.references import reference_for
    from dgbench.training.notes import notes
    from dgbench.training.plan import Plan

    plan = Plan(request)
    # Before the training: damaged reference values should be noticed now, not after it.
    reference = reference_for(plan.benchmark, request.benchmark)
    for note in notes(plan, seeds):
        typer.echo(f"Note: {note}", err=True)
    records, failures = run_seeds(plan, seeds, quiet=quiet or as_json)
    _show(plan, records, reference, as_json=as_json, quiet=quiet)
    if failures and len(seeds) == 1:
        raise failures[seeds[0]]
    for seed, problem in failures.items():
        typer.echo(f"seed {seed}: {problem}", err=True)
    if failures:
        folder = plan.folder(next(iter(failures))).parent
        raise DGBenchError(
            f"{len(failures)} of {len(seeds)} run(s) did not end as they should; their logs are "
            f"in {folder}."
        )


def _show(
    plan: "Plan",
    records: Sequence["RunRecord"],
    reference: "Reference | None",
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Print a table of the domains, and save a plot beside the run folders."""
    from dgbench.report.domains import save_plot
    from dgbench.results.folder import find_runs, read_record

    if not records:
        return
    if as_json:
        typer.echo(json.dumps(_documents(plan, records, reference), indent=1))
        return
    folder = plan.folder(records[0].seed).parent
    all_seeds = [read_record(run) for run in find_runs(folder)]
    done = [record for record in all_seeds if record.status == "done"]
    spec = plan.benchmark.spec
    save_plot(done, spec, reference, folder / "domains.png")
    if not quiet:
        from dgbench.cli.tables import print_runs

        print_runs(records, spec, reference)
        typer.echo(f"\n{folder}: run folders and domains.png")


def _documents(
    plan: "Plan", records: Sequence["RunRecord"], reference: "Reference | None"
) -> list[dict[str, Any]]:
    """Build what `--json` prints: the scores of each run."""
    from dataclasses import asdict

    from dgbench.metrics.scores import scores

    spec = plan.benchmark.spec
    return [
        {
            "folder": str(plan.folder(record.seed)),
            "seed": record.seed,
            "status": record.status,
            "development_only": record.configuration.development_only,
            "scores": asdict(scores(record.evaluated, spec, reference, probes=record.probes)),
        }
        for record in records
    ]
