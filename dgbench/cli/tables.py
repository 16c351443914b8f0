"""Results as tables on a terminal."""

from collections.abc import Sequence
from statistics import mean, stdev

from rich.markup import escape

from data_gen.preview import describe
from data_gen.spec import Spec
from dgbench.metrics.scores import Scores, scores
from dgbench.references import Reference
from dgbench.report.legend import DEVELOPMENT_ONLY, without_references
from dgbench.results.record import RunRecord
from dgbench.standings.words import RELIANCE, SCORES, E, F, T
from dgbench.standings.writers.listing import console, listing

_WIDTH = 20
"""Characters of a full bar."""


def print_runs(records: Sequence[RunRecord], spec: Spec, reference: Reference | None) -> None:
    """Accuracy on every domain with a bar, then the scores, over all seeds."""
    screen = console()
    runs = [scores(record.evaluated, spec, reference, probes=record.probes) for record in records]
    first = records[0].configuration
    prefix = "dev." if first.development_only else ""
    seeds = ", ".join(str(record.seed) for record in records)
    screen.print(
        f"\n[bold cyan]{escape(first.method.name)}[/] on [bold cyan]{first.benchmark}[/], "
        f"seed(s) {seeds}; "
        f"chance {1 / len(spec.classes):.0%}\n"
    )
    if first.development_only:
        screen.print(f"{DEVELOPMENT_ONLY}\n", highlight=False)
    table = listing("domain", "accuracy %", "", "what it does", right=("accuracy %",))
    for name in runs[0].accuracy:
        values = [run.accuracy[name] for run in runs]
        filled = round(_WIDTH * mean(values))
        bar = "█" * filled + "[dim]" + "·" * (_WIDTH - filled) + "[/]"
        meaning = escape(describe(spec, spec.domain(name)))
        table.add_row(prefix + name, _percent(values), bar, f"[dim]{meaning}[/]")
    screen.print(table)
    screen.print()
    lines = listing("", "")
    for label, text in _score_lines(runs):
        lines.add_row(label, text)
    screen.print(lines)
    if reference is None and spec.hidden:
        screen.print(f"[dim]{without_references(spec.name)}[/]")


def print_reference(reference: Reference) -> None:
    """Ceilings, probes and ERM's accuracies."""
    table = listing(" ", "accuracy %", right=("accuracy %",))
    for name, oracle in reference.oracles.items():
        table.add_row(f"ceiling of {name}", _percent(oracle.only))
        for domain, values in oracle.solo.items():
            table.add_row(f"ceiling of {name} on {domain}", _percent(values))
        if oracle.probe and oracle.untrained_probe:
            table.add_row(f"probe of {name}", _percent(oracle.probe))
            table.add_row(f"probe of {name} before training", _percent(oracle.untrained_probe))
    for name, values in reference.erm.items():
        table.add_row(f"erm on {name}", _percent(values))
    console().print(table)


def _score_lines(runs: Sequence[Scores]) -> list[tuple[str, str]]:
    lines = []
    for term, by_seed in (
        (F, [run.found for run in runs]),
        (T, [run.trusted for run in runs]),
        (E, [run.encoded for run in runs]),
    ):
        for name in by_seed[0]:
            values = [scores_of_seed[name] for scores_of_seed in by_seed if name in scores_of_seed]
            lines.append((f"{name} {term.name} ({term.title})", _score(values)))
    for field, term in SCORES.items():
        values = [value for run in runs if (value := getattr(run, field, None)) is not None]
        if len(values) == len(runs):
            lines.append((term.label, _score(values)))
    for name in runs[0].reliance or {}:
        values = [run.reliance[name] for run in runs if run.reliance]
        lines.append((f"{RELIANCE.name} on {name} in conflict", _score(values)))
    return lines


def _percent(values: Sequence[float]) -> str:
    spread = f" ±{100 * stdev(values):4.1f}" if len(values) > 1 else ""
    return f"{100 * mean(values):.1f}{spread}"


def _score(values: Sequence[float]) -> str:
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}"
