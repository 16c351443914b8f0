"""Curves of methods along a family of benchmarks, and the strengths at which they go blind."""

from collections.abc import Mapping, Sequence
from math import inf, isinf
from typing import Literal

from data_gen.foundation.documents import Frozen
from dgbench.lists.family import Family
from dgbench.metrics.thresholds import Estimate, curve_of, strength_at
from dgbench.standings.limits import FOUND
from dgbench.standings.member_result import (
    Bounded,
    MemberResult,
    MethodInTrack,
    Results,
    summaries_of,
)
from dgbench.standings.words import Standing

Strength = float | Literal["always", "never"]
"""A strength of the axis, or the answer that the pattern is found at all of them, or at none."""


class Threshold(Frozen):
    """The strength at which F crosses 0.5, with its 95 % interval."""

    estimate: Strength
    low: Strength | None
    high: Strength | None


class CurvePoint(Frozen):
    """The result of a method on one member of a family."""

    benchmark: str
    level: float
    hps: Bounded | None
    """F of what is hidden, the mean over the hidden patterns. Null if the method was not run."""
    n_seeds: int


class MethodCurve(Frozen):
    """The results of a method along a family."""

    name: str
    uses: tuple[str, ...]
    is_yardstick: bool
    points: tuple[CurvePoint, ...]
    """In ascending order of the level."""
    threshold: Threshold | None
    """Null unless the method was run on all members."""
    area: Bounded | None
    """Area under the curve with the members in equal steps, 1 for what is found at all of them."""


class FamilyCurves(Frozen):
    """A family with the curves of methods, the largest area first and gaps last."""

    schema_version: Literal[1] = 1
    family: Family
    height: float = FOUND
    """The score at the threshold."""
    curves: tuple[MethodCurve, ...]
    single_points: tuple[str, ...] = ()
    """Methods that were run on one member, which makes no curve."""

    @property
    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """The members on which each method was not run, for methods that lack any."""
        lacking = {
            curve.name: tuple(point.benchmark for point in curve.points if point.hps is None)
            for curve in self.curves
        }
        return {name: benchmarks for name, benchmarks in lacking.items() if benchmarks}


def family_curves(family: Family, results: Results) -> FamilyCurves:
    """Draw up the curve of every method that was run on two members at least."""
    curves = [
        _curve(family, row, by_benchmark)
        for row, by_benchmark in results.items()
        if len(by_benchmark) > 1
    ]
    points = sorted(row.name for row, by_benchmark in results.items() if len(by_benchmark) == 1)
    return FamilyCurves(
        family=family, curves=tuple(sorted(curves, key=_order)), single_points=tuple(points)
    )


def _order(curve: MethodCurve) -> tuple[bool, bool, float, str]:
    area = -inf if curve.area is None else curve.area.estimate
    return curve.is_yardstick, curve.area is None, -area, curve.name


def _curve(
    family: Family, row: MethodInTrack, by_benchmark: Mapping[str, MemberResult]
) -> MethodCurve:
    standings: set[Standing] = {result.standing for result in by_benchmark.values()}
    curve = MethodCurve(
        name=row.name,
        uses=row.uses,
        is_yardstick=standings == {"yardstick"},
        points=tuple(
            _point(member.benchmark, member.level, by_benchmark.get(member.benchmark))
            for member in family.members
        ),
        threshold=None,
        area=None,
    )
    complete = [by_benchmark[name] for name in family.benchmarks if name in by_benchmark]
    if len(complete) < len(family.members):
        return curve
    return curve.model_copy(update=_summed_up(family, complete))


def _point(benchmark: str, level: float, result: MemberResult | None) -> CurvePoint:
    return CurvePoint(
        benchmark=benchmark,
        level=level,
        hps=result.bounded if result else None,
        n_seeds=result.n_seeds if result else 0,
    )


def _summed_up(family: Family, results: Sequence[MemberResult]) -> dict[str, object]:
    curve = curve_of(
        [result.score for result in results],
        height=FOUND,
        rises=family.trend == "rises",
        summaries=summaries_of(results),
    )
    area = curve.area
    return {
        "threshold": _threshold(curve.threshold, family),
        "area": Bounded(estimate=area.value, low=area.low, high=area.high),
    }


def _threshold(positions: Estimate, family: Family) -> Threshold:
    low, high = (
        None if end is None else _strength(end, family) for end in (positions.low, positions.high)
    )
    return Threshold(estimate=_strength(positions.value, family), low=low, high=high)


def _strength(position: float, family: Family) -> Strength:
    """Translate a position: beyond the end of the list where F is lowest, F is never below 0.5."""
    if not isinf(position):
        return strength_at(position, family.levels)
    return "always" if (position > 0) == (family.trend == "falls") else "never"
