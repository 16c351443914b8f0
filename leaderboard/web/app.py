"""The script that Streamlit runs: it draws what every page shares, then the requested page."""

import streamlit as st

from leaderboard.web import links
from leaderboard.web.screens import (
    benchmarks,
    compare,
    cost,
    leaderboard,
    method,
    moderation,
    my_submissions,
    rules,
    status,
    submission,
    submit,
    timeline,
)


def main() -> None:
    """Draw the page that the address asks for."""
    st.set_page_config(page_title="dgbench leaderboard", layout="wide")
    pages = {
        "leaderboard": st.Page(leaderboard.page, title="Leaderboard", url_path="", default=True),
        "compare": st.Page(compare.page, title="Compare", url_path="compare"),
        "cost": st.Page(cost.page, title="Cost", url_path="cost"),
        "timeline": st.Page(timeline.page, title="Timeline", url_path="timeline"),
        "benchmarks": st.Page(benchmarks.page, title="Benchmarks", url_path="benchmarks"),
        "rules": st.Page(rules.page, title="Rules", url_path="rules"),
        "submit": st.Page(submit.page, title="Submit", url_path="submit"),
        "mine": st.Page(my_submissions.page, title="My submissions", url_path="mine"),
        "moderation": st.Page(moderation.page, title="Moderation", url_path="moderation"),
        "status": st.Page(status.page, title="Status", url_path="status"),
        "submission": st.Page(
            submission.page, title="Submission", url_path="submission", visibility="hidden"
        ),
        "method": st.Page(method.page, title="Method", url_path="method", visibility="hidden"),
    }
    here = st.navigation(list(pages.values()), position="top")
    links.keep(pages, here)
    links.grant()
    here.run()


main()
