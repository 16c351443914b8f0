"""`dgbench leaderboard export`: write everything to a folder, or one table to a file."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from data_gen.foundation.errors import UsageError
from leaderboard.cli.opening import Database, opened


def export(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="PLACE", help="A folder, or a file of one table."),
    ] = None,
    benchmark: Annotated[
        str | None, typer.Option(help="Write the table of this benchmark. Default: everything.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="json, csv, tex, bib or parquet.")] = "csv",
    uses: Annotated[
        str | None,
        typer.Option(
            help="A track, joined by commas. '' is the track of methods that use nothing extra."
        ),
    ] = None,
    selection: Annotated[str, typer.Option(help="How hyper-parameters were chosen.")] = "fixed",
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="The leaderboard as it was then.")
    ] = None,
    database: Database = None,
) -> None:
    """Write everything to a folder with a page that opens offline, or one table to a file."""
    from data_gen.foundation.files import write_whole
    from data_gen.spec_files import find_spec
    from leaderboard.export.folder import export as export_to
    from leaderboard.export.tables import FORMATS
    from leaderboard.records import Query

    if benchmark is None:
        if output is None:
            raise UsageError("Name a folder with -o, or one table with --benchmark.")
        with opened(database) as service:
            written = export_to(service, output)
        typer.echo(f"{output}: {len(written)} files. Open {output / 'index.html'}.")
        return
    if form not in FORMATS:
        raise UsageError(f"There is no format {form!r}: {', '.join(FORMATS)}.")
    track = None if uses is None else tuple(filter(None, uses.split(",")))
    query = Query(
        benchmark=find_spec(benchmark).id,
        uses=track,
        selection=selection,
        as_of=as_of,
    )
    with opened(database) as service:
        data = FORMATS[form].write(service.rows(query))
    if output is None:
        sys.stdout.buffer.write(data)
        return
    write_whole(output, data)
    typer.echo(str(output))
