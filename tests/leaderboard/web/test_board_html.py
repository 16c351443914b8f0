"""The table says what the rows hold, in the right digits, and shows what a reader must not miss."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from data_gen.spec_files import find_spec
from dgbench.results.facts import Paper
from dgbench.standings.words import F, T
from leaderboard.columns import columns
from leaderboard.records import Row
from leaderboard.web import orders
from leaderboard.web.board_html import View, board
from leaderboard.web.markdown import plain
from leaderboard.web.shapes import Line, heat, whisker
from leaderboard.web.tags import tag
from tests.leaderboard.web.drawing import lines_of, words
from tests.leaderboard.web.made import row
from tests.leaderboard.web.visits import XSS

SPEC = find_spec("mnist-color@1")
COLUMNS = columns(SPEC)
PAPER = Paper(
    title="Encouraging Diversity",
    authors=("Thomas Duboudin", "Emmanuel Dellandrea", "Liming Chen"),
    year=2021,
    url="https://example.org/paper",
    code="https://example.org/code",
)


def view(**changes: Any) -> View:
    usual = {
        "columns": COLUMNS,
        "orders": orders.by_head(COLUMNS),
        "order": "rank",
        "is_reversed": False,
        "ticked": (),
        "is_mixed": False,
        "scope": {},
    }
    return View(**{**usual, **changes})


def drawn(rows: list[Row], **changes: Any) -> ET.Element:
    yardsticks = changes.pop("yardsticks", [])
    html = board(rows, view(**changes), yardsticks=yardsticks, title="Methods")
    return ET.fromstring(html)  # noqa: S314


def parts(tree: ET.Element) -> list[str]:
    return [words(line) for line in tree.iterfind(".//tr[@class='part']")]


def test_digits_and_gaps_are_those_of_every_table() -> None:
    first, second = lines_of(drawn([row(), row(hps=None, method="none", retention=0.74)]))
    assert (first["HPS"], second["HPS"]) == ("0.621", "-")
    assert (first["R"], second["R"]) == ("0.97", "0.74*")
    assert (first["T shape"], first["T color"], first["F color"]) == ("0.30", "0.12", "-")
    assert first["Training"] == "62 s"


def test_a_line_stands_above_each_tier_and_each_part_below() -> None:
    ranked = [row(rank=rank, tier=tier) for rank, tier in ((1, 1), (2, 2), (3, 2), (4, 3))]
    below = [
        row(rank=None, tier=None, standing=name)
        for name in ("unranked", "gave-up", "gave-up", "yardstick")
    ]
    tree = drawn([*ranked, *below])
    assert parts(tree)[:3] == ["Tier 1", "Tier 2", "Tier 3"]
    assert [text.split(":")[0] for text in parts(tree)[3:]] == [
        "Listed, not ranked",
        "Gave up the task",
        "Yardsticks",
    ]
    assert "Tier" not in lines_of(tree)[0]
    # In another order the tiers are mixed, so each row says its own.
    turned = drawn([*ranked[::-1], *below], order="method")
    assert [line["Tier"] for line in lines_of(turned)][:4] == ["3", "2", "2", "1"]
    assert len(parts(turned)) == 3


def test_rows_of_several_rankings_say_which_they_are_of() -> None:
    rows = [row(), row(uses=("environments",))]
    assert parts(drawn(rows, is_mixed=True)) == [
        "Track standard \u00b7 selection fixed \u00b7 Tier 1",
        "Track environments \u00b7 selection fixed \u00b7 Tier 1",
    ]


def test_the_first_tier_is_bold_without_what_scatters() -> None:
    rows = [row(), row(rank=2, is_unstable=True), row(rank=3, tier=2)]
    tree = drawn(rows)
    kinds = [line.get("class") for line in tree.iterfind(".//tbody/tr")]
    assert kinds == ["part", "best", None, "part", None]
    assert "unstable" in lines_of(tree)[1]["Method"]


def test_marks_stand_in_the_row() -> None:
    flagged = row(flags=("near-duplicate",), verification="failed", standing="provisional")
    (line,) = lines_of(drawn([flagged]))
    for mark in ("near-duplicate", "failed", "5 seeds"):
        assert mark in line["Method"]
    (quiet,) = lines_of(drawn([row(standing="yardstick", tier=None, flags=("equal-seeds",))]))
    assert "equal-seeds" not in quiet["Method"]


def test_the_row_says_who_made_the_method_when_and_where() -> None:
    tree = drawn([row(paper=PAPER)])
    assert "Duboudin et al. 2021" in words(tree)
    links = {words(a): a.get("href") for a in tree.iterfind(".//a[@target]")}
    assert links == {"Duboudin et al. 2021": PAPER.url, "code": PAPER.code}
    assert "Author and Author" in words(drawn([row()]))
    nobody = drawn([row(authors=(), paper=Paper(title="Alone"))])
    assert nobody.find(".//span[@class='who']") is None


def test_one_click_sorts_the_best_to_the_top_and_the_next_the_worst() -> None:
    def head(**changes: Any) -> ET.Element:
        tree = drawn([row()], **changes)
        return next(th for th in tree.iterfind(".//thead//th") if words(th) == "UP")

    button = head().find("button")
    assert button is not None
    assert button.get("data-sort") == "up"
    assert head().get("aria-sort") is None
    assert head(order="up").get("aria-sort") == "descending"
    assert head(order="up", is_reversed=True).get("aria-sort") == "ascending"


def test_every_head_of_a_number_sorts() -> None:
    for spec in (SPEC, find_spec("mnist-ladder@2"), find_spec("colored-mnist@1")):
        shown = columns(spec)
        numbers = {column.title for column in shown if column.kind in ("number", "bar", "heat")}
        assert numbers - set(orders.by_head(shown)) <= {"Worst accuracy"}
        assert set(orders.by_head(shown).values()) <= set(orders.named(shown))


def test_strips_put_the_patterns_of_a_score_under_one_head() -> None:
    tree = drawn([row()])
    groups = [words(th) for th in tree.iterfind(".//th[@class='group']")]
    assert groups == [f"Found ({F.title})", f"Trusted ({T.title})"]


def test_ticks_are_kept_and_every_box_says_what_it_chooses() -> None:
    tree = drawn([row(), row(submission_id="b" * 32, display_name="Other")], ticked=["b" * 32])
    boxes = list(tree.iterfind(".//input"))
    assert [box.get("checked") for box in boxes] == [None, ""]
    assert [box.get("aria-label") for box in boxes] == ["Choose PRCL", "Choose Other"]


def test_a_whisker_shows_score_interval_and_yardsticks_within_its_track() -> None:
    tree = ET.fromstring(whisker(0.5, 0.25, 1.4, [Line("shape-only", -0.2)]))  # noqa: S314
    width = float(tree.get("width", "0"))
    span, yard = tree.find("line[@class='span']"), tree.find("line[@class='yard']")
    assert span is not None
    assert yard is not None
    assert (float(span.get("x1", "")), float(span.get("x2", ""))) == (width / 4, width)
    assert (yard.get("x1"), words(yard)) == ("0.0", "shape-only -0.20")
    alone = ET.fromstring(whisker(0.5, None, None))  # noqa: S314
    assert alone.find("line") is None


def test_shades_grow_with_the_score_and_never_leave_the_range() -> None:
    def shade(value: float) -> int:
        return int(re.findall(r"--share: (\d+)%", heat(value))[0])

    assert shade(-0.2) == shade(0.0) < shade(0.5) < shade(1.0) == shade(1.2) == 100
    assert "gap" in heat(None)


@pytest.mark.parametrize("text", [*XSS, "\u202eevil", "n" * 200])
def test_nothing_that_a_submitter_writes_becomes_markup(text: str) -> None:
    usual = {element.tag for element in drawn([row(paper=PAPER)]).iter()}
    paper = Paper(title=text, authors=(text,), year=2020, url="https://a.b/", code="https://a.b/")
    for hostile in (
        row(display_name=text, method=text, authors=(text,), version=text, flags=(text,)),
        row(paper_url=f"https://a.b/{text}", code_url="javascript:alert(1)", paper=paper),
    ):
        tree = drawn([hostile], yardsticks=[Line(text, 0.5)])
        assert {element.tag for element in tree.iter()} <= usual | {"line", "title"}
        assert not [name for element in tree.iter() for name in element.attrib if name[:2] == "on"]
        links = [a.get("href", "") for a in tree.iterfind(".//a")]
        assert all(link.startswith(("./submission?id=", "https://")) for link in links)


def test_a_name_turns_no_text_around_it_and_fills_no_page() -> None:
    (line,) = lines_of(
        drawn([row(display_name="\u202eevil " + "n" * 200, authors=("\u202ename",))])
    )
    assert "\u202e" not in line["Method"]
    assert len(line["Method"]) < 90
    assert "\u202e" not in plain("\u202ename")
    (short,) = drawn([row(display_name="\u202ename")]).iterfind(".//input")
    assert short.get("aria-label") == "Choose name"


def test_an_attribute_that_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="no scripts"):
        tag("b", "x", onclick="alert(1)")
