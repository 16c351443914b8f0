"""The overview as HTML: methods x benchmarks, each cell a link to the board that it is from."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import inf
from typing import NamedTuple

from dgbench.standings.member_result import MethodInTrack
from dgbench.standings.number_format import NONE, digits
from dgbench.standings.overview import Overview, OverviewCell, OverviewRow
from dgbench.standings.words import STANDINGS, track
from leaderboard.records import Row
from leaderboard.records.across import SuiteStanding
from leaderboard.web.scope import Scope, scope_of
from leaderboard.web.shapes import by_line, heat, score_text, whisker
from leaderboard.web.tags import Html, joined, page_link, scrolled, tag

BOARD, METHOD = "board", "method"
"""Paths of the pages that the overview leads to."""
MOST = 200
"""Methods that are drawn. More are not read, and make every visitor wait."""
_OVERALL = (
    "Mean HPS over all benchmarks of the suite, with its 95 % interval. Only for methods that were "
    "run on all of them."
)
_YARDSTICKS = "Yardsticks: they show what a score means, and are never counted"
OVERALL, BY_NAME = "overall", "method"
"""Orders of the rows, beside the names of the benchmarks."""
_DOWN, _UP = "\u2193", "\u2191"


class Order(NamedTuple):
    """The order of the rows within a track."""

    by: str = OVERALL
    """A benchmark, the overall score, or the method's name."""
    is_reversed: bool = False
    """Whether the worst comes first. Methods that were not run stay last."""


USUAL = Order()
"""By the overall score, and within it by how much of the suite was run."""


def overview(
    standing: SuiteStanding, *, title: str, order: Order = USUAL, most: int = MOST
) -> Html:
    """Draw the methods of each track in an order, and the yardsticks below."""
    names = standing.overview.benchmarks
    rows = sorted(
        _first(in_order(standing.overview, order), most),
        key=lambda row: (row.is_yardstick, *_track_order(row)),
    )
    tracks = {row.uses for row in rows if not row.is_yardstick}
    has_overall = _has_overall(standing)
    body: list[Html] = []
    for part, lines in groupby(rows, key=lambda row: _part(row, tracks)):
        if part:
            width = len(names) + (3 if has_overall else 1)
            head = tag("th", tag("span", part), colspan=width, scope="rowgroup")
            body.append(tag("tr", head, class_="part"))
        body += (_line(row, standing, has_overall=has_overall) for row in lines)
    table = tag(
        "table",
        tag("caption", title, class_="hidden"),
        tag("thead", tag("tr", *_heads(standing, order, has_overall=has_overall))),
        tag("tbody", *body),
        class_="overview",
    )
    return scrolled(table, title=title)


def in_order(overview: Overview, order: Order) -> list[OverviewRow]:
    """Sort the rows of an overview, the best first or last, and those without a score last."""
    rows = list(overview.rows)
    if order.by == BY_NAME:
        return sorted(rows, key=lambda row: row.name.casefold(), reverse=order.is_reversed)
    sign = 1 if order.is_reversed else -1

    def key(row: OverviewRow) -> float:
        score = _score_of(row, overview.benchmarks, order.by)
        return inf if score is None else sign * score

    return rows if order == USUAL else sorted(rows, key=key)


def _score_of(row: OverviewRow, benchmarks: Sequence[str], by: str) -> float | None:
    if by == OVERALL:
        return row.overall.estimate if row.overall else None
    cell = row.cells[benchmarks.index(by)]
    return cell.hps.estimate if cell else None


def _first(rows: Sequence[OverviewRow], most: int) -> list[OverviewRow]:
    """The first methods, and all yardsticks."""
    methods = [row for row in rows if not row.is_yardstick]
    return [*methods[:most], *(row for row in rows if row.is_yardstick)]


def _track_order(row: OverviewRow) -> tuple[int, tuple[str, ...]]:
    return (0, ()) if row.is_yardstick else (len(row.uses), row.uses)


def _part(row: OverviewRow, tracks: Iterable[tuple[str, ...]]) -> str:
    """The line above a row: its track where there are several, since tiers are within one."""
    if row.is_yardstick:
        return _YARDSTICKS
    return f"Track: {track(row.uses)}" if set(tracks) != {()} else ""


def _heads(standing: SuiteStanding, order: Order, *, has_overall: bool) -> list[Html]:
    overview = standing.overview
    heads = [_head("Method", BY_NAME, order, class_="name")]
    if has_overall:
        heads += [
            _head("Overall", OVERALL, order, class_="text", title=_OVERALL),
            tag("th", "Mean tier", class_="wide", scope="col", title="Mean of the tiers."),
        ]
    for place, name in enumerate(overview.benchmarks):
        n_methods = sum(
            row.cells[place] is not None and not row.is_yardstick for row in overview.rows
        )
        count = f"{n_methods} method{'' if n_methods == 1 else 's'}" if n_methods else "no entries"
        query = Scope(benchmark=name).parameters
        link = page_link(count, BOARD, title=f"The board of {name}", **query)
        heads.append(_head(name, name, order, tag("span", link, class_="who"), class_="bench"))
    return heads


def _head(
    label: str, by: str, order: Order, *below: Html, class_: str, title: str = "A click sorts by it"
) -> Html:
    """A head whose first click sorts the best to the top, and the second one the worst."""
    is_sorted = by == order.by
    arrow = (_UP if order.is_reversed else _DOWN) if is_sorted else ""
    mark = tag("span", f" {arrow}", class_="by", aria_hidden="true") if arrow else ""
    button = tag("button", label, mark, data_sort=by, data_key=by, type="button")
    is_rising = order.is_reversed != (by == BY_NAME)
    sorting = ("ascending" if is_rising else "descending") if is_sorted else None
    return tag("th", button, *below, class_=class_, scope="col", title=title, aria_sort=sorting)


def _line(row: OverviewRow, standing: SuiteStanding, *, has_overall: bool) -> Html:
    names = standing.overview.benchmarks
    entries = standing.entries.get(MethodInTrack(row.uses, row.name), {})
    cells = (
        _cell(cell, entries.get(name), name) for name, cell in zip(names, row.cells, strict=True)
    )
    return tag(
        "tr",
        tag("th", *_name(row, list(entries.values())), class_="name", scope="row"),
        *(_overall(row) if has_overall else ()),
        *cells,
        class_="aside" if row.is_yardstick else None,
    )


def _name(row: OverviewRow, entries: Sequence[Row]) -> list[Html]:
    if not entries:
        return [tag("span", row.name, class_="method")]
    first = entries[0]
    query = {**scope_of(first).parameters, "name": first.method}
    link = page_link(row.name, METHOD, title="Its profile", **query)
    parts = [tag("span", link, class_="method")]
    if who := by_line(first):
        parts.append(tag("span", who, class_="who"))
    return parts


def _has_overall(standing: SuiteStanding) -> bool:
    """Whether any method was run on all benchmarks. If none was, nothing has an overall score."""
    return any(row.overall is not None for row in standing.overview.rows)


def _overall(row: OverviewRow) -> list[Html]:
    tier = tag("td", NONE if row.mean_tier is None else digits(1)(row.mean_tier), class_="wide")
    score = row.overall
    if score is None:
        return [tag("td", NONE, class_="text", title="Not run on all benchmarks"), tier]
    told = score_text(score.estimate, score.low, score.high)
    number = tag("b", digits(3)(score.estimate), title=told)
    drawn = whisker(score.estimate, score.low, score.high)
    return [tag("td", number, drawn, class_="score text"), tier]


def _cell(cell: OverviewCell | None, entry: Row | None, benchmark: str) -> Html:
    if cell is None or entry is None:
        return tag("td", NONE, class_="gap", title=f"Not run on {benchmark}")
    score = entry.headline
    tier = f"tier {cell.tier}" if cell.tier is not None else STANDINGS[cell.standing].rstrip(".")
    told = f"{entry.method} on {benchmark}: {score_text(cell.hps.estimate, score.low, score.high)}"
    mark = tag("sup", str(cell.tier), aria_label=tier) if cell.tier is not None else ""
    link = page_link(
        joined([digits(2)(cell.hps.estimate), mark]),
        BOARD,
        title=f"{told}; {tier}",
        **scope_of(entry).parameters,
    )
    gave_up = cell.standing == "gave-up"
    return heat(cell.hps.estimate, link, first=cell.tier == 1, is_aside=gave_up)
