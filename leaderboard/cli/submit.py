"""`dgbench submit`: send a bundle to the local store or to a leaderboard elsewhere."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.cli.options import Json
from dgbench.standings.number_format import digits, ranks, shown
from leaderboard.cli.opening import Database, name_of, opened_or_made

if TYPE_CHECKING:
    from leaderboard.client.http_client import Submitted
    from leaderboard.records import Receipt


def submit(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.dgsub", help="A bundle that `dgbench bundle` made.")
    ],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="A leaderboard's page. Default: the local store."),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            envvar="DGBENCH_TOKEN",
            show_envvar=False,
            help="For --to. The variable DGBENCH_TOKEN is safer: no list of processes shows it.",
        ),
    ] = None,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Send the token to another machine without TLS.")
    ] = False,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Submit a bundle to a leaderboard, by default to the local store."""
    from leaderboard.records import OPERATOR

    if to is not None:
        if database is not None:
            raise UsageError("--to names a leaderboard elsewhere, --db one here: give one of them.")
        receipt: Receipt | Submitted = _submit_to(
            to, token, read_bundle_file(file), allow_http=allow_http
        )
    else:
        with opened_or_made(database) as service:
            receipt = service.receive(read_bundle_file(file), OPERATOR)
    show_receipt(receipt, as_json=as_json)
    if not as_json:
        typer.echo(_where(receipt.submission_id, to, database))


def _where(identifier: str, to: str | None, database: str | None) -> str:
    """Say where a bundle was submitted."""
    if to is None:
        return (
            f"Submitted to the local leaderboard ({name_of(database)}). `--to URL` sends a bundle "
            "to another one."
        )
    address = to.rstrip("/")
    return f"Submitted to {address}: {address}/submission?id={identifier}"


def _submit_to(url: str, token: str | None, data: bytes, *, allow_http: bool) -> "Submitted":
    """Check a bundle here, then send it."""
    if not token:
        raise UsageError(
            f"{url} wants to know who submits. Ask its moderators for a token, and put it into the "
            "variable DGBENCH_TOKEN or after --token."
        )
    from rich.progress import BarColumn, DownloadColumn, TextColumn

    from dgbench.cli.progress import progress
    from dgbench.submission.format.bundle import read_bundle
    from leaderboard.client.http_client import Client

    with Client(url, token, allows_plain_http=allow_http) as client:
        identifier = read_bundle(data).id
        with progress(TextColumn("Sending"), BarColumn(), DownloadColumn()) as bar:
            task = bar.add_task("", total=len(data))
            return client.submit(
                data, identifier, progress=lambda sent, _="": bar.update(task, completed=sent)
            )


def read_bundle_file(file: Path) -> bytes:
    """Read the bytes of a bundle. Raises DGBenchError if it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise DGBenchError(
            f"Cannot read {str(file)!r}: {error.strerror}. `dgbench bundle` makes a bundle."
        ) from error


def show_receipt(receipt: "Receipt | Submitted", *, as_json: bool) -> None:
    """Print what became of a bundle."""
    if as_json:
        from dataclasses import asdict

        typer.echo(json.dumps(asdict(receipt), indent=1))
        return
    from dgbench.standings.versions import older_version_note

    row = receipt.row
    if receipt.is_new is False:
        typer.echo(f"{receipt.submission_id}: the same predictions were here already.")
    else:
        typer.echo(f"{receipt.submission_id}: {row.display_name} on {row.benchmark} is received.")
    score = f"{row.headline.title} {shown(row.headline.estimate, digits(3))}"
    if row.rank is None:
        typer.echo(f"Not ranked ({row.standing}); {score}.")
    else:
        interval = f"95 % interval {ranks(row.rank_low, row.rank_high)}"
        placed = f"Rank {row.rank} ({interval}), tier {row.tier}"
        typer.echo(f"{placed}{', unstable' * row.is_unstable}, {row.standing}; {score}.")
    if note := older_version_note(row.benchmark):
        typer.echo(note)
    if receipt.flags:
        typer.echo(f"Flagged for a moderator to look at: {', '.join(receipt.flags)}.")
