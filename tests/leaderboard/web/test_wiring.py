"""Every page runs on a store with and without submissions, and none writes HTML of its own."""

import ast
from pathlib import Path

import pytest

import leaderboard
from leaderboard.records import OPERATOR
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.web.current_service import set_current_service
from leaderboard.web.screens import leaderboard as leaderboard_page
from tests.leaderboard import synthetic
from tests.leaderboard.web.drawing import draw
from tests.leaderboard.web.visits import Filled

ROOM = Path(leaderboard.__file__).parent
PAGES = (
    "compare", "cost", "timeline", "benchmarks", "rules", "submit", "my_submissions", "moderation",
    "status", "submission", "method",
)  # fmt: skip
BANNED = {"html", "iframe", "components"}


@pytest.mark.parametrize("page", ["leaderboard", *PAGES])
@pytest.mark.usefixtures("empty")
def test_every_page_runs_on_an_empty_store(page: str) -> None:
    app = draw(page)
    assert not app.exception
    assert app.title


@pytest.mark.slow
def test_the_pages_show_the_content_of_the_store(filled: Filled) -> None:
    service = Service(Store.open(str(filled.store)))
    set_current_service(service)
    try:
        board = draw("leaderboard")
        assert not board.exception
        assert next(iter(board.dataframe[0].value["Method"])) == "prcl"
        board.selectbox(key="track").select("augmentation prior").run()
        assert list(board.dataframe[0].value["Method"]) == ["greyscale"]
        submission = draw("submission", id=filled.ids["prcl"])
        assert not submission.exception
        assert submission.title[0].value == "prcl"
        assert [metric.label for metric in submission.metric][:8] == [
            "HPS",
            "Rank",
            "Tier",
            "F shape",
            "T shape",
            "T color",
            "UP",
            "MP",
        ]
    finally:
        set_current_service(None)
        service.close()


def test_a_long_table_is_drawn_page_by_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaderboard_page, "AT_ONCE", 4)
    service = Service(Store.open(str(tmp_path / "long.db")), score=synthetic.score)
    n = 9
    for number in range(n):
        service.receive(synthetic.bundle(f"m-{number:03}", images=20), OPERATOR)
    set_current_service(service)
    try:
        pages = [draw("leaderboard", page=str(number)) for number in (1, 2, 3, 9)]
        assert not any(app.exception for app in pages)
        shown = [list(app.dataframe[0].value["Method"]) for app in pages]
        assert list(map(len, shown)) == [4, 4, 1, 4]
        assert len({name for names in shown for name in names}) == n
        assert f"of {n}" in " ".join(caption.value for caption in pages[2].caption)
        filtered = draw("leaderboard", page="3", q="m-007")
        assert list(filtered.dataframe[0].value["Method"]) == ["m-007"]
        turned = draw("leaderboard", sort="method", page="2")
        assert next(iter(turned.dataframe[0].value["Method"])) == "m-004"
    finally:
        set_current_service(None)
        service.close()


def test_no_page_writes_html_or_asks_streamlit_to() -> None:
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword):
                assert node.arg not in ("unsafe_allow_html", "unsafe_allow_javascript"), path
            is_streamlit = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "st"
            assert not (is_streamlit and node.attr in BANNED), path  # type: ignore[attr-defined]


def test_the_pages_ask_the_service_and_never_the_store_or_the_scorer() -> None:
    for path in (ROOM / "web" / "screens").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.startswith(
                    ("leaderboard.store", "dgbench.submission.scoring.score", "sqlalchemy")
                ), path
