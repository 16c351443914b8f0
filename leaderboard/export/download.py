"""The view of a page for papers: its rows, its columns, its digits, and how to cite it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from data_gen.spec import Spec
from dgbench.standings.columns import Column
from dgbench.standings.table import table_of
from dgbench.standings.writers.latex import latex_tables
from leaderboard.export.references import benchmark_reference, references, view_reference
from leaderboard.records import Row


def as_latex(rows: Sequence[Row], shown: Sequence[Column[Row]], *, caption: str) -> str:
    """A table with the digits of the page."""
    return latex_tables([table_of(rows, shown, title=caption)])


def as_bibtex(
    rows: Sequence[Row], *, link: str, spec: Spec | None = None, now: datetime | None = None
) -> str:
    """This view of the leaderboard, its benchmark, and the papers of the methods that it shows."""
    return "\n".join([citation(link=link, spec=spec, now=now), *references(rows)])


def citation(*, link: str, spec: Spec | None = None, now: datetime | None = None) -> str:
    """This view of the leaderboard and its benchmark."""
    day = (now or datetime.now(UTC)).date().isoformat()
    benchmark = [] if spec is None else [benchmark_reference(spec, day=day)]
    return "\n".join([view_reference(link, day=day), *benchmark])
