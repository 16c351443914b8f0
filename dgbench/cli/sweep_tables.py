"""A sweep on a terminal: its plan, its progress, and how its runs ended."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich import progress as columns
from rich.console import Console

from data_gen.foundation.progress import Progress, silent
from dgbench.cli.progress import progress
from dgbench.standings.writers.listing import listing

if TYPE_CHECKING:
    from dgbench.sweep.engine import Engine
    from dgbench.sweep.grid import Grid, Job
    from dgbench.sweep.pace import Pace
    from dgbench.sweep.state import JobState, StateName

_ORDER: tuple["StateName", ...] = ("done", "diverged", "failed", "at work", "stopped", "missing")


def follow(
    engine: "Engine", jobs: Sequence["Job"], pace: "Pace", *, n_over: int, quiet: bool
) -> dict[Path, str]:
    """Work on all jobs and return what failed, with a bar on a terminal and lines elsewhere."""
    problems: dict[Path, str] = {}
    if not jobs:
        return problems
    pending = {job.folder: job for job in jobs}
    total = n_over + len(jobs)
    with _bar(total, n_over, quiet=quiet) as show, closing(engine.run(jobs)) as events:
        for job, step, end in events:
            if end is None:
                now = f"{job.name}: step {step} of {job.steps}"
                show(total - len(pending), now, None, None)
                continue
            del pending[job.folder]
            if end.status == "done":
                pace.add(job, end.seconds)
            else:
                problems[job.folder] = f"{end.status}. {end.message}"
            left = pace.left(pending.values(), n_parallel=engine.n_parallel)
            ended = f"{job.name}: {end.status} in {end.seconds:.0f} s"
            show(total - len(pending), "", ended, left)
    return problems


Show = Callable[[int, str, str | None, float | None], None]
"""Receives the runs that are over, the latest step or the latest end, and the seconds left."""


@contextmanager
def _bar(total: int, n_over: int, *, quiet: bool) -> Iterator[Show]:
    with progress(
        columns.TextColumn("sweep"),
        columns.BarColumn(),
        columns.MofNCompleteColumn(),
        columns.TextColumn("runs"),
        columns.TimeElapsedColumn(),
        columns.TextColumn("{task.fields[left]}"),
        columns.TextColumn("{task.fields[now]}", style="dim"),
        quiet=quiet,
    ) as bar:
        task = bar.add_task("", total=total, completed=n_over, left="", now="starting")

        def show(over: int, now: str, ended: str | None, left: float | None) -> None:
            if ended is None:
                bar.update(task, completed=over, now=now)
                return
            text = "" if left is None else f"about {duration(left)} left"
            bar.update(task, completed=over, now=now or ended, left=text)
            if bar.disable and not quiet:
                typer.echo(f"[{over}/{total}] {ended}; {text}".rstrip("; "), err=True)

        yield show


@contextmanager
def waiting(title: str, *, quiet: bool) -> Iterator[Progress]:
    """Show a spinner on a terminal, with what is being done."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield silent
        return
    with console.status(title) as status:
        yield lambda _, note="": status.update(f"{title}: {note}")


def print_plan(
    grid: "Grid", standings: Sequence["JobState"], pace: "Pace", *, n_parallel: int
) -> None:
    """Print a row for each trial with its settings, seeds and time, and then the whole time."""
    console = Console()
    heads = ("method", "benchmark", "trial", "hyper-parameters", "seeds", "state", "time")
    table = listing(*heads, right=("trial", "time"))
    for rows in _by_trial(standings):
        job = rows[0].job
        settings = ", ".join(f"{name} {text}" for name, text in job.request.settings.items())
        table.add_row(
            job.method,
            job.benchmark,
            str(job.trial),
            settings or "the defaults",
            ", ".join(str(run.job.seed) for run in rows),
            _counts(rows),
            _time_of([run.job for run in rows if not run.is_over], pace, 1),
        )
    console.print(table)
    _print_unfit(grid, console)
    todo = [run.job for run in standings if not run.is_over]
    console.print(
        f"\n{len(standings)} runs: {_counts(standings)}. About {_time_of(todo, pace, n_parallel)} "
        f"to go, {n_parallel} at a time.",
        highlight=False,
    )


def print_summary(grid: "Grid", standings: Sequence["JobState"], out: Path) -> None:
    """Print how the runs of run method ended on run benchmark."""
    console = Console()
    benchmarks = list(dict.fromkeys(job.benchmark for job in grid.jobs))
    table = listing("method", *benchmarks)
    for method in dict.fromkeys(job.method for job in grid.jobs):
        cells = [
            [run for run in standings if run.job.kind == (method, benchmark)]
            for benchmark in benchmarks
        ]
        table.add_row(method, *(_counts(runs) if runs else "n/a" for runs in cells))
    console.print(table)
    _print_unfit(grid, console)
    console.print(
        f"\n{len(standings)} runs: {_counts(standings)}. `dgbench report {out}` compares them.",
        highlight=False,
    )


def as_document(grid: "Grid", standings: Sequence["JobState"], pace: "Pace") -> dict[str, Any]:
    """Build what `--json` prints: the state of every run."""
    return {
        "runs": [
            {
                "method": run.job.method,
                "benchmark": run.job.benchmark,
                "trial": run.job.trial,
                "seed": run.job.seed,
                "settings": dict(run.job.request.settings),
                "folder": str(run.job.folder),
                "state": run.name,
                "message": run.record.message if run.record else "",
                "seconds": 0.0 if run.is_over else pace.of(run.job),
            }
            for run in standings
        ],
        "not_applicable": [unfit._asdict() for unfit in grid.unfit],
    }


def duration(seconds: float) -> str:
    """Write a time in seconds, minutes or hours, as a person would."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def _by_trial(standings: Sequence["JobState"]) -> Iterator[list["JobState"]]:
    groups: dict[tuple[str, str, int], list[JobState]] = {}
    for run in standings:
        groups.setdefault((*run.job.kind, run.job.trial), []).append(run)
    yield from groups.values()


def _counts(standings: Sequence["JobState"]) -> str:
    counts = Counter(run.name for run in standings)
    return ", ".join(f"{counts[state]} {state}" for state in _ORDER if counts[state])


def _time_of(jobs: Sequence["Job"], pace: "Pace", n_parallel: int) -> str:
    seconds = pace.left(jobs, n_parallel=n_parallel)
    return "?" if seconds is None else duration(seconds)


def _print_unfit(grid: "Grid", console: Console) -> None:
    for unfit in grid.unfit:
        console.print(f"[dim]n/a: {unfit.method} on {unfit.benchmark}. {unfit.reason}[/]")
