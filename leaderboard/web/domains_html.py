"""The accuracy of a submission on every test domain in every seed, as HTML."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dgbench.standings.number_format import percent
from dgbench.submission.scoring.card import ScoreCard
from leaderboard.web.shapes import heat
from leaderboard.web.tags import Html, scrolled, tag

MOST_AT_ONCE = 16
"""Domains that one table shows. Of more, the large groups are folded."""
_FEW = 6
_GROUPS: Mapping[str, str] = {
    "mp": "A pattern is missing",
    "solo": "A single pattern is shown",
    "f": "Some patterns say the class, the others are drawn at random",
}


class DomainGroup(NamedTuple):
    """Test domains that are drawn in one table."""

    title: str
    """Empty for those that are always in sight."""
    names: tuple[str, ...]


def grouped(names: Sequence[str]) -> list[DomainGroup]:
    """Split test domains into those that are always in sight and large groups of a kind."""
    kinds: dict[str, list[str]] = {}
    for name in names:
        kinds.setdefault(name.partition(".")[0], []).append(name)
    is_small = len(names) <= MOST_AT_ONCE
    large = {kind: some for kind, some in kinds.items() if not is_small and len(some) > _FEW}
    shown = tuple(name for name in names if name.partition(".")[0] not in large)
    folded = [
        DomainGroup(f"{_GROUPS.get(kind, kind)}: {len(some)} domains", tuple(some))
        for kind, some in large.items()
    ]
    return [DomainGroup("", shown), *folded] if shown else folded


def by_domain(
    card: ScoreCard, names: Sequence[str], *, told: Mapping[str, str], title: str
) -> Html:
    """Draw a row for each test domain: its mean, and a cell for each seed.

    `told` says what a domain does to the patterns.
    """
    seeds = [tag("th", str(seed), class_="bench", scope="col") for seed in card.seeds]
    first = [
        tag("th", "Test domain", class_="name", scope="col", rowspan=2),
        tag("th", "Mean", scope="col", rowspan=2),
        tag("th", "Seed", class_="group", scope="colgroup", colspan=len(seeds)),
        tag("th", "Images", class_="wide", scope="col", rowspan=2),
    ]
    table = tag(
        "table",
        tag("caption", title, class_="hidden"),
        tag("thead", tag("tr", *first), tag("tr", *seeds)),
        tag("tbody", *(_line(card, name, told.get(name, "")) for name in names)),
        class_="compared domains",
    )
    return scrolled(table, title=title)


def _line(card: ScoreCard, name: str, told: str) -> Html:
    n_images = card.n_images[name]
    shares = (right / n_images for right in card.correct[name])
    hint = f"{name}: {told}" if told else name
    return tag(
        "tr",
        tag("th", tag("b", name), tag("span", told, class_="who"), class_="name", scope="row"),
        tag("td", tag("b", percent(card.accuracy[name]))),
        *(heat(share, percent(share), title=hint) for share in shares),
        tag("td", f"{n_images:,}", class_="wide"),
    )
