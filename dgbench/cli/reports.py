"""`dgbench report`: the results of runs as a table, a file or a picture."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from data_gen.foundation.errors import UsageError
from dgbench.cli.options import FamilyName, RunFolders, SuiteName
from dgbench.results.selection import Selection

if TYPE_CHECKING:
    from dgbench.lists.family import Family
    from dgbench.lists.suite import Suite
    from dgbench.report.boards import Board
    from dgbench.report.list_report import ListReport

Format = Literal["table", "md", "latex", "csv", "html", "json", "png"]
_SUFFIXES: dict[str, Format] = {
    ".md": "md",
    ".tex": "latex",
    ".csv": "csv",
    ".html": "html",
    ".json": "json",
    ".png": "png",
}
_FORMATS = "md, latex, csv, html, json or png"


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
    family_name: FamilyName = None,
    suite_name: SuiteName = None,
) -> None:
    """Show what the methods of some runs find, in a table for each benchmark and track."""
    from data_gen.foundation.files import write_whole
    from dgbench.report.boards import read_boards

    chosen = form or _format_of(output)
    _check(chosen, output, runs)
    asked = _asked(family_name, suite_name)
    boards = read_boards(runs, own=benchmarks or (), rule=rule, members=asked.members)
    if chosen == "png" and output is not None:
        from dgbench.report.heat_map import save_heat_map

        save_heat_map(boards, output)
    elif chosen == "table":
        _print(boards, asked, is_wide=is_wide)
    else:
        text = _text(chosen, boards, asked, is_wide=is_wide)
        if output is None:
            typer.echo(text, nl=False)
        else:
            write_whole(output, text.encode())
    if output is not None:
        typer.echo(str(output))


class _Asked(NamedTuple):
    """The family or suite that a report is about, if any."""

    family: "Family | None" = None
    suite: "Suite | None" = None

    @property
    def members(self) -> tuple[str, ...]:
        """The benchmarks of the report, or nothing for all benchmarks."""
        if self.family is not None:
            return self.family.benchmarks
        return self.suite.members if self.suite is not None else ()


def _asked(family: str | None, suite: str | None) -> _Asked:
    from dgbench.lists.family import find_family
    from dgbench.lists.suite import find_suite

    if family is not None and suite is not None:
        raise UsageError("Name --family or --suite, not both.")
    if family is not None:
        return _Asked(family=find_family(family))
    return _Asked(suite=find_suite(suite)) if suite is not None else _Asked()


def _listed(boards: Sequence["Board"], asked: _Asked) -> "ListReport":
    from dgbench.report.list_report import list_report

    return list_report(boards, family=asked.family, suite=asked.suite)


def _print(boards: Sequence["Board"], asked: _Asked, *, is_wide: bool) -> None:
    """Print the tables of a list, or of all boards."""
    from dgbench.report.tables import print_boards
    from dgbench.standings.writers.terminal import print_tables

    if asked.members:
        print_tables(_listed(boards, asked).tables)
    else:
        print_boards(boards, is_wide=is_wide)


def _text(chosen: Format, boards: Sequence["Board"], asked: _Asked, *, is_wide: bool) -> str:
    from dgbench.report.page import as_html
    from dgbench.report.tables import as_csv, as_latex, as_markdown
    from dgbench.standings.writers.latex import latex_tables
    from dgbench.standings.writers.markdown import markdown

    if chosen == "csv":
        return as_csv(boards)
    if chosen == "html":
        return as_html(boards, is_wide=is_wide, listed=_listed(boards, asked))
    if chosen == "json":
        return json.dumps(_listed(boards, asked).document, indent=1) + "\n"
    if asked.members:
        write = {"md": markdown, "latex": latex_tables}[chosen]
        return write(_listed(boards, asked).tables)
    makers = {"md": as_markdown, "latex": as_latex}
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
