"""`dgbench ceilings`: measure the reference values of a benchmark."""

from pathlib import Path
from typing import Annotated

import typer

from dgbench.cli.options import (
    Accelerator,
    Backbone,
    BatchSize,
    Out,
    Quiet,
    Seeds,
    Sources,
    Steps,
    Threads,
    parse_seeds,
)
from dgbench.cli.seeds import run_seeds


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
    """Measure a benchmark's reference values: train ERM, and an oracle for each pattern alone."""
    from dgbench.training.ceilings import hidden_problem, measure, save, unlearnable
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
    )
    numbers = parse_seeds(seeds)
    reference = measure(
        request, numbers, run=lambda plan: run_seeds(plan, numbers, quiet=quiet, must_end=True)[0]
    )
    target = save(reference, benchmark, output)
    if not quiet:
        from dgbench.cli.tables import print_reference

        print_reference(reference)
        spec = Plan(request).benchmark.spec
        for sentence in (*unlearnable(reference, spec), hidden_problem(reference, spec)):
            if sentence:
                typer.echo(sentence)
        typer.echo(f"Written to {target}.")
