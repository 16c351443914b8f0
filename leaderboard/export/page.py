"""The leaderboard as one HTML page that needs nothing else: no script, no server, no network."""

from collections.abc import Sequence
from html import escape

from leaderboard.records import Group, Row

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --dim: #767676; --bar: #3b7dd8; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { margin: .3rem 0; max-width: 48rem; } .dim { color: var(--dim); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .45rem; border-bottom: 1px solid var(--line); text-align: right;
  white-space: nowrap; font-variant-numeric: tabular-nums; }
a { color: inherit; }
th { border-bottom-width: 2px; font-weight: 600; vertical-align: bottom; }
.text { text-align: left; } .name { white-space: normal; min-width: 9rem; }
.track { display: inline-block; width: 7rem; height: .6rem; background: var(--line);
  position: relative; } .track i { position: absolute; top: 0; bottom: 0; background: var(--bar); }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LOW_RETENTION = 0.95
_ID_SHOWN = 10
_HEADINGS = (
    ("Rank", "1 + the number of entries that are significantly better; ties share a rank."),
    ("Between", "The ranks that it may have, with a probability of 95 %."),
    ("Method", "The method's name and version, and who submitted it."),
    ("Seeds", "Trainings; fewer than 5 are provisional, fewer than 3 are not ranked."),
    ("Score", "The hidden-pattern score (HPS), or the worst environment's accuracy."),
    ("95 % interval", "For other seeds and other images of the same kind."),
    ("", "The interval, from 0 to 1."),
    ("MPS", "The missing-pattern score."),
    ("R", "ID retention; an exclamation mark where it is below 0.95."),
    ("Verification", "How far the numbers were checked."),
    ("Attempts", "Submissions of this method by this submitter."),
    ("Submission", "Its id, and the day on which it was received."),
)


def page(groups: Sequence[tuple[Group, Sequence[Row]]], *, about: str) -> bytes:
    """All groups, one table each; `about` says of when and of what store."""
    sections = "".join(_section(group, rows) for group, rows in groups)
    empty = "" if groups else "<p>Nothing was submitted yet.</p>"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>dgbench leaderboard</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        "<h1>dgbench leaderboard</h1>\n"
        "<p>Which methods find the patterns that a stronger, easier pattern hides? Every number is "
        "recomputed from submitted predictions.</p>\n"
        f'<p class="dim">{escape(about)}</p>\n{empty}{sections}</body>\n</html>\n'
    ).encode()


def _section(group: Group, rows: Sequence[Row]) -> str:
    track = ", ".join(group.uses) or "nothing extra"
    headings = "".join(
        f'<th scope="col" class="{_kind(name)}" title="{escape(told)}">{escape(name)}</th>'
        for name, told in _HEADINGS
    )
    body = "".join(map(_line, rows))
    return (
        f"<h2>{escape(group.benchmark)}</h2>\n"
        f'<p class="dim">Uses {escape(track)}; how hyper-parameters were chosen: '
        f"{escape(group.selection)}.</p>\n"
        f'<div class="wide"><table>\n<thead><tr>{headings}</tr></thead>\n'
        f"<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def _line(row: Row) -> str:
    name = escape(f"{row.display_name} {row.version}".strip())
    by = escape(", ".join(row.authors) or row.submitter)
    interval = f"{row.hps_low:.3f} to {row.hps_high:.3f}" if row.hps_low is not None else ""
    low = row.retention is not None and row.retention < _LOW_RETENTION
    flagged = f"<br>flagged: {escape(', '.join(row.flags))}" if row.flags else ""
    cells = (
        str(row.rank) if row.rank else "not ranked",
        f"{row.rank_low} to {row.rank_high}" if row.rank else "",
        f'{name}<br><span class="dim">{by}{flagged}</span>',
        f"{row.n_seeds}" + ("" if row.standing == "full" else f" ({row.standing})"),
        _number(row.hps),
        interval,
        _bar(row),
        _number(row.mps),
        _number(row.retention) + ("!" if low else ""),
        escape(row.verification),
        str(row.attempts),
        f'{_link(row.submission_id)}<br><span class="dim">{row.submitted_at[:10]}</span>',
    )
    return (
        "<tr>"
        + "".join(
            f'<td class="{_kind(heading)}">{cell}</td>'
            for (heading, _), cell in zip(_HEADINGS, cells, strict=True)
        )
        + "</tr>\n"
    )


def _link(identifier: str) -> str:
    """The submission's own file, under the beginning of its id."""
    name = escape(identifier)
    return f'<a href="submissions/{name}.json">{escape(identifier[:_ID_SHOWN])}</a>'


def _bar(row: Row) -> str:
    """The interval drawn within 0 to 1, at least a hair wide."""
    if row.hps_low is None or row.hps_high is None:
        return ""
    left = 100 * min(max(row.hps_low, 0.0), 0.99)
    width = max(1.0, 100 * min(max(row.hps_high, 0.0), 1.0) - left)
    return f'<span class="track"><i style="left:{left:.1f}%;width:{width:.1f}%"></i></span>'


def _kind(heading: str) -> str:
    if heading == "Method":
        return "text name"
    return "text" if heading in ("Verification", "Submission") else "number"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
