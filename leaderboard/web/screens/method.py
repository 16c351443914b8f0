"""The page of one method, with its versions and attempts over time."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dgbench.standings.number_format import day, digits, interval, shown, tier
from dgbench.standings.words import LEVEL_NAMES, track
from leaderboard.records import RefusedError, Row
from leaderboard.web import charts, links
from leaderboard.web.board_table import over_time
from leaderboard.web.markdown import plain
from leaderboard.web.session import service


def page() -> None:
    """Draw the method that the address names."""
    name = str(st.query_params.get("name", ""))
    st.title(plain(name) or "Method")
    if not name:
        st.info("Open a submission on the leaderboard; it links to its method.")
        links.link("leaderboard", "To the leaderboard")
        return
    try:
        history = service().method(name)
    except RefusedError as refused:
        st.warning(plain(refused.detail))
        links.link("leaderboard", "To the leaderboard")
        return
    more = f"; {history.withdrawn} more withdrawn or hidden" if history.withdrawn else ""
    n = len(history.rows)
    st.caption(f"{n} submission{'' if n == 1 else 's'}{more}, the newest first.")
    if not history.rows:
        return
    _table(history.rows)
    st.header("Over time")
    st.altair_chart(charts.timeline(over_time(history.rows), color="benchmark"))


def _table(rows: Sequence[Row]) -> None:
    newest = list(reversed(rows))
    table = pd.DataFrame(
        [
            {
                "Submitted": day(row.submitted_at),
                "Benchmark": row.benchmark,
                "Version": row.version,
                "Track": track(row.uses),
                "Selection": row.selection,
                "Rank": shown(row.rank),
                "Tier": shown(tier(row.tier, is_unstable=row.is_unstable)),
                "Ranked by": row.headline.title,
                "Score": shown(row.headline.estimate, digits(3)),
                "95 % interval": interval(row.headline.low, row.headline.high),
                "Seeds": row.n_seeds,
                "Checked": LEVEL_NAMES[row.verification],
                "Attempts": row.attempts,
                "Submitter": row.submitter,
            }
            for row in newest
        ]
    )
    st.dataframe(table, hide_index=True, height="content" if len(table) < 20 else 700)
    for row in newest[:20]:
        when = f"{row.benchmark}, {day(row.submitted_at)}, {row.submission_id[:8]}"
        links.link("submission", f"Open {plain(when)}", id=row.submission_id)
