"""The part of a report that spans benchmarks: an overview, the curves of a family, profiles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from data_gen.foundation.errors import UsageError
from dgbench.lists.family import Family
from dgbench.lists.suite import Suite
from dgbench.report.boards import Board
from dgbench.report.family_figure import family_figure
from dgbench.report.legend import without_references
from dgbench.report.list_results import results_of, unreferenced
from dgbench.report.overview_page import overview_html
from dgbench.report.profiles import ABOUT, profile_figure, profiles_of
from dgbench.standings.curves import FamilyCurves, family_curves
from dgbench.standings.list_tables import family_table, overview_table
from dgbench.standings.method_profile import MethodProfile
from dgbench.standings.overview import Overview, overview_of
from dgbench.standings.table import Table
from dgbench.standings.writers.page import html_table


@dataclass(frozen=True, kw_only=True)
class ListReport:
    """Results across benchmarks."""

    overview: Overview | None
    """Null without any HPS on official data, and for a family."""
    curves: FamilyCurves | None
    """Null unless a family was asked for."""
    profiles: tuple[MethodProfile, ...]
    unreferenced: tuple[str, ...] = ()
    """Benchmarks with runs, and without the reference values that scores need."""

    @property
    def tables(self) -> list[Table]:
        """The table of the family, or of the overview."""
        if self.curves is not None:
            return [self._noted(family_table(self.curves))]
        return [self._noted(overview_table(self.overview))] if self.overview is not None else []

    def _noted(self, table: Table) -> Table:
        """Add to a table which benchmarks lack reference values."""
        notes = [f"{name}: {without_references(name)}" for name in self.unreferenced]
        return replace(table, notes=(*table.notes, *notes))

    @property
    def document(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return {
            "overview": None if self.overview is None else self.overview.model_dump(mode="json"),
            "family": None if self.curves is None else self.curves.model_dump(mode="json"),
            "profiles": [profile.model_dump(mode="json") for profile in self.profiles],
        }

    @property
    def html(self) -> str:
        """The sections of a page."""
        parts = []
        if self.curves is not None:
            (table,) = self.tables
            parts.append(
                f"<section><h2>{escape(table.title)}</h2>"
                f'<div class="wide">{family_figure(self.curves)}</div>'
                f"{html_table(table)}{_notes(table)}</section>"
            )
        if self.overview is not None and len(self.overview.benchmarks) > 1:
            parts.append(overview_html(self.overview))
            if self.overview.suite:
                parts += map(_notes, self.tables)
        parts.append(self._profiles)
        return "".join(parts)

    @property
    def _profiles(self) -> str:
        """The strips of methods with several benchmarks, folded away because there may be many."""
        wide = [profile for profile in self.profiles if len(profile.benchmarks) > 1]
        if not wide:
            return ""
        figures = "".join(map(profile_figure, wide))
        return (
            f"<details><summary>Profiles of the methods: F, T and E</summary><p class=notes>{ABOUT}"
            f"</p><div class=figures>{figures}</div></details>"
        )


def _notes(table: Table) -> str:
    notes = "".join(f"<p>{escape(note)}</p>" for note in table.notes)
    return f"<div class=notes>{notes}</div>"


def list_report(
    boards: Sequence[Board], *, family: Family | None = None, suite: Suite | None = None
) -> ListReport:
    """Draw up what spans the benchmarks of some boards.

    Raises UsageError if no run has an HPS on any member of the family or suite.
    """
    profiles = tuple(profiles_of(boards))
    if family is not None:
        curves = family_curves(family, results_of(boards, family.benchmarks))
        lacking = unreferenced(boards, family.benchmarks)
        return ListReport(overview=None, curves=curves, profiles=profiles, unreferenced=lacking)
    names = suite.members if suite else _names(boards)
    try:
        overview = overview_of(results_of(boards, names), names, suite=suite)
    except UsageError:
        if suite is not None:
            raise
        overview = None
    lacking = unreferenced(boards, names)
    return ListReport(overview=overview, curves=None, profiles=profiles, unreferenced=lacking)


def _names(boards: Sequence[Board]) -> tuple[str, ...]:
    """The benchmarks whose official data have results with an HPS, in the order of the boards."""
    return tuple(
        dict.fromkeys(
            board.spec.id
            for board in boards
            if board.is_comparable and any(entry.mean("hps") is not None for entry in board.entries)
        )
    )
