"""A score card on a terminal."""

from collections.abc import Mapping
from statistics import mean

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dgbench.submission.scoring.card import ScoreCard

_STANDINGS: Mapping[str, str] = {
    "full": "a full entry",
    "provisional": "a provisional entry: a full one has 5 seeds",
    "unranked": "listed, not ranked",
}


def print_card(card: ScoreCard) -> None:
    """What the leaderboard will show of a submission."""
    console = Console(highlight=False)
    console.print(
        f"[green]accepted[/]  [bold cyan]{escape(card.display_name)}[/] on "
        f"[bold cyan]{card.benchmark}[/]: {_STANDINGS[card.standing]}"
    )
    console.print(f"[dim]id {card.submission_id}; selection {card.selection}; {_track(card)}[/]\n")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("domain", "accuracy %", "by seed"):
        table.add_column(heading, justify="left" if heading == "domain" else "right")
    for name, counts in card.correct.items():
        each = " ".join(f"{100 * count / card.n_images[name]:.1f}" for count in counts)
        table.add_row(name, f"{100 * card.accuracy[name]:.1f}", f"[dim]{each}[/]")
    console.print(table)
    console.print()
    lines = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for what, value in _lines(card):
        lines.add_row(what, value)
    console.print(lines)
    for flag in card.flags:
        console.print(f"[yellow]{flag.code}[/]: {escape(flag.detail)}")


def _track(card: ScoreCard) -> str:
    return f"uses {', '.join(card.uses)}" if card.uses else "uses nothing extra"


def _lines(card: ScoreCard) -> list[tuple[str, str]]:
    head = card.headline
    interval = "" if head.low is None else f"  [dim]95 % {head.low:.3f} to {head.high:.3f}[/]"
    names = {"hps": "hidden-pattern score (HPS)", "worst_environment": "worst environment"}
    lines = [(f"[bold]{names[head.name]}[/]", f"[bold]{head.estimate:.3f}[/]{interval}")]
    for what, value in (
        ("missing-pattern score (MPS)", card.mps),
        ("ID retention (R)", card.retention),
        ("mean over environments", card.mean_environment),
    ):
        if value is not None:
            lines.append((what, f"{value:.3f}"))
    lines.extend(
        (f"pattern-found score of {name}", f"{value:.3f}")
        for name, value in (card.pattern_found or {}).items()
    )
    lines.extend(
        (f"reliance on {name} in conflict", f"{value:.3f}")
        for name, value in (card.reliance or {}).items()
    )
    if card.calibration:
        error = mean(found.ece for found in card.calibration.values())
        lines.append(("calibration error, mean over domains", f"{error:.3f}"))
    lines.append((f"worst domain, {card.worst_domain}", f"{100 * card.worst_accuracy:.1f} %"))
    return lines
