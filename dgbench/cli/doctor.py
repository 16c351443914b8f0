"""`dgbench doctor`: what works here, and what to do about the rest."""

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
    """Look at python, torch, GPU, sources and store: what works, what to do about the rest.

    The exit code is 1 where something that is installed is broken; what is absent is no fault.
    """
    from dgbench.doctor import findings

    found = []
    for finding in findings():
        found.append(finding)
        if not as_json:
            _print(finding)
    if as_json:
        typer.echo(json.dumps([finding._asdict() for finding in found], indent=1))
    broken = sum(finding.status == "broken" for finding in found)
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
        return f"{broken} broken. The lines in bold say what to do."
    return "Nothing is broken. `dgbench quickstart` goes from data to a table in a few minutes."
