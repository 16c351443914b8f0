"""The profile of a method as HTML: a row for each benchmark, with strips of its patterns."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from dgbench.standings.columns import RANK, TIER
from dgbench.standings.number_format import NONE, day, digits
from dgbench.standings.words import LEVEL_NAMES, STANDINGS, E, F, T, track
from leaderboard.columns import score_columns
from leaderboard.records import Row
from leaderboard.records.across import ProfileLine
from leaderboard.web.benchmark_lists import installed_suites
from leaderboard.web.scope import scope_of
from leaderboard.web.shapes import score_text, whisker
from leaderboard.web.strips_html import NO_PROBES, strip
from leaderboard.web.tags import Html, page_link, scrolled, tag


class Patterns(NamedTuple):
    """The patterns of a benchmark, in its order, and those of them that are hidden."""

    names: Sequence[str]
    hidden: Sequence[str]


PatternsOf = Callable[[str], Patterns]
"""Names the patterns of a benchmark."""
_HEADS: Mapping[str, str] = {
    "Benchmark": "name",
    "Score": "text",
    "Rank": "",
    "Tier": "",
    f"Found ({F.title})": "text",
    f"Trusted ({T.title})": "text",
    f"Encoded ({E.title})": "text",
    "R": "",
    "Seeds": "wide",
    "Verification": "text wide",
    "Submitted": "text",
}


def profile(lines: Sequence[ProfileLine], *, patterns: PatternsOf, title: str) -> Html:
    """Draw the entries of a method by track and rule, those that were replaced last."""
    ordered = sorted(lines, key=_order)
    parts = {_part(line) for line in lines}
    body: list[Html] = []
    for part, some in groupby(ordered, key=_part):
        if len(parts) > 1:
            head = tag("th", tag("span", part), colspan=len(_HEADS), scope="rowgroup")
            body.append(tag("tr", head, class_="part"))
        body += (_line(line, patterns(line.row.benchmark)) for line in some)
    heads = (tag("th", name, class_=kind or None, scope="col") for name, kind in _HEADS.items())
    table = tag(
        "table",
        tag("caption", title, class_="hidden"),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *body),
    )
    return scrolled(table, title=title)


def _order(line: ProfileLine) -> tuple[Any, ...]:
    """Put benchmarks of the newest suite first, in its order."""
    row = line.row
    members = list(installed_suites().values())[-1].members
    place = members.index(row.benchmark) if row.benchmark in members else len(members)
    return line.is_superseded, len(row.uses), row.uses, row.selection, place, row.benchmark


def _part(line: ProfileLine) -> str:
    if line.is_superseded:
        return "Replaced by a later submission, not ranked"
    return f"Track {track(line.row.uses)} \u00b7 selection {line.row.selection}"


def _line(line: ProfileLine, patterns: Patterns) -> Html:
    row = line.row
    board = page_link(
        row.benchmark,
        "board",
        title="The board that it is on",
        **scope_of(row).parameters,
    )
    place = NONE if row.rank is None else f"{RANK.text(row)} of {line.n_ranked}"
    return tag(
        "tr",
        tag("th", tag("span", board, class_="method"), class_="name", scope="row"),
        tag("td", *_score(row), class_="score text"),
        tag("td", place, title=STANDINGS[row.standing]),
        tag("td", TIER.text(row)),
        tag("td", strip(row.found, *patterns), class_="text strip"),
        tag("td", strip(row.trusted, *patterns), class_="text strip"),
        tag(
            "td",
            strip(row.encoded, *patterns),
            class_="text strip",
            title=None if row.encoded else NO_PROBES,
        ),
        tag("td", "" if row.retention is None else digits(2)(row.retention)),
        tag("td", str(row.n_seeds), class_="wide"),
        tag("td", LEVEL_NAMES[row.verification], class_="text wide"),
        tag(
            "td",
            _submission(row),
            class_="text",
        ),
        class_="aside" if line.is_superseded or row.rank is None else None,
    )


def _submission(row: Row) -> Html:
    query = {**scope_of(row).parameters, "id": row.submission_id}
    return page_link(day(row.submitted_at), "submission", title="Everything about it", **query)


def _score(row: Row) -> list[Html]:
    score = row.headline
    column, _ = score_columns(score.name)
    told = score_text(score.estimate, score.low, score.high)
    parts = [tag("b", column.text(row), title=f"{score.title} {told}")]
    if score.estimate is not None:
        parts.append(whisker(score.estimate, score.low, score.high))
    if score.name != "hps":
        parts.append(tag("span", score.title, class_="who"))
    return parts
