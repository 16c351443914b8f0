"""`dgbench methods`, `new-method` and `check-method`: list, begin and check methods."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data_gen.foundation.errors import DGBenchError
from dgbench.cli.options import Json

if TYPE_CHECKING:
    from dgbench.checks import Outcome

app = typer.Typer(help="List the methods, or show one.", invoke_without_command=True)


@app.callback()
def list_methods(context: typer.Context, as_json: Json = False) -> None:
    """List the installed methods, each with a sentence, what it uses and its paper."""
    if context.invoked_subcommand:
        return
    from dgbench.registry import method_cards

    cards = list(method_cards())
    if as_json:
        typer.echo(json.dumps([card.document() for card in cards], indent=1))
        return
    from rich.console import Console
    from rich.markup import escape

    from dgbench.standings.writers.listing import listing

    table = listing("", "")
    for card in cards:
        if card.problem:
            table.add_row(f"[red]{escape(card.name)}[/]", escape(f"{card.owner}: {card.problem}"))
            continue
        uses = f"uses {', '.join(card.uses)}; " if card.uses else ""
        about = f"{uses}{card.reference or card.owner}"
        table.add_row(
            f"[cyan]{escape(card.name)}[/]", f"{escape(card.summary)}\n[dim]{escape(about)}[/]"
        )
    console = Console()
    console.print(table)
    console.print(
        "\n[cyan]dgbench methods show NAME[/] tells more, [cyan]dgbench train NAME BENCHMARK[/] "
        "trains it,\n[cyan]dgbench new-method NAME[/] begins one of your own."
    )


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="Name, or path.py:Class.")], as_json: Json = False
) -> None:
    """Show one method: why it should work, what it uses, its hyper-parameters."""
    from dgbench.training.description import describe_method

    facts = describe_method(name)
    if as_json:
        typer.echo(json.dumps(facts, indent=1))
        return
    from rich.console import Console
    from rich.markup import escape

    from dgbench.standings.writers.listing import listing

    console = Console()
    console.print(f"[bold cyan]{escape(facts['name'])}[/]  {escape(facts['summary'])}\n")
    if facts["about"]:
        console.print(f"{facts['about']}\n", markup=False, highlight=False)
    for line in _paper_lines(facts):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    origin = f"from {facts['owner']}; uses {', '.join(facts['uses']) or 'nothing extra'}"
    console.print(escape(origin))
    table = listing("hyper-parameter", "default", "search range", "what it does")
    for parameter in facts["hyper_parameters"]:
        name, default = parameter["name"], str(parameter["default"])
        cells = (name, default, parameter["range"], parameter["description"])
        table.add_row(*(escape(str(cell)) for cell in cells))
    console.print()
    console.print(table)


def _paper_lines(facts: dict[str, Any]) -> Iterator[str]:
    """Cite the method: its reference, address and code, then an empty line."""
    if facts["reference"]:
        yield f"Reference: {facts['reference']}"
    paper = facts["paper"] or {}
    if paper.get("url"):
        yield f"Paper: {paper['url']}"
    if paper.get("code"):
        yield f"Code: {paper['code']}"
    if facts["reference"]:
        yield ""


def new_method(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its id, such as my-method.")],
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Default: a new folder of that name.")
    ] = None,
) -> None:
    """Write a package for a method of your own, ready to install and with a test."""
    from dgbench.scaffold import new_method as write

    target = write(name, folder or Path(name))
    typer.echo(f"{target}: a package with one method, {name!r}. Next:")
    typer.echo(f"  pip install --editable {target}")
    typer.echo(f"  dgbench check-method {name}")
    typer.echo(f"  dgbench train {name} mnist-color-5k")


def check_method(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name, or path.py:Class.")],
    as_json: Json = False,
) -> None:
    """Check that a method does what the harness relies on."""
    from dgbench.checks import check_method as check

    outcomes = check(name, on_outcome=None if as_json else _print)
    if as_json:
        typer.echo(json.dumps([outcome._asdict() for outcome in outcomes], indent=1))
    failed = sum(outcome.status == "failed" for outcome in outcomes)
    if not as_json:
        passed = sum(outcome.status == "passed" for outcome in outcomes)
        other = len(outcomes) - failed - passed
        typer.echo(f"\n{passed} passed, {failed} failed, {other} not applicable.")
    _remember(name, passed=not failed)
    if failed:
        raise typer.Exit(1)


def _remember(name: str, *, passed: bool) -> None:
    """Keep the outcome for `dgbench bundle`, which states whether a method passed the checks."""
    from dgbench.registry import find_method
    from dgbench.submission.pack.conformance import remember

    try:
        remember(find_method(name).source_digest, passed=passed)
    except DGBenchError as error:
        typer.echo(f"Not remembered for `dgbench bundle`: {error}", err=True)


def _print(outcome: "Outcome") -> None:
    color = {"passed": "green", "failed": "red"}.get(outcome.status, "yellow")
    status = typer.style(f"{outcome.status:<15}", fg=color)
    typer.echo(f"{status} {outcome.check}" + (f": {outcome.reason}" if outcome.reason else ""))
