"""The leaderboard: who finds hidden patterns."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from dgbench.standings.columns import Column
from leaderboard.export import download
from leaderboard.records import Row
from leaderboard.web import board_table, charts, links
from leaderboard.web.markdown import plain
from leaderboard.web.screens import pickers
from leaderboard.web.screens.empty_store import empty_store
from leaderboard.web.screens.filling_notice import filling_notice
from leaderboard.web.session import service

MOST_DRAWN = 60
"""Rows that the chart shows, from the top."""
MAY_COMPARE = range(2, 7)
"""Numbers of submissions that can be compared."""
LONGEST = 30
"""Rows up to which the table needs no scrolling of its own."""
AT_ONCE = 100
"""Rows of the table on one page: more are not read, and make every visitor wait."""


def page() -> None:
    """Draw the leaderboard that the address asks for."""
    st.title("Which methods find hidden patterns?")
    groups = service().benchmarks()
    is_filling = filling_notice()
    if pickers.is_empty(groups):
        if not is_filling:
            empty_store()
        return
    query, shown = pickers.asked_of(groups)
    rows = service().rows(query)
    if not rows:
        st.info("No submission fits. Clear the search and the filters to see all.")
        return
    finding = "" if query.search else board_table.finding(rows, pickers.spec_of(query.benchmark))
    if finding:
        st.markdown(f"**{plain(finding)}**")
    table = st.container()
    number = _page_number(len(rows))
    with table:
        _table(rows[AT_ONCE * (number - 1) : AT_ONCE * number], shown, number)
    _take_away(rows, shown, pickers.permalink(query, shown, page=number))
    # The chart is made when somebody opens it: for most visitors it would be work for nothing.
    chart = st.expander("Chart of the scores with their 95 % intervals", on_change="rerun")
    if chart.open:
        scores = board_table.scores_with_intervals(rows)[:MOST_DRAWN]
        title, yardsticks = rows[0].headline.title, board_table.yardsticks(rows)
        if not scores.empty:
            chart.altair_chart(charts.intervals(scores, title=title, yardsticks=yardsticks))
        if not yardsticks.empty:
            chart.caption(f"Dashed: the yardsticks {', '.join(yardsticks['method'])}.")


def _page_number(n_rows: int) -> int:
    """Draw the choice of a page where the table has several."""
    n_pages = -(-n_rows // AT_ONCE)
    if n_pages == 1:
        return 1
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.pagination(n_pages, key="page", bind="query-params")
        number = min(chosen, n_pages)
        first, last = AT_ONCE * (number - 1) + 1, min(AT_ONCE * number, n_rows)
        st.caption(f"Rows {first:,} to {last:,} of {n_rows:,}. Search and filters look at all.")
    return number


def _table(rows: Sequence[Row], shown: Sequence[Column[Row]], number: int) -> None:
    """Draw one page of the table. A row can be opened, and two to six can be compared."""
    chosen = st.dataframe(
        board_table.styled(rows, shown),
        hide_index=True,
        height="content" if len(rows) <= LONGEST else 850,
        column_config={column.title: _config(column, rows) for column in shown},
        key=f"table-{number}",
        on_select="rerun",
        selection_mode="multi-row",
        alt="Submissions by rank. The same as CSV below.",
    )
    _offer(
        [rows[index].submission_id for index in chosen["selection"]["rows"] if index < len(rows)],
        rows[0].benchmark,
    )


def _offer(picked: Sequence[str], benchmark: str) -> None:
    """Draw the links for the rows that are ticked."""
    if len(picked) == 1:
        links.link("submission", "Open the chosen submission", id=picked[0])
    elif len(picked) in MAY_COMPARE:
        links.link("compare", f"Compare the {len(picked)} chosen", id=picked, benchmark=benchmark)
    elif picked:
        st.caption("At most six can be compared.")
    else:
        st.caption("A click on a name opens its submission. Tick two to six rows to compare them.")


def _open(rows: Sequence[Row]) -> None:
    links.wish("submission", id=rows[st.session_state["open"]["row"]].submission_id)


def _config(column: Column[Row], rows: Sequence[Row]) -> Any:
    make = st.column_config
    if column.title == "Method":
        return make.ButtonColumn(
            help=column.help,
            type="tertiary",
            key="open",
            on_click=_open,
            args=(rows,),
            pinned=True,
            width=140,
            alignment="left",
        )
    if column.kind == "bar":
        digits = "percent" if rows[0].headline.unit == "%" else "%.3f"
        return make.ProgressColumn(
            help=column.help, format=digits, min_value=0, max_value=1, width=125
        )
    if column.kind == "text":
        return make.TextColumn(help=column.help)
    return make.NumberColumn(
        help=column.help,
        pinned=column.title == "Rank",
        width=50 if column.title == "Rank" else None,
    )


def _take_away(rows: Sequence[Row], shown: Sequence[Column[Row]], link: str) -> None:
    """Offer the rows as files, and the address that shows them again."""
    benchmark = rows[0].benchmark
    stem = f"dgbench-{benchmark.replace('@', '-')}"
    caption = f"dgbench {benchmark}, as of {link.partition('as_of=')[2][:10]}"
    # Written when they are asked for: ten thousand rows take longer than the page may.
    files: Mapping[str, tuple[str, Callable[[], str]]] = {
        "csv": ("CSV", partial(download.as_csv, rows, shown)),
        "tex": ("LaTeX", partial(download.as_latex, rows, shown, caption=caption)),
        "bib": ("BibTeX", partial(download.as_bibtex, rows, link=link)),
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        for suffix, (name, write) in files.items():
            st.download_button(
                name,
                write,
                file_name=f"{stem}.{suffix}",
                mime="text/plain",
                on_click="ignore",
                help=f"Exactly the {len(rows):,} rows and {len(shown)} columns of this view.",
            )
        with st.popover("Link to this view"):
            st.code(link, language=None, wrap_lines=True)
            st.caption(
                "It always shows the same rows and columns, since it names the newest change."
            )
