"""Results as tables on a terminal."""

from collections.abc import Sequence
from statistics import mean, stdev

from rich.console import Console
from rich.table import Table

from data_gen.preview import describe
from data_gen.spec import Spec
from dgbench.metrics.scores import Scores, scores
from dgbench.references import Reference
from dgbench.results.record import RunRecord

_WIDTH = 20
"""Characters of a full bar."""


def print_runs(records: Sequence[RunRecord], spec: Spec, reference: Reference | None) -> None:
    """Accuracy on every domain with a bar, then the scores, over all seeds."""
    console = Console()
    each = [scores(record.domains, spec, reference) for record in records]
    first = records[0].configuration
    seeds = ", ".join(str(record.seed) for record in records)
    console.print(
        f"\n[bold cyan]{first.method.name}[/] on [bold cyan]{first.benchmark}[/], seed(s) {seeds}; "
        f"chance {1 / len(spec.classes):.0%}\n",
        highlight=False,
    )
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("domain")
    table.add_column("accuracy %", justify="right")
    table.add_column("")
    table.add_column("what it does", style="dim")
    for name in each[0].accuracy:
        values = [found.accuracy[name] for found in each]
        filled = round(_WIDTH * mean(values))
        bar = "█" * filled + "[dim]" + "·" * (_WIDTH - filled) + "[/]"
        what = describe(spec, spec.domain(name))
        table.add_row(name, _percent(values), bar, what)
    console.print(table)
    console.print()
    lines = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for what, text in _score_lines(each):
        lines.add_row(what, text)
    console.print(lines)
    if reference is None and spec.hidden:
        console.print(
            "[dim]No reference values hold for this data, so there are no PF, HPS, MPS and R: "
            f"`dgbench ceilings {spec.name}` measures them.[/]"
        )


def print_reference(reference: Reference) -> None:
    """Ceilings and ERM's accuracies."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    table.add_column("accuracy %", justify="right")
    for name, values in reference.oracles.items():
        table.add_row(f"ceiling of {name}", _percent(values))
    for name, values in reference.erm.items():
        table.add_row(f"erm on {name}", _percent(values))
    Console().print(table)


def _score_lines(each: Sequence[Scores]) -> list[tuple[str, str]]:
    lines = []
    for name in each[0].pattern_found or {}:
        values = [found.pattern_found[name] for found in each if found.pattern_found]
        lines.append((f"pattern-found score of {name}", _score(values)))
    for what, pick in (
        ("hidden-pattern score (HPS)", "hps"),
        ("missing-pattern score (MPS)", "mps"),
        ("ID retention (R)", "retention"),
        ("effective number of patterns", "effective_patterns"),
        ("mean over environments", "mean_environment"),
        ("worst environment", "worst_environment"),
    ):
        values = [getattr(found, pick) for found in each]
        if None not in values:
            lines.append((what, _score(values)))
    for name in each[0].reliance or {}:
        values = [found.reliance[name] for found in each if found.reliance]
        lines.append((f"reliance on {name} in conflict", _score(values)))
    return lines


def _percent(values: Sequence[float]) -> str:
    spread = f" ±{100 * stdev(values):4.1f}" if len(values) > 1 else ""
    return f"{100 * mean(values):.1f}{spread}"


def _score(values: Sequence[float]) -> str:
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}"
