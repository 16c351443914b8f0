"""Families and overviews as tables."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from dgbench.standings import words
from dgbench.standings.curves import FamilyCurves, MethodCurve
from dgbench.standings.member_result import Bounded
from dgbench.standings.number_format import NONE, digits
from dgbench.standings.overview import Overview, OverviewCell, OverviewRow
from dgbench.standings.table import Cell, Head, Table

_LINE = "Yardsticks"
_NARROW = 0.02
"""Levels that are nearer to each other have thresholds with a digit more."""


def family_table(drawn: FamilyCurves) -> Table:
    """The F of every method on every member, its threshold and its area."""
    family = drawn.family
    heads = [
        Head("Method", is_text=True, is_name=True),
        Head("Threshold", f"The {family.axis.title} at which F crosses {drawn.height:g}."),
        Head("Area", "Area under the curve: 1 for a pattern that is found at every strength."),
        *(Head(f"{member.level:g}", member.benchmark) for member in family.members),
    ]
    return Table(
        title=f"{family.name}: {family.summary}",
        heads=tuple(heads),
        lines=tuple(tuple(_curve_cells(curve)) for curve in drawn.curves),
        notes=(
            f"Columns: F of the hidden pattern at each {family.axis.title}, with which it "
            f"{family.trend}. Threshold: the strength at which the curve crosses {drawn.height:g}, "
            "with its 95 % interval; always: found at every strength, never: at none. "
            "Area: of the curve, with the members in equal steps.",
            *_gaps(drawn.missing),
            *_single_points(drawn.single_points),
        ),
        lines_above=_lines([curve.is_yardstick for curve in drawn.curves]),
    )


def threshold_text(curve: MethodCurve) -> str:
    """The threshold of a method with its interval, or a sign that there is none."""
    if curve.threshold is None:
        return NONE
    levels = [point.level for point in curve.points]
    steps = [stronger - weaker for weaker, stronger in pairwise(levels)]
    show = digits(4 if min(steps) < _NARROW else 3)
    estimate, low, high = (
        end if end is None or isinstance(end, str) else show(end)
        for end in (curve.threshold.estimate, curve.threshold.low, curve.threshold.high)
    )
    is_sure = isinstance(curve.threshold.estimate, str) and low == estimate == high
    return f"{estimate}" if low is None or is_sure else f"{estimate} [{low}, {high}]"


def overview_table(overview: Overview) -> Table:
    """The HPS of every method on every benchmark with its tier, and the mean over a suite."""
    of_suite = [
        Head("Overall", "Mean HPS over the suite, with its 95 % interval."),
        Head("Mean tier", "Mean of the tiers on the members."),
    ]
    heads = [
        Head("Method", is_text=True, is_name=True),
        *(of_suite if overview.suite else []),
        *(Head(name) for name in overview.benchmarks),
    ]
    notes = [f"{words.HPS.help} In brackets the tier, for ranked entries."]
    if overview.suite:
        notes.append("Overall: for methods that were run on all members.")
    return Table(
        title=f"Suite {overview.suite}" if overview.suite else "Overview",
        heads=tuple(heads),
        lines=tuple(tuple(_row_cells(overview, row)) for row in overview.rows),
        notes=(*notes, *_gaps(overview.missing)),
        lines_above=_lines([row.is_yardstick for row in overview.rows]),
    )


def _curve_cells(curve: MethodCurve) -> list[Cell]:
    is_gap = curve.threshold is None
    return [
        Cell(_name(curve.name, curve.uses)),
        Cell(threshold_text(curve), "warn" if is_gap else ""),
        Cell(_bounded(curve.area)),
        *(Cell(_bounded(point.hps, is_short=True)) for point in curve.points),
    ]


def _row_cells(overview: Overview, row: OverviewRow) -> list[Cell]:
    overall = Cell(_bounded(row.overall), "" if row.overall else "warn")
    tier = NONE if row.mean_tier is None else digits(1)(row.mean_tier)
    return [
        Cell(_name(row.name, row.uses)),
        *([overall, Cell(tier)] if overview.suite else []),
        *(Cell(_cell_text(cell), "first" if _is_first(cell) else "") for cell in row.cells),
    ]


def _is_first(cell: OverviewCell | None) -> bool:
    return cell is not None and cell.tier == 1


def _cell_text(cell: OverviewCell | None) -> str:
    if cell is None:
        return NONE
    score = digits(3)(cell.hps.estimate)
    return score if cell.tier is None else f"{score} ({cell.tier})"


def _bounded(number: Bounded | None, *, is_short: bool = False) -> str:
    if number is None:
        return NONE
    show = digits(2 if is_short else 3)
    text = show(number.estimate)
    if is_short or number.low is None or number.high is None:
        return text
    return f"{text} [{show(number.low)}, {show(number.high)}]"


def _name(name: str, uses: tuple[str, ...]) -> str:
    return f"{name} (uses {words.track(uses)})" if uses else name


def _gaps(missing: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Sentences that name the benchmarks on which methods were not run."""
    by_benchmarks: dict[tuple[str, ...], list[str]] = {}
    for name, benchmarks in missing.items():
        by_benchmarks.setdefault(benchmarks, []).append(name)
    return [
        f"No score on {', '.join(benchmarks)}: {', '.join(names)}."
        for benchmarks, names in by_benchmarks.items()
    ]


def _single_points(names: Sequence[str]) -> list[str]:
    return [f"Run on one member only, which makes no curve: {', '.join(names)}."] if names else []


def _lines(are_yardsticks: Sequence[bool]) -> dict[int, str]:
    return {are_yardsticks.index(True): _LINE} if True in are_yardsticks else {}
