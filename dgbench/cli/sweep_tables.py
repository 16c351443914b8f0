"""What a sweep shows: its plan, its progress, and how its runs ended."""

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
from dgbench.standings.writers.terminal import listing

if TYPE_CHECKING:
    from dgbench.sweep.engine import Engine
    from dgbench.sweep.grid import Grid, Job
    from dgbench.sweep.pace import Pace
    from dgbench.sweep.state import JobState, StateName

_ORDER: tuple["StateName", ...] = ("done", "diverged", "failed", "at work", "stopped", "missing")


def follow(
    engine: "Engine", jobs: Sequence["Job"], pace: "Pace", *, n_over: int, quiet: bool
) -> dict[Path, str]:
    """Work on all jobs with a bar on a terminal, a line a run elsewhere; returns what failed."""
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
"""Is told the runs that are over, the latest step or the latest end, and the seconds left."""


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
    """A spinner on a terminal that says what is being done."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield silent
        return
    with console.status(title) as status:
        yield lambda _, note="": status.update(f"{title}: {note}")


def print_plan(
    grid: "Grid", standings: Sequence["JobState"], pace: "Pace", *, n_parallel: int
) -> None:
    """A row a trial, with its hyper-parameters, its seeds and its time; then the whole time."""
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
            ", ".join(str(each.job.seed) for each in rows),
            _counts(rows),
            _time_of([each.job for each in rows if not each.is_over], pace, 1),
        )
    console.print(table)
    _print_unfit(grid, console)
    todo = [each.job for each in standings if not each.is_over]
    console.print(
        f"\n{len(standings)} runs: {_counts(standings)}. About {_time_of(todo, pace, n_parallel)} "
        f"to go, {n_parallel} at a time.",
        highlight=False,
    )


def print_summary(grid: "Grid", standings: Sequence["JobState"], out: Path) -> None:
    """How the runs of each method ended on each benchmark."""
    console = Console()
    benchmarks = list(dict.fromkeys(job.benchmark for job in grid.jobs))
    table = listing("method", *benchmarks)
    for method in dict.fromkeys(job.method for job in grid.jobs):
        cells = [
            [each for each in standings if each.job.kind == (method, benchmark)]
            for benchmark in benchmarks
        ]
        table.add_row(method, *(_counts(found) if found else "n/a" for found in cells))
    console.print(table)
    _print_unfit(grid, console)
    console.print(
        f"\n{len(standings)} runs: {_counts(standings)}. `dgbench report {out}` compares them.",
        highlight=False,
    )


def as_document(grid: "Grid", standings: Sequence["JobState"], pace: "Pace") -> dict[str, Any]:
    """For a script."""
    return {
        "runs": [
            {
                "method": each.job.method,
                "benchmark": each.job.benchmark,
                "trial": each.job.trial,
                "seed": each.job.seed,
                "settings": dict(each.job.request.settings),
                "folder": str(each.job.folder),
                "state": each.name,
                "message": each.record.message if each.record else "",
                "seconds": 0.0 if each.is_over else pace.of(each.job),
            }
            for each in standings
        ],
        "not_applicable": [each._asdict() for each in grid.unfit],
    }


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, as one says it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def _by_trial(standings: Sequence["JobState"]) -> Iterator[list["JobState"]]:
    groups: dict[tuple[str, str, int], list[JobState]] = {}
    for each in standings:
        groups.setdefault((*each.job.kind, each.job.trial), []).append(each)
    yield from groups.values()


def _counts(standings: Sequence["JobState"]) -> str:
    counts = Counter(each.name for each in standings)
    return ", ".join(f"{counts[state]} {state}" for state in _ORDER if counts[state])


def _time_of(jobs: Sequence["Job"], pace: "Pace", n_parallel: int) -> str:
    seconds = pace.left(jobs, n_parallel=n_parallel)
    return "?" if seconds is None else duration(seconds)


def _print_unfit(grid: "Grid", console: Console) -> None:
    for each in grid.unfit:
        console.print(f"[dim]n/a: {each.method} on {each.benchmark}. {each.reason}[/]")
