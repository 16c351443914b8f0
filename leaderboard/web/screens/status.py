"""The state of the store."""

import pandas as pd
import streamlit as st

from dgbench.standings.number_format import minute
from leaderboard.records import Status
from leaderboard.web.session import service

NEWEST = 50
NAMES = {"python": "Python", "streamlit": "Streamlit", "sqlalchemy": "SQLAlchemy"}
"""Names of programs as their authors write them."""


def page() -> None:
    """Draw the state of the store and the newest entries of its audit log."""
    st.title("Status")
    status = service().status()
    _counts(status)
    _health(status)
    st.header("Audit log")
    st.caption(
        "Every change, each entry chained to the one before it by its SHA-256. Keep the newest "
        "digest, and you can tell later whether history was altered."
    )
    st.code(status.audit_digest, language=None, wrap_lines=True)
    events = service().events()[-NEWEST:]
    table = pd.DataFrame(
        [
            {
                "No.": event.number,
                "Time (UTC)": event.at.replace("T", " ").rstrip("Z")[:19],
                "Who": event.actor,
                "What": event.action,
                "About": event.subject,
            }
            for event in reversed(events)
        ],
        columns=["No.", "Time (UTC)", "Who", "What", "About"],
    )
    st.dataframe(table, hide_index=True, height="content" if len(table) < 15 else 500)


def _counts(status: Status) -> None:
    with st.container(horizontal=True):
        st.metric("Submissions", status.n_submissions, width=150)
        st.metric(
            "Rows",
            status.n_rows,
            width=150,
            help="Submissions that no later one of the same method replaces.",
        )
        st.metric("Withdrawn", status.n_withdrawn, width=150)
        st.metric("Open flags", status.n_flags, width=150)
        st.metric(
            "Revision",
            status.revision,
            width=150,
            help="Counts the changes to what is shown.",
        )


def _health(status: Status) -> None:
    never = "never"
    problems = status.last_fsck_problems
    checked = minute(status.last_fsck_at) if status.last_fsck_at else never
    rows = {
        "Last submission": minute(status.last_submitted_at) if status.last_submitted_at else never,
        "Last backup": minute(status.last_backup_at) if status.last_backup_at else never,
        "Last fsck": checked
        if not status.last_fsck_at
        else f"{checked}, {problems or 'no'} problem{'' if problems == 1 else 's'}",
        "Queue": "empty: bundles are scored on arrival",
        "Database": f"{status.database}, tables at revision {status.schema}",
        **{NAMES.get(name, name): version for name, version in status.versions.items()},
    }
    st.table(pd.DataFrame({"Item": list(rows), "State": list(rows.values())}).set_index("Item"))
