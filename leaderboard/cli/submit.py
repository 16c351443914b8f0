"""`dgbench submit`: a bundle becomes a row."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data_gen.errors import DGBenchError
from leaderboard.cli.opening import Database, Json, load, opened

if TYPE_CHECKING:
    from leaderboard.entries import Receipt


def submit(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.dgsub", help="A bundle that `dgbench bundle` made.")
    ],
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Submit a bundle to a leaderboard; by default to the local store."""
    operator = load("leaderboard.entries").OPERATOR
    with opened(database) as service:
        receipt = service.receive(read_bundle_file(file), operator)
    show_receipt(receipt, as_json=as_json)


def read_bundle_file(file: Path) -> bytes:
    """The bytes of a bundle; DGBenchError where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise DGBenchError(
            f"Cannot read {str(file)!r}: {error.strerror}. `dgbench bundle` makes a bundle."
        ) from error


def show_receipt(receipt: "Receipt", *, as_json: bool) -> None:
    """What became of a bundle."""
    if as_json:
        from dataclasses import asdict

        typer.echo(json.dumps(asdict(receipt), indent=1))
        return
    row = receipt.row
    if not receipt.is_new:
        typer.echo(f"{receipt.submission_id}: the same predictions were here already.")
    else:
        typer.echo(f"{receipt.submission_id}: {row.display_name} on {row.benchmark} is received.")
    score = "no headline score" if row.hps is None else f"score {row.hps:.3f}"
    if row.rank is None:
        typer.echo(f"Not ranked ({row.standing}); {score}.")
    else:
        interval = f" (between {row.rank_low} and {row.rank_high})"
        typer.echo(f"Rank {row.rank}{interval}, {row.standing}; {score}.")
    if receipt.flags:
        typer.echo(f"Flagged for a moderator to look at: {', '.join(receipt.flags)}.")
