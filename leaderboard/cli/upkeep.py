"""`dgbench leaderboard audit`, `fsck`, `backup` and `restore`: check a store and save it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from data_gen.foundation.errors import DGBenchError
from dgbench.cli.options import Json
from leaderboard.cli.opening import Database, opened, opened_or_made

_SHOWN = 20


def audit(database: Database = None, as_json: Json = False) -> None:
    """Check the audit log's chain, and compute every shown number again from the bundles."""
    with opened(database) as service:
        report = service.audit()
        head = service.status().audit_digest
    if as_json:
        typer.echo(json.dumps({**report._asdict(), "audit_digest": head}, indent=1))
    else:
        typer.echo(f"{report.rescored} bundles scored again, {report.rows} rows compared.")
        typer.echo(f"Newest entry of the audit log: {head}")
    _tell(report.problems)


def fsck(
    sample: Annotated[int, typer.Option(min=0, help="Bundles to score again.")] = 20,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Check every file and row, score a sample of the bundles again, and remove orphans."""
    with opened(database) as service:
        report = service.fsck(sample=sample)
    if as_json:
        typer.echo(json.dumps(report._asdict(), indent=1))
    else:
        typer.echo(
            f"{report.rescored} bundles scored again, {report.rows} rows compared, "
            f"{report.removed} left-over files removed."
        )
    _tell(report.problems)


def backup(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write.")],
    database: Database = None,
) -> None:
    """Write the whole store to one archive, while it is in use."""
    with opened(database) as service:
        contents = service.backup(archive)
    typer.echo(f"{archive}: {contents.submissions} submissions, {contents.blobs} files.")


def restore(
    archive: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="An archive that `dgbench leaderboard backup` wrote."),
    ],
    database: Database = None,
) -> None:
    """Fill an empty store, of either database, from an archive."""
    from leaderboard.store import backup as archives

    with opened_or_made(database) as service:
        contents = archives.restore(service.store, archive)
    typer.echo(f"{archive}: {contents.submissions} submissions, {contents.blobs} files restored.")


def _tell(problems: Sequence[str]) -> None:
    for problem in problems[:_SHOWN]:
        typer.echo(problem, err=True)
    if problems:
        raise DGBenchError(
            f"{len(problems)} problem(s) found. `dgbench leaderboard restore` fills a new store "
            "from a backup."
        )
