"""The leaderboard: who finds hidden patterns."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import streamlit as st

from data_gen.foundation.errors import quoted
from dgbench.standings.columns import Column
from dgbench.standings.words import bullets, track
from leaderboard.columns import columns
from leaderboard.export import download
from leaderboard.export.tables import to_csv
from leaderboard.records import Query, Row
from leaderboard.web import (
    board_html,
    board_table,
    charts,
    choices,
    html_view,
    links,
    notices,
    orders,
)
from leaderboard.web.markdown import plain
from leaderboard.web.scope import spec_of
from leaderboard.web.screens import pickers
from leaderboard.web.screens.empty_store import empty_store
from leaderboard.web.screens.filling_notice import filling_notice
from leaderboard.web.screens.filters import sort_by
from leaderboard.web.session import service
from leaderboard.web.shapes import Line

MOST_DRAWN = 60
"""Rows that the chart shows, from the top."""
MAY_COMPARE = range(2, 7)
"""Numbers of submissions that can be compared."""
TABLE = "table"
"""Key of the table, under which its ticks are kept."""
PAGE = "page"
"""The page of the table in the address."""
_LAST_PAGE = "dgbench_last_page"
AT_ONCE = 100
"""Rows of the table on one page: more are not read, and make every visitor wait."""


def page() -> None:
    """Draw the leaderboard that the address asks for."""
    heading = st.container()
    groups = service().benchmarks()
    is_filling = filling_notice()
    if pickers.is_empty(groups):
        heading.title("Boards")
        if not is_filling:
            empty_store()
        return
    query, shown = pickers.asked_of(groups)
    spec = spec_of(query.benchmark)
    with heading:
        st.title(plain(query.benchmark))
        st.markdown(plain(spec.summary) if spec else "")
    rows = service().rows(query)
    if not rows:
        st.info(_why_empty(query))
        return
    findings = [] if query.search else board_table.findings(rows, spec)
    st.markdown("\n\n".join(f"**{plain(finding)}**" for finding in findings))
    table = st.container()
    number = _page_number(len(rows))
    with table:
        _table(rows, query, shown, number)
    _explanations(shown)
    _downloads(rows, shown, pickers.permalink(query, shown, page=number))
    _chart(rows)


def _chart(rows: Sequence[Row]) -> None:
    """Draw the chart when somebody opens it: for most visitors it would be work for nothing."""
    chart = st.expander("Chart of the scores with their 95 % intervals", on_change="rerun")
    if chart.open:
        scores = board_table.scores_with_intervals(rows)[:MOST_DRAWN]
        title, yardsticks = rows[0].headline.title, board_table.yardsticks(rows)
        if not scores.empty:
            chart.altair_chart(charts.intervals(scores, title=title, yardsticks=yardsticks))
        if not yardsticks.empty:
            chart.caption(f"Dashed: the yardsticks {', '.join(yardsticks['method'])}.")


def _why_empty(query: Query) -> str:
    if service().rows(query.whole):
        return "No submission fits. Clear the search and the filters to see all."
    scope = links.scope()
    where = "" if scope.uses is None else f" in the track {track(scope.uses)}"
    where += "" if scope.selection is None else f", rule {scope.selection}"
    if query.as_of is not None:
        return f"{plain(scope.benchmark)} had no entries{where} at that time."
    return f"{plain(scope.benchmark)} has no entries yet{where}. Be the first: see Submit."


def _page_number(n_rows: int) -> int:
    """Draw the choice of a page where the table has several."""
    n_pages = -(-n_rows // AT_ONCE)
    number = _asked_page(n_pages)
    if n_pages == 1:
        return number
    with st.container(horizontal=True, vertical_alignment="center"):
        st.session_state[PAGE] = number
        st.pagination(
            n_pages, key=PAGE, on_change=lambda: choices.put(PAGE, str(st.session_state[PAGE]))
        )
        first, last = AT_ONCE * (number - 1) + 1, min(AT_ONCE * number, n_rows)
        st.caption(f"Rows {first:,} to {last:,} of {n_rows:,}. Search and filters look at all.")
    return number


def _asked_page(n_pages: int) -> int:
    """Read the page of the table that the address names."""
    text = st.query_params.get(PAGE, "1")
    if text in map(str, range(1, n_pages + 1)):
        st.session_state[_LAST_PAGE] = text
        return int(text)
    if st.session_state.pop(_LAST_PAGE, None) == text:
        # It was there before the reader's search or filters left fewer rows.
        st.query_params.pop(PAGE, None)
        return 1
    pages = f"{n_pages:,} page{'s' if n_pages > 1 else ''}"
    notices.warn(
        f"The address says {PAGE}={quoted(text)}, and the table has {pages}. This is the first."
    )
    return 1


def _table(rows: Sequence[Row], query: Query, shown: Sequence[Column[Row]], number: int) -> None:
    """Draw one page of the table below a bar for the rows that are ticked."""
    bar = st.container(horizontal=True, vertical_alignment="center", height=48, border=False)
    every = columns(spec_of(query.benchmark))
    view = board_html.View(
        columns=shown,
        orders=orders.by_head(every),
        order=query.sort,
        is_reversed=query.descending,
        ticked=html_view.ticked(TABLE),
        is_mixed=query.uses is None or query.selection is None,
        scope=links.scope().parameters,
    )
    drawn = board_html.board(
        rows[AT_ONCE * (number - 1) : AT_ONCE * number],
        view,
        yardsticks=_yardsticks(service().rows(query.whole)),
        title=f"Methods on {query.benchmark}",
    )
    heard = html_view.show(drawn, key=TABLE, on_sort=sort_by)
    with bar:
        here = {row.submission_id: row for row in rows}
        _offer([identifier for identifier in heard.ticked if identifier in here])


def _yardsticks(rows: Sequence[Row]) -> list[Line]:
    """The yardsticks of a ranking, which every whisker shows as lines."""
    return [
        Line(row.method, row.headline.estimate)
        for row in rows
        if row.standing == "yardstick" and row.headline.estimate is not None
    ]


def _offer(picked: Sequence[str]) -> None:
    """Draw what can be done with the rows that are ticked."""
    if not picked:
        st.caption("A name opens the submission. Tick two to six rows to compare them.")
        return
    st.markdown(f"**{len(picked)} chosen**", width="content")
    if len(picked) == 1:
        st.caption("Tick another one to compare them.", width="content")
    elif len(picked) in MAY_COMPARE:
        links.link("compare", "Compare", id=picked)
    else:
        st.caption(f"At most {MAY_COMPARE[-1]} can be compared.", width="content")
    st.button("Clear", type="tertiary", on_click=html_view.untick, args=(TABLE,))


def _explanations(shown: Sequence[Column[Row]]) -> None:
    """Say what the columns mean, also to those who cannot point at a head."""
    with st.expander("What the columns mean"):
        st.markdown(bullets({column.title: column.help for column in shown}))


class _File(NamedTuple):
    """A file that the page offers."""

    name: str
    write: Callable[[], str | bytes]
    hint: str


def _downloads(rows: Sequence[Row], shown: Sequence[Column[Row]], link: str) -> None:
    """Offer the rows as files, how to cite them, and the address that shows them again."""
    benchmark = rows[0].benchmark
    spec = spec_of(benchmark)
    stem = f"dgbench-{benchmark.replace('@', '-')}"
    caption = f"dgbench {benchmark}, as of {link.partition('as_of=')[2][:10]}"
    # Written when they are asked for: ten thousand rows take longer than the page may.
    n_rows = f"{len(rows):,} rows"
    files: Mapping[str, _File] = {
        "csv": _File(
            "CSV", partial(to_csv, rows), f"The {n_rows} of this view, with the columns of the API."
        ),
        "tex": _File(
            "LaTeX",
            partial(download.as_latex, rows, shown, caption=caption),
            f"The {n_rows} and {len(shown)} columns of this view.",
        ),
        "bib": _File(
            "BibTeX",
            partial(download.as_bibtex, rows, link=link, spec=spec),
            "This view, its benchmark, and the papers of the methods that it shows.",
        ),
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        for suffix, file in files.items():
            st.download_button(
                file.name,
                file.write,
                file_name=f"{stem}.{suffix}",
                mime="text/plain",
                on_click="ignore",
                help=file.hint,
            )
        with st.popover("Link to this view"):
            st.code(link, language=None, wrap_lines=True)
            st.caption(
                "It always shows the same rows and columns, since it names the newest change."
            )
        with st.popover("Cite"):
            st.code(download.citation(link=link, spec=spec), language="bibtex", wrap_lines=True)
            st.caption("The file BibTeX has the papers of the methods as well.")
