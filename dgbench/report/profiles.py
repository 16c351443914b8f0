"""Profiles of methods over benchmarks, as data and as small strips."""

from collections.abc import Sequence
from typing import Literal

from dgbench.report.boards import Board
from dgbench.report.entries import Entry
from dgbench.report.svg import WIDTH, Scale, dot, figure, line, text
from dgbench.standings.method_profile import (
    BenchmarkProfile,
    MethodProfile,
    PatternProfile,
    ProfileScore,
)

_LABELS, _GAP, _ROW, _TOP = 140.0, 14.0, 20.0, 34.0
"""Width of the column with names, gap between strips, height of a row and of the heads."""
_STRIPS: dict[ProfileScore, str] = {
    "found": "F, found",
    "trusted": "T, trusted",
    "encoded": "E, encoded",
}
_AIR = 0.08
"""How far a strip goes beyond 0 and 1. Points beyond that lie on its end."""
ABOUT = (
    "A row for each benchmark, a point for each pattern: filled for hidden patterns, hollow for "
    "the dominant one. The strips go from 0 to 1."
)
"""Explains the strips."""


def profiles_of(boards: Sequence[Board]) -> list[MethodProfile]:
    """Collect the profile of every method, in the order of the boards and their entries."""
    by_method: dict[tuple[tuple[str, ...], str], list[BenchmarkProfile]] = {}
    for board in boards:
        for entry in board.entries:
            if patterns := _patterns(board, entry):
                profile = BenchmarkProfile(benchmark=board.name, patterns=patterns)
                by_method.setdefault((board.uses, entry.name), []).append(profile)
    return [
        MethodProfile(name=name, uses=uses, benchmarks=tuple(benchmarks))
        for (uses, name), benchmarks in by_method.items()
    ]


def _patterns(board: Board, entry: Entry) -> tuple[PatternProfile, ...]:
    if not (entry.found or entry.trusted or entry.encoded):
        return ()
    return tuple(
        PatternProfile(
            pattern=name,
            is_hidden=name in board.spec.hidden,
            found=entry.found.get(name),
            trusted=entry.trusted.get(name),
            encoded=entry.encoded.get(name),
        )
        for name in board.spec.entries
    )


def profile_figure(profile: MethodProfile) -> str:
    """Draw a strip for each benchmark and score."""
    width = (WIDTH - _LABELS - _GAP * len(_STRIPS)) / len(_STRIPS)
    bottom = _TOP + _ROW * len(profile.benchmarks)
    parts = []
    for place, (score, title) in enumerate(_STRIPS.items()):
        start = _LABELS + place * (width + _GAP)
        along = Scale(-_AIR, 1 + _AIR, start, start + width)
        parts.append(text(start + width / 2, _TOP - 18, title, anchor="middle", kind="label"))
        for tick in (0, 1):
            parts.append(line(along(tick), _TOP - 10, along(tick), bottom - 8, "grid"))
            parts.append(text(along(tick), bottom + 6, f"{tick}", anchor="middle", kind="tick"))
        for row, benchmark in enumerate(profile.benchmarks):
            parts += _strip(benchmark, score, along, _TOP + _ROW * row)
    for row, benchmark in enumerate(profile.benchmarks):
        y = _TOP + _ROW * row + 4
        parts.append(text(_LABELS - 8, y, benchmark.benchmark, anchor="end", kind="tick"))
    return figure(parts, bottom + 14, profile.name)


def _strip(benchmark: BenchmarkProfile, score: ProfileScore, along: Scale, y: float) -> list[str]:
    parts = [line(along.start, y, along.end, y, "strip")]
    # Hidden patterns are drawn last, so that nothing covers them.
    for pattern in sorted(benchmark.patterns, key=lambda pattern: pattern.is_hidden):
        value: float | None = getattr(pattern, score)
        if value is None:
            continue
        kind: Literal["dot", "hollow"] = "dot" if pattern.is_hidden else "hollow"
        title = f"{benchmark.benchmark}, {pattern.pattern}: {score} {value:.2f}"
        parts.append(dot(along(min(max(value, along.low), along.high)), y, kind, title, 4))
    return parts
