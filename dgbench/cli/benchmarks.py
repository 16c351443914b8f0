"""`dgbench benchmarks`: the list of benchmarks, and one in detail."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data_gen.foundation.errors import UsageError
from dgbench.cli.options import FamilyName, Json, SuiteName

if TYPE_CHECKING:
    from rich.table import Table

    from data_gen.spec import Spec
    from dgbench.lists.family import Family
    from dgbench.lists.suite import Suite

app = typer.Typer(help="List the benchmarks, or show one.", invoke_without_command=True)


@app.callback()
def list_benchmarks(
    context: typer.Context,
    family: FamilyName = None,
    suite: SuiteName = None,
    as_json: Json = False,
) -> None:
    """List the newest benchmarks with one sentence each, or those of a family or suite."""
    if context.invoked_subcommand:
        return
    if family is not None or suite is not None:
        _list_members(family, suite, as_json=as_json)
        return
    from data_gen.spec_files import newest, registered

    specs = newest()
    if as_json:
        fields = ("summary", "source", "hidden")
        typer.echo(
            json.dumps(
                {name: {key: spec.get(key, []) for key in fields} for name, spec in specs.items()},
                indent=1,
            )
        )
        return
    from rich.console import Console

    from dgbench.standings.writers.listing import listing

    table = listing("", "")
    for name, spec in specs.items():
        table.add_row(f"[cyan]{name}[/]", f"{spec.get('summary', '')}\n[dim]{_patterns(spec)}[/]")
    console = Console()
    console.print(table)
    if older := [name for name in registered() if name not in specs]:
        console.print(f"\n[dim]Older versions, kept for results on them: {', '.join(older)}.[/]")
    console.print(_table_of_lists())
    console.print(
        "\n[cyan]dgbench benchmarks show NAME[/] tells more, [cyan]dgbench preview NAME[/] draws "
        "it,\nand [cyan]dgbench generate NAME[/] makes it."
    )


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="Name, with or without its version.")],
    as_json: Json = False,
) -> None:
    """Show one benchmark: its patterns, domains and budget."""
    from data_gen.spec_files import find_spec

    spec = find_spec(name)
    if as_json:
        typer.echo(
            json.dumps({"digest": spec.digest, "spec": spec.model_dump(mode="json")}, indent=1)
        )
        return
    from rich.console import Console

    console = Console()
    console.print(f"[bold cyan]{spec.id}[/]  {spec.summary}\n")
    if spec.about:
        console.print(f"{spec.about.strip()}\n")
    console.print(
        f"source {spec.source}, {len(spec.classes)} classes, generator seed {spec.seed}, budget "
        f"{spec.budget.steps:,} steps of {spec.budget.batch_size}\nspec digest {spec.digest}\n",
        highlight=False,
    )
    console.print(_pattern_table(spec))
    console.print()
    console.print(_domain_table(spec))


def _list_members(family: str | None, suite: str | None, *, as_json: bool) -> None:
    """List the members of a family, each with its level, or of a suite."""
    from dgbench.lists.family import find_family
    from dgbench.lists.suite import find_suite

    if family is not None and suite is not None:
        raise UsageError("Name --family or --suite, not both.")
    chosen = find_suite(suite) if suite is not None else find_family(str(family))
    if as_json:
        typer.echo(chosen.model_dump_json(indent=1))
        return
    from rich.console import Console

    console = Console()
    console.print(f"{chosen.summary}\n")
    console.print(_member_table(chosen))


def _member_table(chosen: "Family | Suite") -> "Table":
    from data_gen.spec_files import registered
    from dgbench.lists.suite import Suite
    from dgbench.standings.writers.listing import listing

    summaries = {name: str(spec.get("summary", "")) for name, spec in registered().items()}
    if isinstance(chosen, Suite):
        table = listing("benchmark", "")
        for name in chosen.members:
            table.add_row(f"[cyan]{name}[/]", summaries[name])
        return table
    table = listing(chosen.axis.title, "benchmark", "")
    for member in chosen.members:
        name = member.benchmark
        table.add_row(f"{member.level:g}", f"[cyan]{name}[/]", summaries[name])
    return table


def _table_of_lists() -> "Table":
    """A row for each family and suite."""
    from dgbench.lists.family import families
    from dgbench.lists.suite import suites
    from dgbench.standings.writers.listing import listing

    table = listing("", "")
    for name, family in families().items():
        table.add_row(f"[cyan]--family {name}[/]", family.summary)
    for identity, suite in suites().items():
        table.add_row(f"[cyan]--suite {identity}[/]", suite.summary)
    return table


def _pattern_table(spec: "Spec") -> "Table":
    """A row for each pattern in each training environment."""
    from data_gen.bayes import pattern_bayes_accuracy
    from dgbench.standings.writers.listing import listing

    table = listing("pattern", "kind", "follows", "predictivity", "Bayes accuracy", "role")
    for environment in spec.training_environments or (None,):
        for entry in spec.within(environment).values():
            table.add_row(
                entry.name + (f" in {environment}" if environment else ""),
                entry.kind,
                entry.parent,
                f"{entry.rho:g}",
                f"{pattern_bayes_accuracy(spec, entry.name, environment=environment):.4f}",
                "hidden" if entry.name in spec.hidden else "dominant" if spec.hidden else "",
            )
    return table


def _domain_table(spec: "Spec") -> "Table":
    """A row for each test domain."""
    from data_gen.preview import describe
    from dgbench.standings.writers.listing import listing

    table = listing("test domain", "what it does", "also called")
    for test in spec.test_domains:
        also = [alias for alias, canonical in spec.aliases.items() if canonical == test.name]
        table.add_row(test.name, describe(spec, test.domain), ", ".join(also))
    return table


def _patterns(document: dict[str, Any]) -> str:
    names = [str(pattern["name"]) for pattern in document["patterns"]]
    hidden = [name for name in names if name in document.get("hidden", [])]
    if not hidden:
        environments = [str(environment["name"]) for environment in document["environments"]]
        return f"environments: {', '.join(environments)}"
    dominant = [name for name in names if name not in hidden]
    return f"dominant: {', '.join(dominant)}; hidden: {', '.join(hidden)}"
