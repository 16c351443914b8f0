"""A score card on a terminal."""

from collections.abc import Iterator
from statistics import mean

from rich.markup import escape

from dgbench.standings.number_format import digits, interval
from dgbench.standings.standing import gated
from dgbench.standings.versions import older_version_note
from dgbench.standings.words import RELIANCE, SCORES, STANDINGS, F, T, track
from dgbench.standings.writers.listing import console, listing
from dgbench.submission.scoring.card import ScoreCard

_SHOW = digits(3)


def print_card(card: ScoreCard) -> None:
    """Print what the leaderboard will show of a submission."""
    screen = console()
    standing = gated(card.standing, card.retention)
    screen.print(
        f"[green]accepted[/]  [bold cyan]{escape(card.display_name)}[/] on "
        f"[bold cyan]{card.benchmark}[/]: {standing}. {STANDINGS[standing]}"
    )
    about = f"id {card.submission_id}; selection {card.selection}; uses {track(card.uses)}"
    screen.print(f"[dim]{about}[/]\n")
    table = listing("domain", "accuracy %", "by seed", right=("accuracy %", "by seed"))
    for name, counts in card.correct.items():
        seeds = " ".join(f"{100 * count / card.n_images[name]:.1f}" for count in counts)
        table.add_row(name, f"{100 * card.accuracy[name]:.1f}", f"[dim]{seeds}[/]")
    screen.print(table)
    screen.print()
    lines = listing("", "")
    for label, text in _lines(card):
        lines.add_row(label, text)
    screen.print(lines)
    if note := older_version_note(card.benchmark):
        screen.print(f"[yellow]Note:[/] {note}")
    for flag in card.flags:
        screen.print(f"[yellow]{flag.code}[/]: {escape(flag.detail)}")


def _lines(card: ScoreCard) -> Iterator[tuple[str, str]]:
    headline = card.headline
    within = interval(headline.low, headline.high, places=3)
    suffix = f"  [dim]95 % {within}[/]" if within else ""
    label = SCORES[headline.name].label
    yield f"[bold]{label}[/]", f"[bold]{_SHOW(headline.estimate)}[/]{suffix}"
    for name in ("up", "mp", "retention", "mean_environment"):
        value = getattr(card, name)
        if value is not None:
            yield SCORES[name].label, _SHOW(value)
    for term, by_pattern in ((F, card.found), (T, card.trusted)):
        for name, value in by_pattern.items():
            yield f"{name} {term.name} ({term.title})", _SHOW(value)
    for name, value in (card.reliance or {}).items():
        yield f"{RELIANCE.name} on {name} in conflict", _SHOW(value)
    if card.calibration:
        error = mean(domain.ece for domain in card.calibration.values())
        yield "calibration error, mean over domains", _SHOW(error)
    yield f"worst domain, {card.worst_domain}", f"{100 * card.worst_accuracy:.1f} %"
