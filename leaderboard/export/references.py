"""BibTeX entries of submissions and of views of the leaderboard."""

import re

from dgbench.standings.writers.bibtex import address, authors, entry
from dgbench.standings.writers.latex import latex
from leaderboard.records import Row

_ID_LENGTH = 10
"""Characters of a submission's id in a key."""


def reference(row: Row) -> str:
    """The entry of one submission."""
    name = re.sub(r"[^a-z0-9-]", "", row.method.lower())
    fields = {
        "title": f"{{{latex(row.display_name or row.method)}}} on {{{latex(row.benchmark)}}}",
        "author": authors(row.authors or (row.submitter,)),
        "year": row.submitted_at[:4],
        "note": latex(f"dgbench submission {row.submission_id}, version {row.version}"),
    }
    if row.paper_url:
        fields["url"] = address(row.paper_url)
    return entry(f"dgbench-{name}-{row.submission_id[:_ID_LENGTH].lower()}", fields)


def view_reference(link: str, *, day: str) -> str:
    """The entry of one view of the leaderboard, as it was on a day."""
    fields = {
        "title": "The dgbench leaderboard",
        "author": "{The dgbench authors}",
        "year": day[:4],
        "note": f"As of {day}",
        "url": address(link),
    }
    return entry("dgbench-view", fields)
