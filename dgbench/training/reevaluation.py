"""Evaluate a run folder's final weights once more."""

import json
from dataclasses import replace
from pathlib import Path

from data_gen.foundation.errors import DGBenchError
from dgbench.results.folder import out_folder, read_record, write_record
from dgbench.results.record import Configuration, RunRecord
from dgbench.training.plan import Plan, Request
from dgbench.training.runner import Runner
from dgbench.training.weights import FINAL


def reevaluate(
    folder: Path,
    *,
    method: str | None = None,
    benchmark: str | None = None,
    sources: tuple[str, ...] = (),
) -> tuple[Plan, RunRecord]:
    """Predict what the run predicted with its final weights, and write predictions and record.

    `method` and `benchmark` name the files in which they are now, if they are not installed.
    """
    record = read_record(folder)
    request = request_of(record, folder, sources=sources)
    plan = Plan(
        replace(
            request,
            method=method or request.method,
            benchmark=benchmark or request.benchmark,
            generator_seed=None if benchmark else request.generator_seed,
        )
    )
    _check_unchanged(plan, record, folder)
    if not (folder / FINAL).is_file():
        raise DGBenchError(
            f"{str(folder)!r} has no final weights; its training is {record.status}. Finish it "
            "with `dgbench train ... --resume`."
        )
    evaluated = Runner(plan).evaluate(record, folder)
    write_record(folder, evaluated)
    return plan, evaluated


def _check_unchanged(plan: Plan, record: RunRecord, folder: Path) -> None:
    """Raise DGBenchError if what is installed is not what the run was made with."""
    if plan.configuration != record.configuration:
        changed = [
            name
            for name in Configuration.model_fields
            if getattr(plan.configuration, name) != getattr(record.configuration, name)
        ]
        raise DGBenchError(
            f"{str(folder)!r} was made with another {' and '.join(changed)} than what is here. "
            "Restore it, name it with --method or --benchmark, or train anew."
        )


def request_of(record: RunRecord, folder: Path, *, sources: tuple[str, ...] = ()) -> Request:
    """The request that a record came from, on one device."""
    configuration = record.configuration
    seed = None if configuration.official else configuration.generator_seed
    return Request(
        method=configuration.method.name,
        benchmark=configuration.benchmark,
        settings={
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in configuration.hyper_parameters.items()
        },
        sources=sources,
        generator_seed=seed,
        train_domain=configuration.train_domain,
        backbone=configuration.backbone,
        steps=configuration.steps,
        batch_size=configuration.batch_size,
        precision=configuration.precision,
        out=out_folder(folder),
        trial=record.trial,
        with_development=bool(record.development),
        development_only=configuration.development_only,
        with_energy=False,
    )
