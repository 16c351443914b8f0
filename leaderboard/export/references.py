"""BibTeX entries of papers and submissions, of benchmarks, and of views of the leaderboard."""

import re
import unicodedata
from collections.abc import Sequence

from data_gen.spec import Spec
from dgbench.results.facts import Paper
from dgbench.standings.writers.bibtex import address, authors, entry
from dgbench.standings.writers.latex import latex
from leaderboard.records import Row

PAPER = """\
@inproceedings{duboudin2021encouraging,
  title = {{Encouraging Intra-Class Diversity Through a Reverse Contrastive Loss for
    Single-Source Domain Generalization}},
  author = {Duboudin, Thomas and Dellandr\\'ea, Emmanuel and Abgrall, Corentin and
    H\\'enaff, Gilles and Chen, Liming},
  booktitle = {ICCV Workshops},
  year = {2021},
  eprint = {2106.07916},
  archiveprefix = {arXiv}
}
"""
"""The paper that the benchmark grew from."""
_ID_LENGTH = 10
"""Characters of a submission's id in a key."""
_HOUSE = "{The dgbench authors}"


def references(rows: Sequence[Row]) -> list[str]:
    """The paper of each row's method, once each, or the submission where there is no paper."""
    written: dict[str, str] = {}
    seen: set[Paper] = set()
    for row in rows:
        paper = row.paper
        if paper is None:
            written[_submission_key(row)] = _submission(row)
        elif paper not in seen:
            seen.add(paper)
            key = _paper_key(paper, row)
            # Two papers of one person in one year may begin with the same word.
            key = key if key not in written else f"{key}-{row.submission_id[:_ID_LENGTH].lower()}"
            written[key] = _paper(key, paper, row)
    return list(written.values())


def _paper(key: str, paper: Paper, row: Row) -> str:
    fields = {"title": f"{{{latex(paper.title)}}}"}
    fields["author"] = authors(paper.authors or row.authors or (row.submitter,))
    if paper.year is not None:
        fields["year"] = str(paper.year)
    if row.paper_link:
        fields["url"] = address(row.paper_link)
    fields["note"] = latex(f"The method {row.method} of dgbench")
    return entry(key, fields)


def _paper_key(paper: Paper, row: Row) -> str:
    """The key of a paper: first surname, year, first word of the title."""
    surname = paper.authors[0].rpartition(" ")[2] if paper.authors else row.method
    words = [word for word in map(_plain, paper.title.split()) if len(word) > 3]
    parts = (_plain(surname), str(paper.year or ""), words[0] if words else "")
    return "".join(parts) or _submission_key(row)


def _plain(text: str) -> str:
    """Small letters and digits, without accents."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", letters.lower())


def _submission_key(row: Row) -> str:
    name = re.sub(r"[^a-z0-9-]", "", row.method.lower())
    return f"dgbench-{name}-{row.submission_id[:_ID_LENGTH].lower()}"


def _submission(row: Row) -> str:
    fields = {
        "title": f"{{{latex(row.display_name or row.method)}}} on {{{latex(row.benchmark)}}}",
        "author": authors(row.authors or (row.submitter,)),
        "year": row.submitted_at[:4],
        "note": latex(f"dgbench submission {row.submission_id}, version {row.version}"),
    }
    if row.paper_link:
        fields["url"] = address(row.paper_link)
    return entry(_submission_key(row), fields)


def view_reference(link: str, *, day: str) -> str:
    """The entry of one view of the leaderboard, as it was on a day."""
    fields = {
        "title": "The dgbench leaderboard",
        "author": _HOUSE,
        "year": day[:4],
        "note": f"As of {day}",
        "url": address(link),
    }
    return entry("dgbench-view", fields)


def benchmark_reference(spec: Spec, *, day: str) -> str:
    """The entry of a benchmark, by the digest that is its identity."""
    fields = {
        "title": f"{{{latex(spec.id)}}}: {latex(spec.summary)}",
        "author": _HOUSE,
        "year": day[:4],
        "note": f"dgbench benchmark, SHA-256 of its spec {spec.digest}",
    }
    return entry(f"dgbench-{spec.id.replace('@', '-v')}", fields)
