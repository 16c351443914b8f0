"""Whatever an address asks for in vain is told in a sentence, on every page and for every name."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from streamlit.runtime.state.query_params import QueryParams
from streamlit.runtime.state.query_params_proxy import QueryParamsProxy
from streamlit.testing.v1 import AppTest

from leaderboard.records import OPERATOR
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.web.current_service import set_current_service
from leaderboard.web.pages import PAGES
from leaderboard.web.scope import PARAMETERS
from tests.dgbench.submission.making import BENCHMARK
from tests.dgbench.verification.bundles import SEEDS, bundle_of, guesses
from tests.leaderboard import synthetic
from tests.leaderboard.web.drawing import NAMES, draw

Query = Mapping[str, str | list[str]]
SCREENS = {page: screen for screen, page in NAMES.items()}
LONGEST = 420
"""Characters of a sentence about an address that asks for one thing in vain."""


class Entries(NamedTuple):
    """Ids of submissions: two on one benchmark, one on another."""

    first: str
    second: str
    foreign: str


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entries]:
    """A store with bundles that can be opened, and an entry of another benchmark."""
    place = str(tmp_path_factory.mktemp("addresses") / "board.db")
    elsewhere = Service(Store.open(place), score=synthetic.score)
    bundle = synthetic.bundle("irm", benchmark="mnist-texture@1")
    foreign = elsewhere.receive(bundle, OPERATOR).submission_id
    elsewhere.close()
    service = Service(Store.open(place))
    first, second = (
        service.receive(
            bundle_of(np.stack([guesses(share, seed) for seed in SEEDS]), method={"name": name}),
            OPERATOR,
        ).submission_id
        for name, share in (("erm", 0.5), ("prcl", 0.7))
    )
    set_current_service(service)
    yield Entries(first, second, foreign)
    set_current_service(None)
    service.close()


class Round(NamedTuple):
    """Parameters that one drawing of a page reads, and what else its address must say for that."""

    page: str
    parameters: tuple[str, ...]
    more: tuple[str, ...] = ()
    """Fields of `Entries` that the address names, and a part of the page."""


APART = {
    "leaderboard": [Round("leaderboard", ("q",))],
    "submission": [
        Round("submission", ("part",), ("first",)),
        Round("submission", ("domain", "class"), ("first", "Mistakes")),
    ],
    "compare": [Round("compare", ("with", "domain", "class", "right"), ("first", "second"))],
}
"""Parameters that are read only where others have their meaning."""


def rounds() -> list[Round]:
    """Every parameter of every page once."""
    drawn = []
    for page, facts in PAGES.items():
        apart = APART.get(page, [])
        elsewhere = {name for some in apart for name in some.parameters}
        together = tuple(name for name in (*PARAMETERS, *facts.takes) if name not in elsewhere)
        drawn += [Round(page, together), *apart]
    return drawn


BAD = {
    "wrong": "{}-of-nothing",
    "hostile": "{}<script>alert(1)</script>\u202e\0'\"`$x$![](https://evil.invalid)",
    "overlong": "{}" + "x" * 5_000,
}
CASES = [
    pytest.param(some, name, kind, id=f"{some.page}-{name}-{kind}")
    for some in rounds()
    for kind in BAD
    # The scope is read in one place for all pages.
    if kind == "wrong" or some.parameters != PARAMETERS
    for name in some.parameters
]


def context(some: Round, entries: Entries) -> dict[str, str | list[str]]:
    """The rest of an address."""
    identifiers = [getattr(entries, name) for name in some.more if name in Entries._fields]
    parts = [name for name in some.more if name not in Entries._fields]
    return {"id": identifiers, "part": parts} if identifiers else {}


def drawn(page: str, query: Query) -> AppTest:
    app = draw(SCREENS.get(page, page), **query)
    assert not app.exception
    return app


def sentences(app: AppTest) -> list[str]:
    """The warnings and hints of a page, without the signs that keep them from being markup."""
    return [re.sub(r"\\(.)", r"\1", box.value) for box in (*app.warning, *app.info)]


class Told(NamedTuple):
    """The sentences of a page about an address, and the names that it read of it."""

    sentences: list[str]
    read: frozenset[str]


@pytest.fixture(scope="module")
def told(entries: Entries) -> Callable[[Round, str], Told]:
    """Draw a page, all of whose parameters are bad at once. It takes a third of a second."""

    @cache
    def draw_once(some: Round, kind: str) -> Told:
        bad = {name: BAD[kind].format(name) for name in some.parameters}
        with recorded() as names:
            app = drawn(some.page, {**context(some, entries), **bad})
        return Told(sentences(app), frozenset(names))

    return draw_once


@pytest.mark.parametrize(("some", "name", "kind"), CASES)
def test_every_parameter_with_a_bad_value_gives_a_sentence(
    some: Round, name: str, kind: str, told: Callable[[Round, str], Told]
) -> None:
    said = told(some, kind).sentences
    about = [text for text in said if f"'{name}" in text or f'"{name}' in text]
    if name == "q" and kind != "overlong":
        # It is a search like any other, and stands in the box above.
        about = [text for text in said if "Clear the search" in text]
    assert about, said
    assert all(text.endswith(".") and len(text) <= LONGEST for text in about)
    assert name == "q" or not any("Clear the search" in text for text in said)


VAIN = [
    (
        "leaderboard",
        {"page": "2", "sort": "found.texture", "columns": ["Rank", "F texture"]},
        (
            "page='2', and the table has 1 page. This is the first.",
            "sort='found.texture', which is not a choice here",
            "columns='F texture', which this view does not have",
        ),
    ),
    ("leaderboard", {"as_of": "0001-01-01T00:00:00+14:00"}, ("is not a date",)),
    ("leaderboard", {"as_of": "1900-01-01"}, ("had no entries",)),
    ("leaderboard", {"benchmark": "fashion-color@1"}, ("fashion-color@1 has no entries yet",)),
    (
        "leaderboard",
        {"checked": "nothing", "track": "environments", "selection": "oracle"},
        ("no entries yet in the track environments, rule oracle", "checked='nothing'"),
    ),
    ("compare", {"id": ["{first}", "{foreign}"]}, ("on mnist-texture@1", "Choose two to six")),
    ("compare", {"id": [f"no-{n}" for n in range(40)]}, ("names 40 submissions. The first 6",)),
    ("compare", {"id": ["{first}", "{first}"]}, ("Choose two to six",)),
    ("compare", {"id": ["{first}", "{second}"], "with": "{foreign}"}, ("with='",)),
    (
        "submission",
        {"id": "{first}", "part": "Mistakes", "domain": "env.e10"},
        ("domain='env.e10'",),
    ),
    ("method", {"name": "Prcl"}, ("Did you mean 'prcl'?",)),
    ("benchmarks", {"benchmark": None, "name": "mnist-colour"}, ("Did you mean 'mnist-color",)),
]


@pytest.mark.parametrize(("page", "query", "expected"), VAIN)
def test_values_from_elsewhere_and_from_earlier_give_a_sentence(
    page: str,
    query: Mapping[str, str | list[str] | None],
    expected: tuple[str, ...],
    entries: Entries,
) -> None:
    asked = {"benchmark": BENCHMARK, "track": "standard", "selection": "fixed", **query}
    ids = entries._asdict()
    named = {
        name: [text.format(**ids) for text in value]
        if isinstance(value, list)
        else value.format(**ids)
        for name, value in asked.items()
        if value is not None
    }
    said = sentences(drawn(page, named))
    assert all(any(text in sentence for sentence in said) for text in expected), said
    assert not any("Clear the search" in sentence for sentence in said)


class UndeclaredError(AssertionError):
    """A page reads a parameter that the table of pages does not have."""


def check(page: str, read: set[str]) -> None:
    """Hold a page to the parameters of the table of pages, of which the cases above are made."""
    takes = {*PAGES[page].takes, *PARAMETERS}
    if read != takes:
        raise UndeclaredError(f"{page}: {sorted(read ^ takes)}")


@contextmanager
def recorded() -> Iterator[set[str]]:
    """The names that a page reads from the address, also by a box that is bound to one."""
    names: set[str] = set()

    def noting(read: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: object, name: str, *given: object, **more: object) -> object:
            names.add(name)
            return read(self, name, *given, **more)

        return call

    def bind(self: QueryParams, **given: str) -> None:
        names.add(given["param_key"])
        bind_widget(self, **given)

    bind_widget = QueryParams.bind_widget
    with pytest.MonkeyPatch.context() as patch:
        for method in ("__getitem__", "get_all"):
            patch.setattr(QueryParamsProxy, method, noting(getattr(QueryParamsProxy, method)))
        patch.setattr(QueryParams, "bind_widget", bind)
        yield names


@pytest.mark.parametrize("page", PAGES)
def test_a_page_reads_the_parameters_that_the_table_of_pages_gives_it(
    page: str, told: Callable[[Round, str], Told]
) -> None:
    drawings = [told(some, "wrong").read for some in rounds() if some.page == page]
    check(page, set().union(*drawings))


def new_parameter() -> None:
    import streamlit as st

    st.query_params.get("new")


def test_a_parameter_that_no_table_has_is_noticed() -> None:
    with recorded() as names:
        AppTest.from_function(new_parameter).run()
    with pytest.raises(UndeclaredError, match=r"rules: \['new'\]"):
        check("rules", {*names, *PARAMETERS})
