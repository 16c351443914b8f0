"""`dgbench report`: the results of runs as a table, a file or a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from data_gen.foundation.errors import UsageError
from dgbench.cli.options import RunFolders
from dgbench.results.selection import Selection

if TYPE_CHECKING:
    from dgbench.report.boards import Board

Format = Literal["table", "md", "latex", "csv", "html", "png"]
_SUFFIXES: dict[str, Format] = {
    ".md": "md",
    ".tex": "latex",
    ".csv": "csv",
    ".html": "html",
    ".png": "png",
}
_FORMATS = "md, latex, csv, html or png"


def report(
    runs: RunFolders,
    rule: Annotated[
        Selection,
        typer.Option("--select", metavar="RULE", help="Rule that selects a trial for each method."),
    ] = "fixed",
    form: Annotated[
        Format | None,
        typer.Option("--format", help="Default: by the suffix of FILE, or else a table."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Default: the terminal.")
    ] = None,
    benchmarks: Annotated[
        list[Path] | None,
        typer.Option("--benchmark", metavar="FILE.yaml", help="A spec that is not installed."),
    ] = None,
    is_wide: Annotated[
        bool, typer.Option("--wide", help="Show every score: F, UP, MP and E too.")
    ] = False,
) -> None:
    """Show what the methods of some runs find, in a table for each benchmark and track."""
    from data_gen.foundation.files import write_whole
    from dgbench.report.boards import read_boards
    from dgbench.report.tables import print_boards

    chosen = form or _format_of(output)
    _check(chosen, output, runs)
    boards = read_boards(runs, own=benchmarks or (), rule=rule)
    if chosen == "png" and output is not None:
        from dgbench.report.heat_map import save_heat_map

        save_heat_map(boards, output)
    elif chosen == "table":
        print_boards(boards, is_wide=is_wide)
    else:
        text = _text(chosen, boards, is_wide=is_wide)
        if output is None:
            typer.echo(text, nl=False)
        else:
            write_whole(output, text.encode())
    if output is not None:
        typer.echo(str(output))


def _text(chosen: Format, boards: Sequence["Board"], *, is_wide: bool) -> str:
    from dgbench.report.page import as_html
    from dgbench.report.tables import as_csv, as_latex, as_markdown

    if chosen == "csv":
        return as_csv(boards)
    makers = {"md": as_markdown, "latex": as_latex, "html": as_html}
    return makers[chosen](boards, is_wide=is_wide)


def _format_of(output: Path | None) -> Format:
    if output is None:
        return "table"
    if output.suffix not in _SUFFIXES:
        raise UsageError(
            f"{str(output)!r} does not end in any of {', '.join(_SUFFIXES)}. Add --format "
            f"{_FORMATS}."
        )
    return _SUFFIXES[output.suffix]


def _check(chosen: Format, output: Path | None, runs: Sequence[Path]) -> None:
    for place in runs:
        if not place.is_dir():
            raise UsageError(f"{str(place)!r} is not a folder. Name the folder that holds runs.")
    if chosen == "png" and output is None:
        raise UsageError("A picture needs a file: add -o FILE.png.")
    if chosen == "table" and output is not None:
        raise UsageError(f"A table is for the terminal. For a file add --format {_FORMATS}.")
