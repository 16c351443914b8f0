"""Every page runs on a store with and without submissions, and one module writes all HTML."""

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
from tests.leaderboard.web.drawing import draw, lines, methods
from tests.leaderboard.web.visits import Filled

ROOM = Path(leaderboard.__file__).parent
PAGES = (
    "compare", "cost", "timeline", "benchmarks", "rules", "submit", "my_submissions", "moderation",
    "status", "submission", "method", "overview", "families",
)  # fmt: skip
BANNED = {"html", "iframe", "components"}
SHOWS_HTML, WRITES_HTML = ROOM / "web" / "html_view.py", ROOM / "web" / "tags.py"
"""The one module that shows markup, and the one that writes it, with all text escaped."""


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
        assert methods(board)[0] == "prcl"
        tracks = board.selectbox(key="track")
        tracks.select(next(name for name in tracks.options if "augmentation" in name)).run()
        assert methods(board) == ["greyscale"]
        submission = draw("submission", id=filled.ids["prcl"])
        assert not submission.exception
        assert submission.title[0].value == "prcl"
        shown = [metric.label for metric in submission.metric]
        assert [label for label in shown if label != "Against the best"][:5] == [
            "HPS", "Rank", "Tier", "UP", "MP",
        ]  # fmt: skip
        f_scores, t_scores, *_ = lines(submission)
        heads = list(f_scores)
        shape, color = (next(head for head in heads if name in head) for name in ("shape", "color"))
        assert heads.index(shape) < heads.index(color)
        assert all(t_scores[pattern].startswith("0.") for pattern in (shape, color))
        assert f_scores[shape].startswith("0.")
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
        shown = list(map(methods, pages))
        assert list(map(len, shown)) == [4, 4, 1, 4]
        assert len({name for names in shown for name in names}) == n
        assert f"of {n}" in " ".join(caption.value for caption in pages[2].caption)
        filtered = draw("leaderboard", page="3", q="m-007")
        assert methods(filtered) == ["m-007"]
        turned = draw("leaderboard", sort="method", page="2")
        assert methods(turned)[0] == "m-004"
    finally:
        set_current_service(None)
        service.close()


def test_one_module_writes_html_and_one_shows_it() -> None:
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword):
                assert node.arg not in ("unsafe_allow_html", "unsafe_allow_javascript"), path
            is_streamlit = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "st"
            assert not (is_streamlit and node.attr in BANNED), path  # type: ignore[attr-defined]
            module = str(node.module) if isinstance(node, ast.ImportFrom) else ""
            assert not module.startswith("streamlit.components") or path == SHOWS_HTML, path
            is_made = isinstance(node, ast.Call) and ast.unparse(node.func) == "Html"
            assert not is_made or path == WRITES_HTML, path


def test_the_pages_ask_the_service_and_never_the_store_or_the_scorer() -> None:
    for path in (ROOM / "web" / "screens").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.startswith(
                    ("leaderboard.store", "dgbench.submission.scoring.score", "sqlalchemy")
                ), path
