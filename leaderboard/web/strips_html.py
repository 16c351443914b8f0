"""Strips of small cells, one for each pattern, and the table of a submission's patterns."""

from collections.abc import Mapping, Sequence

from dgbench.standings.number_format import NONE, digits
from dgbench.standings.words import E, F, T
from leaderboard.records import Row
from leaderboard.web.shapes import heat
from leaderboard.web.tags import Html, joined, scrolled, tag

NO_PROBES = (
    "A dash: no probes came with the submission, or the benchmark has no reference values for them."
)
"""Why there may be no E."""


def strip(scores: Mapping[str, float], patterns: Sequence[str], hidden: Sequence[str]) -> Html:
    """Draw a small cell for each pattern that has a score, the hidden ones first."""
    shown = [name for name in hidden_first(patterns, hidden) if name in scores]
    if not shown:
        return joined([NONE])
    cells = (
        heat(
            scores[name],
            tag("span", digits(2)(scores[name])),
            tag("span", name, class_="who"),
            title=f"{name}, {_role(name, hidden)}",
            element="span",
        )
        for name in shown
    )
    return joined(cells)


def hidden_first(patterns: Sequence[str], hidden: Sequence[str]) -> list[str]:
    """Put the hidden patterns first, in the benchmark's order."""
    return sorted(patterns, key=lambda name: name not in hidden)


def by_pattern(row: Row, patterns: Sequence[str], hidden: Sequence[str], *, title: str) -> Html:
    """Draw a submission's scores as a table with a column for each pattern."""
    rows = {F: row.found, T: row.trusted, E: row.encoded}
    names = [
        name
        for name in hidden_first(patterns, hidden)
        if any(name in scores for scores in rows.values())
    ]
    heads = [tag("th", "Pattern", class_="name", scope="col")]
    heads += [
        tag("th", name, tag("span", _role(name, hidden), class_="who"), class_="bench", scope="col")
        for name in names
    ]
    body = [
        tag(
            "tr",
            tag("th", f"{term.name.capitalize()} ({term.title})", class_="name", scope="row"),
            *(heat(scores.get(name)) for name in names),
            title=term.help,
        )
        for term, scores in rows.items()
    ]
    table = tag(
        "table",
        tag("caption", title, class_="hidden"),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *body),
        class_="compared",
    )
    return scrolled(table, title=title)


def _role(name: str, hidden: Sequence[str]) -> str:
    return "hidden" if name in hidden else "dominant"
