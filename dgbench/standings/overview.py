"""An overview: methods x benchmarks with tiers, and the mean over a suite."""

from collections.abc import Mapping, Sequence
from math import inf
from statistics import mean
from typing import Literal

from data_gen.foundation.documents import Frozen
from dgbench.lists.suite import Suite
from dgbench.metrics.combined import weighted_sum
from dgbench.standings.member_result import (
    Bounded,
    MemberResult,
    MethodInTrack,
    Results,
    summaries_of,
)
from dgbench.standings.words import Standing


class OverviewCell(Frozen):
    """The result of a method on one benchmark."""

    hps: Bounded
    n_seeds: int
    standing: Standing
    tier: int | None
    """Null for an entry that is not ranked."""


class OverviewRow(Frozen):
    """The results of a method on all benchmarks."""

    name: str
    uses: tuple[str, ...]
    is_yardstick: bool
    cells: tuple[OverviewCell | None, ...]
    """One for each benchmark, null if the method was not run on it."""
    overall: Bounded | None
    """Mean HPS over the suite. Null outside suites, and unless all members were run."""
    mean_tier: float | None
    """Mean of the tiers. Null unless the method is ranked on all members."""


class Overview(Frozen):
    """Methods on benchmarks. With a suite the best overall is first, and gaps are last."""

    schema_version: Literal[1] = 1
    suite: str | None
    """Full name of the suite, or null for all benchmarks that have results."""
    benchmarks: tuple[str, ...]
    rows: tuple[OverviewRow, ...]

    @property
    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """The benchmarks on which each method was not run, for methods that lack any."""
        lacking = {
            row.name: tuple(
                name for name, cell in zip(self.benchmarks, row.cells, strict=True) if cell is None
            )
            for row in self.rows
        }
        return {name: benchmarks for name, benchmarks in lacking.items() if benchmarks}


def overview_of(
    results: Results, benchmarks: Sequence[str], *, suite: Suite | None = None
) -> Overview:
    """Draw up the overview of some benchmarks, or of a suite with its overall scores."""
    names = tuple(suite.members if suite else benchmarks)
    rows = [
        _row(row, by_benchmark, names, is_suite=suite is not None)
        for row, by_benchmark in results.items()
    ]
    return Overview(
        suite=suite.id if suite else None,
        benchmarks=names,
        rows=tuple(sorted(rows, key=_order)),
    )


def _order(row: OverviewRow) -> tuple[bool, bool, float, int, list[float], str]:
    """The key of a row: its overall score, then how much of the list was run, then the scores."""
    scores = [inf if cell is None else -cell.hps.estimate for cell in row.cells]
    overall = inf if row.overall is None else -row.overall.estimate
    gaps = sum(cell is None for cell in row.cells)
    return row.is_yardstick, row.overall is None, overall, gaps, scores, row.name


def _row(
    row: MethodInTrack,
    by_benchmark: Mapping[str, MemberResult],
    names: Sequence[str],
    *,
    is_suite: bool,
) -> OverviewRow:
    here = [by_benchmark[name] for name in names if name in by_benchmark]
    is_complete = is_suite and len(here) == len(names)
    tiers = [result.tier for result in here if result.tier is not None]
    return OverviewRow(
        name=row.name,
        uses=row.uses,
        is_yardstick=all(result.standing == "yardstick" for result in here),
        cells=tuple(_cell(by_benchmark.get(name)) for name in names),
        overall=overall(here) if is_complete else None,
        mean_tier=mean(tiers) if is_complete and len(tiers) == len(names) else None,
    )


def _cell(result: MemberResult | None) -> OverviewCell | None:
    if result is None:
        return None
    return OverviewCell(
        hps=result.bounded, n_seeds=result.n_seeds, standing=result.standing, tier=result.tier
    )


def overall(results: Sequence[MemberResult]) -> Bounded:
    """Compute the mean HPS over benchmarks, with an interval over their seeds and images."""
    estimate = mean(result.score for result in results)
    summaries = summaries_of(results)
    if summaries is None:
        return Bounded(estimate=estimate)
    share = [1 / len(results)] * len(results)
    interval = weighted_sum(summaries, share, [result.images for result in results])
    return Bounded(estimate=estimate, low=interval.low, high=interval.high)
