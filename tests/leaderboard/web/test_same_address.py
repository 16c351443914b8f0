"""An address shows the same view after an import that changes what is usual on the site."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dgbench.submission.pack.packing import pack
from leaderboard.cli.admin import import_bundles
from leaderboard.records import Query
from leaderboard.service import Service
from leaderboard.web.scope import Scope, usual_scope
from tests.leaderboard.web.drawing import draw, lines, methods, tables, words
from tests.leaderboard.web.visits import REFERENCE, Filled

HERE, IMPORTED = "mnist-color@1", "mnist-color-5k@1"
METHODS = ("erm", "dropout", "label-smoothing", "lff", "mixup", "rsc", "weight-decay")
"""One more than the other benchmark has, so that the import changes the site's usual benchmark."""

pytestmark = pytest.mark.slow


@pytest.fixture
def store(filled: Filled, tmp_path: Path) -> Path:
    """A copy of the store of real entries on one benchmark."""
    shutil.copytree(filled.store.parent, tmp_path / "copy")
    return tmp_path / "copy" / filled.store.name


def import_more(store: Path, folder: Path) -> None:
    """Run the command that imports bundles, on reference runs of another benchmark."""
    folder.mkdir()
    for method in METHODS:
        runs = (REFERENCE.parent / IMPORTED / method).glob("*/seed-*/run.json")
        pack([path.parent for path in runs], folder / f"{method}.dgsub")
    import_bundles([folder], database=str(store))


def choices(app: AppTest) -> dict[str, object]:
    """The values of everything that a reader can choose."""
    boxes = (*app.selectbox, *app.multiselect, *app.radio, *app.text_input, *app.toggle)
    return {str(box.key): box.value for box in boxes}


def whole(app: AppTest) -> list[object]:
    """All that a page shows, but for the moment to which its links hold."""
    codes = [block.value for block in app.code if block.value.startswith("http")]
    asked = [parse_qs(urlsplit(link).query) for link in codes]
    return [
        choices(app),
        [words(tree) for tree in tables(app)],
        [text.value for text in (*app.title, *app.markdown, *app.caption, *app.info, *app.warning)],
        [{name: values for name, values in link.items() if name != "as_of"} for link in asked],
    ]


def of_this_benchmark(app: AppTest) -> list[object]:
    """The part of a page across benchmarks that tells of one: a row or a cell of each method."""
    cells = [
        (line.get("Method", ""), *(text for head, text in line.items() if head.startswith(HERE)))
        for line in lines(app)
    ]
    rows = [line for line in lines(app) if line.get("Benchmark", "").startswith(HERE)]
    return [choices(app), [title.value for title in app.title], rows or sorted(cells)]


VIEWS: Mapping[str, Callable[[AppTest], list[object]]] = {
    "leaderboard": whole,
    "compare": whole,
    "families": whole,
    "overview": of_this_benchmark,
    "method": of_this_benchmark,
}
"""The same of each page: all of it, or what it tells of the benchmark of its address."""


def test_an_address_shows_the_same_view_after_a_real_import(
    service: Service, store: Path, tmp_path: Path, filled: Filled
) -> None:
    usual = usual_scope(service.benchmarks())
    assert usual == Scope(benchmark=HERE)
    ids = [filled.ids["prcl"], filled.ids["erm"]]
    # The server writes the scope into an address that lacks it, before the page is drawn.
    asked: dict[str, dict[str, str | list[str]]] = {
        "leaderboard": {"sort": "mp", "columns": ["HPS", "MP"]},
        "compare": {"id": ids},
        "families": {"family": "color-predictivity"},
        "overview": {"suite": "core@1"},
        "method": {"name": "erm"},
    }
    addresses = {page: {**usual.parameters, **query} for page, query in asked.items()}
    before = {page: VIEWS[page](drawn(page, addresses[page])) for page in VIEWS}
    without_scope = whole(drawn("leaderboard", asked["leaderboard"]))
    assert without_scope == before["leaderboard"]
    import_more(store, tmp_path / "bundles")
    after = {page: VIEWS[page](drawn(page, addresses[page])) for page in VIEWS}
    assert len(service.rows(Query(benchmark=IMPORTED))) == len(METHODS)
    for page in VIEWS:
        assert after[page] == before[page], page
    assert "prcl" in str(before["overview"])
    assert "0." in str(before["method"])
    # An address that leaves its scope out would have changed, so the import was one that matters.
    assert usual_scope(service.benchmarks()) == Scope(benchmark=IMPORTED)
    assert whole(drawn("leaderboard", asked["leaderboard"])) != without_scope
    assert methods(drawn("method", addresses["method"])) != []


def drawn(page: str, query: Mapping[str, str | list[str]]) -> AppTest:
    app = draw(page, **query)
    assert not app.exception
    return app
