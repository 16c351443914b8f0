"""The comparison as HTML: every score of each submission, and the lead of the first of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from data_gen.spec import Spec
from dgbench.standings.number_format import NONE, digits, interval, percent
from dgbench.standings.words import MP, SCORES, UP, F, R, T, Term, track
from leaderboard.records import Comparison, EstimatedScore, PairDifference, Row, ScoreComparison
from leaderboard.web.scope import scope_of
from leaderboard.web.shapes import lead_line
from leaderboard.web.tags import Html, page_link, scrolled, tag

_TERMS: Mapping[str, Term] = {"found": F, "trusted": T, "up": UP, "mp": MP, "retention": R}
_LEAST_REACH = 0.1
"""Half of the width of the drawings of leads, where all of them are small."""


class ScoreLine(NamedTuple):
    """One score of all compared submissions."""

    title: str
    note: str
    """What is below the title, such as whether a pattern is hidden."""
    help: str
    values: Mapping[str, EstimatedScore | float]
    """By submission id."""
    pairs: tuple[PairDifference, ...]
    show: Callable[[float], str]

    def lead(self, mine: str, other: str) -> PairDifference | None:
        """Return the lead of one submission over another."""
        for pair in self.pairs:
            if (pair.first, pair.second) == (mine, other):
                return pair
            if (pair.first, pair.second) == (other, mine):
                return pair.turned
        return None


def lines_of(comparison: Comparison, spec: Spec | None) -> list[ScoreLine]:
    """List the score that ranks and every other score, by pattern."""
    hidden = spec.hidden if spec else ()
    return [
        _ranking(comparison),
        *(_line(score, comparison.rows, hidden) for score in comparison.scores),
    ]


def _ranking(comparison: Comparison) -> ScoreLine:
    first = comparison.rows[0].headline
    values = {
        row.submission_id: _whole(row.headline.estimate, row.headline.low, row.headline.high)
        for row in comparison.rows
        if row.headline.estimate is not None
    }
    help_ = SCORES[first.name].help if first.name in SCORES else ""
    show = percent if first.unit == "%" else digits(3)
    return ScoreLine(first.title, "ranks", help_, values, comparison.pairs, show)


def _whole(value: float | None, low: float | None, high: float | None) -> EstimatedScore | float:
    if low is None or high is None:
        return value or 0.0
    return EstimatedScore(value=value or 0.0, low=low, high=high)


def _line(score: ScoreComparison, rows: Sequence[Row], hidden: Sequence[str]) -> ScoreLine:
    term = _TERMS.get(score.score)
    if term is None:
        return ScoreLine(score.part, "accuracy", "", dict(score.values), score.pairs, percent)
    note = {True: "hidden", False: "dominant"}[score.part in hidden] if score.part else ""
    alone = {row.submission_id: _of_row(row, score) for row in rows}
    values = {name: value for name, value in alone.items() if value is not None} | dict(
        score.values
    )
    title = f"{term.title} {score.part}".strip()
    return ScoreLine(title, note, term.help, values, score.pairs, digits(3))


def _of_row(row: Row, score: ScoreComparison) -> float | None:
    """The score of a row, which has no interval where there is a single seed."""
    by_pattern = {"found": row.found, "trusted": row.trusted}.get(score.score)
    if by_pattern is not None:
        return by_pattern.get(score.part)
    return {"up": row.up, "mp": row.mp, "retention": row.retention}.get(score.score)


def compared(
    lines: Sequence[ScoreLine], rows: Sequence[Row], names: Mapping[str, str], *, title: str
) -> Html:
    """Draw a row for each score, with the lead of the first submission over every other."""
    first, *others = rows
    reach = max([_LEAST_REACH, *_ends(lines, first, others)])
    heads = [tag("th", "Score", class_="name", scope="col"), _head(first, names)]
    for row in others:
        against = f"{names[first.submission_id]} \u2212 {names[row.submission_id]}"
        heads += [_head(row, names), tag("th", against, class_="text", scope="col")]
    body = [
        tag(
            "tr",
            tag(
                "th",
                tag("b", line.title, title=line.help or None),
                tag("span", line.note, class_="who"),
                class_="name",
                scope="row",
            ),
            tag("td", *_value(line, first.submission_id)),
            *(cell for row in others for cell in _against(line, row, first, reach, names)),
        )
        for line in lines
    ]
    table = tag(
        "table",
        tag("caption", title, class_="hidden"),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *body),
        class_="compared",
    )
    return scrolled(table, title=title)


def _ends(lines: Sequence[ScoreLine], first: Row, others: Sequence[Row]) -> list[float]:
    leads = (line.lead(first.submission_id, row.submission_id) for line in lines for row in others)
    return [max(abs(lead.low), abs(lead.high)) for lead in leads if lead]


def _head(row: Row, names: Mapping[str, str]) -> Html:
    query = {**scope_of(row).parameters, "id": row.submission_id}
    link = page_link(names[row.submission_id], "submission", title="Its submission", **query)
    return tag("th", link, tag("span", place_of(row), class_="who"), scope="col")


def place_of(row: Row) -> str:
    """Say where a submission stands on the leaderboard."""
    if row.tier is None:
        return "gave up the task" if row.standing == "gave-up" else row.standing
    return f"tier {row.tier}{', unstable' if row.is_unstable else ''}"


def tracks_of(rows: Sequence[Row]) -> list[str]:
    """List the tracks of compared submissions, by which their tiers are counted."""
    return sorted({track(row.uses) for row in rows})


def _value(line: ScoreLine, identifier: str) -> tuple[str | Html, ...]:
    value = line.values.get(identifier)
    if value is None:
        return (NONE,)
    if isinstance(value, float):
        return (tag("b", line.show(value)),)
    within = _within(value.low, value.high, line.show)
    return tag("b", line.show(value.value)), tag("span", within, class_="who")


def _within(low: float, high: float, show: Callable[[float], str]) -> str:
    if show is percent:
        return interval(low, high, factor=100, places=1)
    return interval(low, high)


def _against(
    line: ScoreLine, row: Row, first: Row, reach: float, names: Mapping[str, str]
) -> tuple[Html, Html]:
    value = tag("td", *_value(line, row.submission_id))
    lead = line.lead(first.submission_id, row.submission_id)
    if lead is None:
        return value, tag("td", NONE, class_="text")
    word = verdict_of(lead, names)
    sign = "+" if lead.difference > 0 else "\u2212" if lead.difference < 0 else ""
    told = f"{sign}{line.show(abs(lead.difference))}"
    cell = tag(
        "td",
        tag("span", told, class_="lead"),
        lead_line(lead.difference, lead.low, lead.high, reach=reach),
        tag("span", word, class_="who" if lead.verdict == "not shown different" else "who sure"),
        class_="text",
        title=f"95 % interval {_within(lead.low, lead.high, line.show)}",
    )
    return value, cell


def verdict_of(lead: PairDifference, names: Mapping[str, str]) -> str:
    """Say which of two is higher, or that no difference was shown."""
    if lead.verdict == "not shown different":
        return "no difference shown"
    better = lead.first if lead.verdict == "better" else lead.second
    return f"{names[better]} is higher"


def overlaps(
    domain: str, overlap: Mapping[str, Mapping[str, float]], names: Mapping[str, str]
) -> Html:
    """Draw the share of errors that every two of several submissions have in common."""
    identifiers = list(overlap)
    heads = [tag("th", "Both wrong", class_="name", scope="col")]
    heads += [tag("th", names[name], scope="col") for name in identifiers[1:]]
    body = []
    for place, mine in enumerate(identifiers[:-1]):
        cells: list[Html] = []
        for index, other in enumerate(identifiers[1:], start=1):
            text = percent(overlap[mine][other]) if index > place else ""
            cells.append(tag("td", text))
        body.append(tag("tr", tag("th", names[mine], class_="name", scope="row"), *cells))
    title = f"Common errors in {domain}"
    table = tag(
        "table",
        tag("caption", title, class_="hidden"),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *body),
    )
    return scrolled(table, title=title)
