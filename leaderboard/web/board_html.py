"""The table of a board as HTML: tiers, scores with whiskers, strips, and what stands below."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from dgbench.standings.columns import Column
from dgbench.standings.limits import RETAINED
from dgbench.standings.standing import RANKED
from dgbench.standings.words import LEVEL_NAMES, LEVELS, STANDINGS, UNSTABLE, F, T, track
from leaderboard.records import Row
from leaderboard.web.shapes import Line, by_line, chip, heat, score_text, whisker
from leaderboard.web.tags import Html, page_link, scrolled, tag

_STRIPS = {F.title: F, T.title: T}
_BELOW = {
    "unranked": "Listed, not ranked",
    "gave-up": f"Gave up the task: R below {RETAINED}, or a seed diverged. Not ranked",
    "yardstick": "Yardsticks: they show what a score means, and are never counted",
}
_LONGEST = 60
"""Letters of a name that a row shows. Pointing at it shows all of them."""
_DOWN, _UP = "\u2193", "\u2191"


@dataclass(frozen=True, kw_only=True)
class View:
    """The choices of a reader about the table."""

    columns: Sequence[Column[Row]]
    orders: Mapping[str, str]
    """By the title of a column, the name of the order by it."""
    order: str
    is_reversed: bool
    ticked: Collection[str]
    is_mixed: bool
    """Whether rows of several rankings stand below each other."""
    scope: Mapping[str, str]
    """The address parameters that every link carries."""

    @property
    def shows_tiers(self) -> bool:
        """Whether the rows of a tier stand together."""
        return self.order == "rank" and not self.is_reversed

    @property
    def drawn(self) -> list[Column[Row]]:
        """The columns that are drawn: a whisker shows the interval, and lines show the tiers."""
        return [
            column
            for column in self.columns
            if column.kind != "interval" and column.title not in self._told_by_lines
        ]

    @property
    def _told_by_lines(self) -> tuple[str, ...]:
        """Titles of the columns that the lines between the rows make superfluous."""
        if not self.shows_tiers:
            return ()
        return ("Tier", "Track", "Selection") if self.is_mixed else ("Tier",)


def board(rows: Sequence[Row], view: View, *, yardsticks: Sequence[Line], title: str) -> Html:
    """Draw rows as a table with a box to tick in front of each."""
    body: list[Html] = []
    for part, lines in groupby(rows, key=lambda row: _part(row, view)):
        if part:
            width = len(view.drawn) + 1
            head = tag("th", tag("span", part), colspan=width, scope="rowgroup")
            body.append(tag("tr", head, class_="part"))
        body += (_line(row, view, yardsticks) for row in lines)
    table = tag(
        "table",
        tag("caption", title, class_="hidden"),
        tag("thead", *_heads(view)),
        tag("tbody", *body),
    )
    return scrolled(table, title=title)


def _part(row: Row, view: View) -> str:
    """The line above a row and those like it: its ranking, its tier, or why it has none."""
    parts = []
    if view.is_mixed and view.shows_tiers:
        parts += [f"Track {track(row.uses)}", f"selection {row.selection}"]
    if row.standing in _BELOW:
        parts.append(_BELOW[row.standing])
    elif view.shows_tiers and row.tier is not None:
        parts.append(f"Tier {row.tier}")
    return " \u00b7 ".join(parts)


def _heads(view: View) -> list[Html]:
    """The heads, in two rows where the patterns of a score share one."""
    box = tag("span", "Choose", class_="hidden")
    first, second = [tag("th", box, class_="tick", scope="col", rowspan=2)], []
    for strip, columns in groupby(view.drawn, key=_strip_of):
        if not strip:
            first += (_head(column, column.title, view, rowspan=2) for column in columns)
            continue
        heads = [_head(column, column.title.removeprefix(f"{strip} "), view) for column in columns]
        term = _STRIPS[strip]
        label = f"{term.name[0].upper()}{term.name[1:]} ({strip})"
        first.append(
            tag("th", label, class_="group", scope="colgroup", colspan=len(heads), title=term.help)
        )
        second += heads
    return [tag("tr", *first), tag("tr", *second)]


def _strip_of(column: Column[Row]) -> str:
    return column.title.partition(" ")[0] if column.kind == "heat" else ""


def _head(column: Column[Row], label: str, view: View, *, rowspan: int | None = None) -> Html:
    """A head whose first click sorts the best to the top, and the second one the worst."""
    order = view.orders.get(column.title)
    is_sorted = order is not None and order == view.order
    arrow = (_UP if view.is_reversed else _DOWN) if is_sorted else ""
    content: str = label
    if order is not None:
        mark = tag("span", f" {arrow}", class_="by", aria_hidden="true") if arrow else ""
        content = tag("button", label, mark, data_sort=order, data_key=order, type="button")
    sorting = ("ascending" if view.is_reversed else "descending") if is_sorted else None
    return tag(
        "th",
        content,
        class_=_kind(column),
        scope="col",
        rowspan=rowspan,
        title=column.help.replace("**", ""),
        aria_sort=sorting,
    )


def _kind(column: Column[Row]) -> str:
    if column.title == "Method":
        return "name"
    return "text" if column.kind in ("text", "bar") else "number"


def _line(row: Row, view: View, yardsticks: Sequence[Line]) -> Html:
    is_best = row.tier == 1 and not row.is_unstable
    kinds = ["best"] if is_best else [] if row.standing in RANKED else ["aside"]
    box = tag(
        "input",
        type="checkbox",
        value=row.submission_id,
        data_key=row.submission_id,
        aria_label=f"Choose {row.display_name or row.method}",
        checked="" if row.submission_id in view.ticked else None,
    )
    return tag(
        "tr",
        tag("td", box, class_="tick"),
        *(_cell(column, row, view, yardsticks) for column in view.drawn),
        class_=" ".join(kinds) or None,
    )


def _cell(column: Column[Row], row: Row, view: View, yardsticks: Sequence[Line]) -> Html:
    if column.title == "Method":
        return tag("th", *_name(row, view), class_="name", scope="row")
    value = column.pick(row)
    if column.kind == "heat":
        share = value if isinstance(value, int | float) else None
        return heat(share, title=f"{column.title} of {row.method}")
    if column.kind == "bar":
        return tag("td", *_score(column, row, yardsticks), class_="score text")
    return tag("td", column.text(row), class_=_kind(column))


def _name(row: Row, view: View) -> list[Html]:
    """The name, which opens the submission, what a reader should not miss, and who made it."""
    name = row.display_name or row.method
    label = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}\u2026"
    query = {**view.scope, "id": row.submission_id}
    link = page_link(label, "submission", title=f"Everything about {name}", **query)
    parts = [tag("span", link, class_="method")]
    if row.standing != "yardstick":
        parts += (chip(flag, f"Flagged for moderators: {flag}", warns=True) for flag in row.flags)
    if row.is_unstable:
        parts.append(chip(UNSTABLE.name, UNSTABLE.help))
    if row.standing == "provisional":
        parts.append(chip(f"{row.n_seeds} seeds", STANDINGS[row.standing]))
    if row.verification not in ("received", "package"):
        name, is_bad = LEVEL_NAMES[row.verification], row.verification == "failed"
        parts.append(chip(name, LEVELS[row.verification], warns=is_bad))
    if who := by_line(row):
        parts.append(tag("span", who, class_="who"))
    return parts


def _score(column: Column[Row], row: Row, yardsticks: Sequence[Line]) -> list[Html]:
    score = row.headline
    number = tag("b", column.text(row), title=score_text(score.estimate, score.low, score.high))
    if score.estimate is None:
        return [number]
    return [number, whisker(score.estimate, score.low, score.high, yardsticks)]
