"""Run the seeds of a plan one after the other, with a bar on a terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from data_gen.foundation.errors import DGBenchError, UsageError

if TYPE_CHECKING:
    from dgbench.results.record import RunRecord
    from dgbench.training.callbacks import OnStep
    from dgbench.training.plan import Plan
    from dgbench.training.runner import Runner


def run_seeds(
    plan: "Plan", seeds: Sequence[int], *, quiet: bool, must_end: bool = False
) -> tuple[list["RunRecord"], dict[int, DGBenchError]]:
    """Run every seed, and return the records of those that are done and the errors of the others.

    With `must_end`, the first seed that fails raises its error.
    """
    from dgbench.training.errors import StoppedError
    from dgbench.training.runner import Runner
    from dgbench.training.stopping import heed

    runner = None if plan.request.devices > 1 else Runner(plan)
    records: list[RunRecord] = []
    failures: dict[int, DGBenchError] = {}
    try:
        for seed in seeds:
            heed()
            try:
                records.append(_run(plan, runner, seed, quiet=quiet))
            except (UsageError, StoppedError):
                raise
            except DGBenchError as error:
                if must_end:
                    raise
                failures[seed] = error
    finally:
        if runner is not None:
            runner.close()
    return records, failures


def _run(plan: "Plan", runner: "Runner | None", seed: int, *, quiet: bool) -> "RunRecord":
    """Run one seed, on several devices if there is no runner."""
    from dgbench.training.processes import run_on_several

    name = f"{plan.configuration.method.name} seed {seed}"
    with _bar(name, plan.steps, quiet=quiet) as on_step:
        if runner is None:
            return run_on_several(plan, seed, on_step=on_step)
        return runner.run(seed, on_step=on_step)


@contextmanager
def _bar(title: str, steps: int, *, quiet: bool) -> Iterator["OnStep"]:
    """A bar of steps with the latest loss."""
    from rich import progress as columns

    from dgbench.cli.progress import progress

    with progress(
        columns.TextColumn("{task.description}"),
        columns.BarColumn(),
        columns.MofNCompleteColumn(),
        columns.TextColumn("steps {task.fields[now]}"),
        columns.TimeElapsedColumn(),
        columns.TextColumn("left"),
        columns.TimeRemainingColumn(),
        quiet=quiet,
    ) as bar:
        task = bar.add_task(title, total=steps, now="")

        def on_step(step: int, loss: float) -> None:
            now = "evaluating" if step >= steps else f"loss {loss:.3g}"
            bar.update(task, completed=step, now=now)

        yield on_step
