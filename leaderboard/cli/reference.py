"""`dgbench leaderboard import --reference`, and the same in the background of `serve`."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import typer

from data_gen.foundation.errors import DGBenchError
from leaderboard.cli.opening import opened_or_made
from leaderboard.service import Service

STOP_SECONDS = 5


def import_reference(database: str | None, *, as_json: bool) -> None:
    """Submit the installed reference results to a store."""
    from dataclasses import asdict

    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    from dgbench.cli.progress import progress
    from leaderboard.filling import fill

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with opened_or_made(database) as service, progress(*columns, TimeRemainingColumn()) as bar:
        task = bar.add_task("Reference results", total=None)
        outcome = fill(
            service,
            on_step=lambda n_done, n_total, name: bar.update(
                task, completed=n_done, total=n_total, description=name
            ),
        )
    if as_json:
        typer.echo(json.dumps(asdict(outcome), indent=1))
    else:
        typer.echo(
            f"{outcome.n_new} reference results are new, {outcome.n_there} were there already."
        )
        if outcome.counts_only:
            names = ", ".join(f"{name} ({n})" for name, n in outcome.counts_only.items())
            typer.echo(f"Left out, since they are stored without predictions: {names}.")
    for problem in outcome.problems:
        typer.echo(problem, err=True)
    if outcome.problems:
        raise DGBenchError(f"{len(outcome.problems)} reference results were not accepted.")


@contextmanager
def filling_meanwhile(service: Service, database: str | None) -> Iterator[None]:
    """Fill an empty store, or one that is filled by half, in another process while the block runs.

    Without installed results, it says in one line what to install.
    """
    from dgbench.results.installed import ABSENT, result_folders
    from leaderboard.filling import needs_filling

    if not needs_filling(service):
        yield
        return
    if not any(result_folders()):
        typer.echo(f"The store is empty. {ABSENT}")
        yield
        return
    typer.echo("The store is filled with the reference results meanwhile. (--empty: it is not.)")
    environment = os.environ if database is None else {**os.environ, "DGBENCH_STORE": database}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "dgbench", "leaderboard", "import", "--reference"],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environment,
            # Ctrl-C reaches this process alone, which ends the other one in its own time.
            start_new_session=True,
        )
        is_stopped = threading.Event()
        watcher = threading.Thread(target=_report, args=(process, said, is_stopped))
        watcher.start()
        try:
            yield
        finally:
            is_stopped.set()
            _end(process)
            watcher.join()


def _report(process: "subprocess.Popen[bytes]", said: IO[bytes], stopped: threading.Event) -> None:
    """Wait for the other process, and print its last line unless it was stopped."""
    process.wait()
    if not stopped.is_set():
        said.seek(0)
        lines = said.read().decode(errors="replace").split("\n")
        typer.echo("\n".join(line for line in lines if line.strip()))


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process as Ctrl-C does, so that it tidies up, and at once if it does not."""
    if os.name == "nt":
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
