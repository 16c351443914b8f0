"""`dgbench doctor`: a check of this machine, with advice."""

import json
from typing import TYPE_CHECKING

import typer

from dgbench.cli.options import Json

if TYPE_CHECKING:
    from dgbench.doctor import Finding

_COLORS = {"works": "green", "absent": "yellow", "broken": "red"}


def doctor(
    as_json: Json = False,
) -> None:
    """Check python, torch, GPU, sources and store, and advise how to mend what does not work.

    The exit code is 1 if something that is installed is broken. A missing part is not a fault.
    """
    from dgbench.doctor import findings

    shown = []
    for finding in findings():
        shown.append(finding)
        if not as_json:
            _print(finding)
    if as_json:
        typer.echo(json.dumps([finding._asdict() for finding in shown], indent=1))
    broken = sum(finding.status == "broken" for finding in shown)
    if not as_json:
        typer.echo(f"\n{_summary(broken)}")
    if broken:
        raise typer.Exit(1)


def _print(finding: "Finding") -> None:
    status = typer.style(f"{finding.status:<7}", fg=_COLORS[finding.status])
    typer.echo(f"{status}  {finding.what:<21}  {finding.detail}")
    if finding.advice:
        typer.echo(f"{'':<32}{typer.style(finding.advice, bold=True)}")


def _summary(broken: int) -> str:
    if broken:
        return f"{broken} broken. The lines in bold say how to mend it."
    return "Nothing is broken. `dgbench quickstart` goes from data to a table in a few minutes."
