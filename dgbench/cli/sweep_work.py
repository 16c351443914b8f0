"""The work of a sweep on its runs, and what is said about their ends."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from data_gen.foundation.errors import DGBenchError

if TYPE_CHECKING:
    from dgbench.sweep.engine import Engine
    from dgbench.sweep.grid import Grid
    from dgbench.sweep.pace import Pace
    from dgbench.sweep.state import JobState


class Ended(NamedTuple):
    """The states of all runs after a sweep, and what was learnt on the way."""

    states: "list[JobState]"
    pace: "Pace"
    problems: dict[Path, str]
    """By run folder."""


def work(grid: "Grid", engine: "Engine", *, quiet: bool) -> Ended:
    """Work on what is missing."""
    from dgbench.cli.sweep_tables import follow
    from dgbench.sweep.pace import Pace
    from dgbench.sweep.state import settled_states, states_of

    before = settled_states(grid.jobs)
    todo = [run.job for run in before if run.name not in ("done", "diverged", "at work")]
    pace = Pace(before)
    problems = follow(engine, todo, pace, n_over=len(before) - len(todo), quiet=quiet)
    return Ended(states_of(grid.jobs), pace, problems)


def tell(grid: "Grid", ended: Ended, out: Path, *, as_json: bool, quiet: bool) -> None:
    """Say how every run ended. Raises DGBenchError if any is not done."""
    from dgbench.cli.sweep_tables import as_document, print_summary

    if as_json:
        typer.echo(json.dumps(as_document(grid, ended.states, ended.pace), indent=1))
    elif not quiet:
        print_summary(grid, ended.states, out)
    for folder, message in ended.problems.items():
        job = next(job for job in grid.jobs if job.folder == folder)
        typer.echo(f"{job.name}: {message}", err=True)
    missing = sum(not run.is_over for run in ended.states)
    if missing:
        raise DGBenchError(
            f"{missing} of {len(ended.states)} run(s) are not done; what was said above tells why. "
            f"The same command, or `dgbench sweep --resume --out {out}`, tries them again."
        )
