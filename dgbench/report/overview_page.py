"""The overview of a report's page: a heat map of methods x benchmarks with tiers."""

from html import escape

from dgbench.standings.number_format import digits
from dgbench.standings.overview import Overview, OverviewCell, OverviewRow
from dgbench.standings.words import HPS, track


def overview_html(overview: Overview) -> str:
    """Write the overview as a coloured table."""
    names = [*(("overall", "mean tier") if overview.suite else ()), *overview.benchmarks]
    heads = "".join(f'<th scope="col"><span>{escape(name)}</span></th>' for name in names)
    title = f"Suite {overview.suite}" if overview.suite else "Overview"
    return (
        f"<section><h2>{escape(title)}</h2><p class=notes>{HPS.help} The small number is the tier "
        "of an entry that is ranked; hatched: not run.</p>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(title)}">'
        f"<table class=heat><thead><tr><td></td>{heads}</tr></thead>"
        f"<tbody>{_rows(overview)}</tbody></table></div></section>"
    )


def _rows(overview: Overview) -> str:
    rows = []
    for index, row in enumerate(overview.rows):
        if row.is_yardstick and (index == 0 or not overview.rows[index - 1].is_yardstick):
            n_columns = len(overview.benchmarks) + (3 if overview.suite else 1)
            rows.append(f'<tr class="track"><th colspan="{n_columns}">Yardsticks</th></tr>')
        name = f"{row.name} (uses {track(row.uses)})" if row.uses else row.name
        cells = "".join(map(_cell, row.cells))
        rows.append(
            f'<tr><th scope="row" class="method">{escape(name)}</th>{_overall(overview, row)}'
            f"{cells}</tr>"
        )
    return "".join(rows)


def _overall(overview: Overview, row: OverviewRow) -> str:
    if not overview.suite:
        return ""
    if row.overall is None:
        return '<td class="not-run"></td><td class="not-run"></td>'
    tier = "" if row.mean_tier is None else digits(1)(row.mean_tier)
    low, high = row.overall.low, row.overall.high
    title = "" if low is None or high is None else f"{digits(3)(low)} to {digits(3)(high)}"
    return f"{_heat(row.overall.estimate, '', title)}<td>{tier}</td>"


def _cell(cell: OverviewCell | None) -> str:
    if cell is None:
        return '<td class="not-run"></td>'
    mark = "" if cell.tier is None else f"<sup>{cell.tier}</sup>"
    tier = "not ranked" if cell.tier is None else f"tier {cell.tier}"
    return _heat(cell.hps.estimate, mark, f"{digits(3)(cell.hps.estimate)}, {tier}")


def _heat(value: float, mark: str, title: str) -> str:
    share = min(max(value, 0), 1)
    # Black and white are equally readable on 82 % of the light page's blue, 57 % of the dark one's.
    kind = "strong" if share > 0.82 else "middle" if share > 0.57 else ""
    return (
        f'<td class="{kind}" style="--share:{100 * share:.0f}%" title="{escape(title)}">'
        f"{digits(2)(value)}{mark}</td>"
    )
