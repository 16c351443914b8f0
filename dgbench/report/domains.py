"""A plot of a method's accuracy on every test domain."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from data_gen.foundation.files import write_whole
from data_gen.spec import Spec
from dgbench.references import Reference
from dgbench.results.record import Configuration, RunRecord

_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "#6b6b6b"
"""Okabe and Ito's colours, which colour-blind readers can tell apart."""


def save_plot(
    records: Sequence[RunRecord], spec: Spec, reference: Reference | None, path: Path
) -> None:
    """Draw a bar for each domain (the mean over seeds) and a dot for each seed.

    Chance and the reference accuracy of ERM are drawn for comparison.
    """
    from io import BytesIO

    names = list(records[0].evaluated)
    accuracy = [
        [100 * record.evaluated[name].correct / record.evaluated[name].n for record in records]
        for name in names
    ]
    figure = Figure(figsize=(7.5, 1.2 + 0.34 * len(names)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    rows = range(len(names))
    axes.barh(rows, [sum(a) / len(a) for a in accuracy], color=_BLUE, alpha=0.35, height=0.7)
    for row, values in zip(rows, accuracy, strict=True):
        axes.plot(values, [row] * len(values), "o", color=_BLUE, markersize=4, zorder=3)
        axes.text(102, row, f"{sum(values) / len(values):.1f}", va="center", color=_BLUE)
    if reference is not None:
        erm = [100 * sum(reference.erm[name]) / len(reference.erm[name]) for name in names]
        axes.plot(
            erm, rows, "|", color=_ORANGE, markersize=14, markeredgewidth=2, label="ERM (reference)"
        )
    chance = 100 / len(spec.classes)
    axes.axvline(chance, color=_GREY, linestyle=":", label=f"chance, {chance:.0f} %")
    axes.set_yticks(rows, names)
    axes.invert_yaxis()
    axes.set_xlim(0, 110)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("accuracy in %")
    first = records[0].configuration
    axes.set_title(_title(first, len(records)), loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower right", ncols=2, frameon=False, fontsize=9)
    stream = BytesIO()
    figure.savefig(stream, dpi=150)
    write_whole(path, stream.getvalue())


def _title(configuration: Configuration, n_seeds: int) -> str:
    """Name the runs, and say so if the domains are not those of the test."""
    seeds = f"{n_seeds} seed{'s' if n_seeds > 1 else ''}"
    kind = ", development domains" if configuration.development_only else ""
    return f"{configuration.method.name} on {configuration.benchmark}, {seeds}{kind}"
