"""The scope that every address holds: benchmark, track and rule of selection.

An address means the same at all times, so its words are ids and never titles, and nothing is
left out of an address because it is usual at present.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple, cast

from data_gen.foundation.errors import LONGEST_QUOTE, UsageError, quoted, suggestion
from data_gen.spec import Spec
from data_gen.spec_files import find_spec, newest, registered, spec_from
from dgbench.lists.development import is_development
from dgbench.results.selection import Selection
from dgbench.standings.versions import newer_version
from dgbench.standings.words import SELECTIONS, USES, uses_of
from leaderboard.records import Group, Query, RowFacts

BENCHMARK, TRACK, SELECTION = "benchmark", "track", "selection"
PARAMETERS = (BENCHMARK, TRACK, SELECTION)
"""The parameters of a scope, in the order in which an address has them."""
ALL, STANDARD = "all", "standard"
"""The words of an address for every track or rule, and for the track that uses nothing."""
OLDER_NAME = "name"
"""The parameter of the benchmark on an older dgbench's page of benchmarks."""
USUAL = "mnist-color@1"
"""The benchmark of a scope while nothing was submitted."""
MOST_NAMED = 5
"""Names that a sentence about an address offers where none is near."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A choice of rows that are ranked against each other, or of several such groups."""

    benchmark: str
    uses: tuple[str, ...] | None = ()
    """The track, or None for every track."""
    selection: Selection | None = "fixed"
    """How hyper-parameters were chosen, or None for every rule."""

    @property
    def parameters(self) -> dict[str, str]:
        """Its words in an address."""
        return {
            BENCHMARK: self.benchmark,
            TRACK: track_word(self.uses),
            SELECTION: self.selection or ALL,
        }

    @property
    def query(self) -> Query:
        """The query for its rows."""
        return Query(benchmark=self.benchmark, uses=self.uses, selection=self.selection)

    def has(self, group: Group) -> bool:
        """Tell whether a group's rows are in it."""
        return (
            group.benchmark == self.benchmark
            and self.uses in (None, group.uses)
            and self.selection in (None, group.selection)
        )

    def moved_to(self, benchmark: str, groups: Sequence[Group]) -> "Scope":
        """Choose another benchmark, and keep track and rule if it has entries there."""
        moved = Scope(benchmark=benchmark, uses=self.uses, selection=self.selection)
        return moved if any(map(moved.has, groups)) else usual_scope(groups, benchmark)


class Reading(NamedTuple):
    """An address's scope, and a sentence about each value that it cannot have."""

    scope: Scope
    problems: tuple[str, ...]


def scope_of(row: RowFacts) -> Scope:
    """Return the scope in which a row is ranked."""
    return Scope(benchmark=row.benchmark, uses=row.uses, selection=row.selection)


def usual_scope(groups: Sequence[Group], benchmark: str | None = None) -> Scope:
    """Return the scope for an address that says nothing: the busiest benchmark, its usual group."""
    name = benchmark or busiest(groups)
    here = sorted((group for group in groups if group.benchmark == name), key=_usual_first)
    return (
        Scope(benchmark=name, uses=here[0].uses, selection=here[0].selection)
        if here
        else Scope(benchmark=name)
    )


def busiest(groups: Sequence[Group]) -> str:
    """Find the benchmark with the most entries among those of the newest version."""
    entries: dict[str, int] = {}
    for group in groups:
        entries[group.benchmark] = entries.get(group.benchmark, 0) + group.n_entries
    best = max(entries, key=lambda name: (newer_version(name) is None, entries[name]), default=None)
    return best or (USUAL if USUAL in registered() else min(registered(), default=USUAL))


def benchmarks_of(groups: Sequence[Group], scope: Scope) -> list[str]:
    """List benchmarks with entries, and the chosen one. Older versions come last."""
    names = {group.benchmark for group in groups} | {scope.benchmark}
    return sorted(names, key=lambda name: (newer_version(name) is not None, name))


def all_benchmarks(groups: Sequence[Group], scope: Scope) -> list[str]:
    """List the same, and after them those without entries."""
    listed = benchmarks_of(groups, scope)
    return [*listed, *sorted(set(newest_ids()) - set(listed))]


@lru_cache(maxsize=1)
def newest_ids() -> tuple[str, ...]:
    """Name the newest version of each benchmark that takes entries, of those at the start."""
    return tuple(
        name
        for name, document in newest().items()
        if _is_spec(document, name) and not is_development(name)
    )


def _is_spec(document: object, name: str) -> bool:
    try:
        return bool(spec_from(document, where=name))
    except UsageError:
        return False


def read(
    asked: Mapping[str, str], groups: Sequence[Group], *, usual: Scope | None = None
) -> Reading:
    """Read the scope that an address asks for. `usual` fills what it leaves out."""
    problems: list[str] = []
    scope = usual or usual_scope(groups)
    if (name := asked.get(BENCHMARK)) is not None:
        benchmark = _benchmark(name, groups)
        if benchmark is None:
            problems.append(no_benchmark(name, groups))
        elif benchmark != scope.benchmark:
            scope = usual_scope(groups, benchmark)
    if (name := asked.get(TRACK)) is not None:
        uses = _track(name)
        if uses is None and name != ALL:
            problems.append(_no_track(name))
        else:
            scope = replace(scope, uses=uses)
    if (name := asked.get(SELECTION)) is not None:
        if name not in (*SELECTIONS, ALL):
            problems.append(_no_rule(name))
        else:
            scope = replace(scope, selection=None if name == ALL else cast("Selection", name))
    return Reading(scope, tuple(problems))


def with_older_name(asked: Mapping[str, str]) -> dict[str, str]:
    """Read the benchmark where addresses of an older dgbench's page of benchmarks have it."""
    older = asked.get(OLDER_NAME)
    return {BENCHMARK: older, **asked} if older else dict(asked)


def track_word(uses: tuple[str, ...] | None) -> str:
    """Write a track as an address has it."""
    return ALL if uses is None else ",".join(uses) or STANDARD


@lru_cache(maxsize=1)
def _documents() -> dict[str, dict[str, Any]]:
    """Read all specs once, since a look at one of them reads all."""
    return registered()


@lru_cache(maxsize=64)
def spec_of(benchmark: str) -> Spec | None:
    """Find the spec of a benchmark, if it was installed here when the server began."""
    try:
        return find_spec(benchmark, documents=_documents())
    except UsageError:
        return None


def no_benchmark(text: str, groups: Sequence[Group]) -> str:
    """Say that there is no such benchmark."""
    near = suggestion(text, {*newest(), *(group.benchmark for group in groups)}, most=MOST_NAMED)
    return f"There is no benchmark {quoted(text)} here. {near}"


def _benchmark(text: str, groups: Sequence[Group]) -> str | None:
    """Complete a benchmark's name, which may lack its version."""
    if any(group.benchmark == text for group in groups):
        return text
    spec = spec_of(text) if len(text) <= LONGEST_QUOTE else None
    return None if spec is None else spec.id


def _track(text: str) -> tuple[str, ...] | None:
    """Read a track. Addresses of an older dgbench have its title."""
    if text == STANDARD:
        return ()
    uses = tuple(sorted(set(text.split(","))))
    return uses if set(uses) <= set(USES) else uses_of(text)


def _no_track(text: str) -> str:
    return (
        f"There is no track {quoted(text)}. A track is {STANDARD!r}, {ALL!r}, or what its methods "
        f"use: {', '.join(sorted(USES))}."
    )


def _no_rule(text: str) -> str:
    near = suggestion(text, [*SELECTIONS, ALL])
    return f"There is no rule of selection {quoted(text)}. {near}"


def _usual_first(group: Group) -> tuple[int, tuple[str, ...], int]:
    return len(group.uses), group.uses, list(SELECTIONS).index(group.selection)
