"""`dgbench leaderboard`: the commands of a store's operator."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.cli.options import Json
from leaderboard.cli import exports, keys, serving, tokens, upkeep
from leaderboard.cli.opening import Database, opened, opened_or_made
from leaderboard.cli.submit import read_bundle_file, show_receipt

if TYPE_CHECKING:
    from leaderboard.records import Receipt
    from leaderboard.service import Service

app = typer.Typer(
    help="Serve, fill, export, check and back up a leaderboard.", no_args_is_help=True
)
app.add_typer(tokens.app, name="token")
app.add_typer(keys.app, name="key")
app.command("serve")(serving.serve)
app.command("export")(exports.export)
app.command("audit")(upkeep.audit)
app.command("fsck")(upkeep.fsck)
app.command("backup")(upkeep.backup)
app.command("restore")(upkeep.restore)

_SUFFIX = ".dgsub"


@app.command("show")
def show(
    benchmark: Annotated[str, typer.Argument(help="A benchmark, such as mnist-color@1.")],
    database: Database = None,
    selection: Annotated[str, typer.Option(help="How hyper-parameters were chosen.")] = "fixed",
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="The leaderboard as it was then.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the rows of a benchmark, track by track."""
    from data_gen.spec_files import find_spec
    from leaderboard.records import Query

    query = Query(benchmark=find_spec(benchmark).id, selection=selection, as_of=as_of)
    with opened(database) as service:
        rows = service.rows(query)
    if as_json:
        from dataclasses import asdict

        typer.echo(json.dumps([asdict(row) for row in rows], indent=1))
        return
    from leaderboard.cli.tables import print_rows

    print_rows(rows, query)


@app.command("import")
def import_bundles(
    places: Annotated[
        list[Path] | None, typer.Argument(metavar="PLACE...", help="Bundles, or folders of them.")
    ] = None,
    has_reference: Annotated[
        bool, typer.Option("--reference", help="The installed reference results.")
    ] = False,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Submit bundles one after the other. Doing it twice adds nothing."""
    if has_reference == bool(places):
        raise UsageError("Name bundles or folders of them, or --reference.")
    if has_reference:
        from leaderboard.cli.reference import import_reference

        import_reference(database, as_json=as_json)
        return
    files = _bundles(places or [])
    problems: list[str] = []
    with opened_or_made(database) as service:
        receipts = [receipt for file in files if (receipt := _received(service, file, problems))]
    if as_json:
        from dataclasses import asdict

        typer.echo(json.dumps([asdict(receipt) for receipt in receipts], indent=1))
    else:
        for receipt in receipts:
            show_receipt(receipt, as_json=False)
    if problems:
        for problem in problems:
            typer.echo(problem, err=True)
        raise DGBenchError(f"{len(problems)} of {len(files)} bundles were not accepted.")


@app.command("withdraw")
def withdraw(
    submission: Annotated[str, typer.Argument(metavar="ID", help="A submission's id.")],
    reason: Annotated[str, typer.Option(help="The reason, shown beside the tombstone.")] = "",
    database: Database = None,
) -> None:
    """Take a submission off the board and leave a tombstone."""
    from leaderboard.records import OPERATOR

    with opened(database) as service:
        service.withdraw(submission, OPERATOR, reason)
    typer.echo(f"{submission}: withdrawn.")


@app.command("moderate")
def moderate(
    submission: Annotated[str, typer.Argument(metavar="ID", help="A submission's id.")],
    action: Annotated[str, typer.Argument(help="hide, show, flag or clear-flags.")],
    reason: Annotated[str, typer.Option(help="The reason, which is public.")],
    database: Database = None,
) -> None:
    """Hide or show a submission, flag it, or clear its flags."""
    from leaderboard.moderation.changes import Action
    from leaderboard.records import OPERATOR

    if action not in get_args(Action):
        raise UsageError(f"There is no action {action!r}: hide, show, flag or clear-flags.")
    with opened(database) as service:
        service.moderate(submission, cast("Action", action), reason, OPERATOR)
    typer.echo(f"{submission}: {action} done.")


def _bundles(places: list[Path]) -> list[Path]:
    files: list[Path] = []
    for place in places:
        if place.is_dir():
            files += sorted(place.rglob(f"*{_SUFFIX}"))
        else:
            files.append(place)
    if not files:
        raise UsageError(
            f"There is no {_SUFFIX} file in {', '.join(repr(str(place)) for place in places)}. "
            "`dgbench bundle RUNS -o DIR` makes some."
        )
    return files


def _received(service: "Service", file: Path, problems: list[str]) -> "Receipt | None":
    from leaderboard.records import OPERATOR

    try:
        return service.receive(read_bundle_file(file), OPERATOR)
    except DGBenchError as error:
        problems.append(f"{file}: {error}")
        return None
