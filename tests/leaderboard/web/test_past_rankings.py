"""A link always shows the same, whatever is submitted, withdrawn, hidden or flagged later."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from data_gen.spec_files import find_spec
from dgbench.results.facts import PARADIGMS
from leaderboard.columns import columns
from leaderboard.records import OPERATOR, Query, Row, Sort, Standing, Verification
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.web.current_service import set_current_service
from leaderboard.web.orders import ORDERS
from tests.leaderboard.api.servers import asgi
from tests.leaderboard.synthetic import Clock, score
from tests.leaderboard.web.drawing import draw, lines, methods, tables, words
from tests.leaderboard.web.later import (
    BENCHMARK,
    ENVIRONMENTS,
    N_LATER,
    live_on,
    submit,
    verified,
)

TRACKS: tuple[tuple[str, ...] | None, ...] = (None, (), ENVIRONMENTS)
NAMES = ".//*[@class='method']"
START = "2026-01-01T00:00:00.000000Z"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A store with every kind of row, which the process shows. Reading its clock adds a second."""
    service = Service(Store.open(str(tmp_path / "board.db")), score=score, now=Clock(START))
    for n in range(8):
        submit(service, f"m{n}", level=0.2 + 0.09 * n, seeds=(5, 5, 3, 1)[n % 4])
    submit(service, "irm", uses=ENVIRONMENTS)
    submit(service, "groupdro", uses=ENVIRONMENTS, selection="oracle")
    submit(service, "spikes", paradigm="spiking", level=0.4)
    submit(service, "tuned", selection="oracle", level=0.8)
    submit(service, "alone", benchmark="mnist-ladder@1")
    ids = {row.method: row.submission_id for row in service.rows(Query(benchmark=BENCHMARK))}
    submit(service, "m1", version="2.0", level=0.6)
    service.withdraw(ids["m2"], OPERATOR, "Wrong.")
    service.moderate(ids["m4"], "hide", "Looked at.", OPERATOR)
    service.moderate(ids["m5"], "flag", "Odd.", OPERATOR)
    service.moderate(ids["m6"], "flag", "Odd.", OPERATOR)
    service.moderate(ids["m6"], "clear-flags", "Not odd.", OPERATOR)
    verified(service, ids["m0"], "passed")
    set_current_service(service)
    yield service
    set_current_service(None)
    service.close()


def queries(as_of: str) -> list[Query]:
    """Every question: each choice with each track and rule."""
    plain = [
        Query(benchmark=BENCHMARK, uses=uses, selection=selection, as_of=as_of)
        for uses, selection in product(TRACKS, ("fixed", "oracle", None))
    ]
    changes: list[dict[str, Any]] = [
        {},
        {"search": "m1"},
        {"benchmark": "mnist-ladder@1"},
        *({"verification": level} for level in get_args(Verification)),
        *({"standing": standing} for standing in get_args(Standing)),
        *({"paradigm": paradigm} for paradigm in PARADIGMS),
        *({"sort": sort, "descending": down} for sort in get_args(Sort) for down in (False, True)),
    ]
    return [replace(query, **change) for query, change in product(plain, changes)]


def told(service: Service, as_of: str) -> dict[str, bytes]:
    """The API's answers about a time, with JSON that lacks the revision, which keeps counting."""
    answers = {}
    with TestClient(asgi(service), base_url="http://localhost") as client:
        for form, selection in product(("json", "csv", "tex", "bib", "parquet"), ("fixed", "all")):
            address = (
                f"/api/v1/leaderboard?benchmark={BENCHMARK}&as_of={as_of}&selection={selection}"
                f"&format={form}"
            )
            answer = client.get(address)
            assert answer.status_code == 200
            answers[address] = answer.content
            if form == "json":
                answers[address] = json.dumps({**answer.json(), "revision": None}).encode()
    return answers


@pytest.mark.slow
def test_the_past_stays_as_it_was_after_a_thousand_submissions(service: Service) -> None:
    as_of = service._now()
    now = {
        replace(query, as_of=None): service.rows(replace(query, as_of=None))
        for query in queries(as_of)
    }
    rows = {query: service.rows(query) for query in queries(as_of)}
    assert {replace(query, as_of=None): past for query, past in rows.items()} == now
    assert sum(map(bool, rows.values())) > 100
    answers, pages = told(service, as_of), [shown(state, as_of) for state in STATES]
    n = service.status().n_submissions
    live_on(service)
    assert service.status().n_submissions > n + N_LATER
    assert service.rows(Query(benchmark=BENCHMARK)) != rows[Query(benchmark=BENCHMARK, as_of=as_of)]
    for query, before in rows.items():
        assert service.rows(query) == before, query
    assert told(service, as_of) == answers
    for state, before_page in zip(STATES, pages, strict=True):
        assert shown(state, as_of) == before_page, state


TITLES = [column.title for column in columns(find_spec(BENCHMARK))]
STATES: list[dict[str, str | list[str]]] = [
    {"benchmark": BENCHMARK, "track": "standard", "selection": "fixed"},
    {"benchmark": BENCHMARK, "track": "environments", "selection": "fixed"},
    # Of these two, every row is withdrawn later.
    {"benchmark": BENCHMARK, "track": "environments", "selection": "oracle"},
    {"benchmark": BENCHMARK, "track": "standard", "selection": "oracle"},
    {"benchmark": BENCHMARK, "track": "all", "selection": "all", "sort": "submitted"},
    {"benchmark": "mnist-ladder@1", "track": "standard", "selection": "fixed"},
    *(
        {"benchmark": BENCHMARK, "track": "all", "selection": "all", "sort": name}
        for name in (*ORDERS, "found.shape", "trusted.color")
    ),
    *(
        {"benchmark": BENCHMARK, "track": "standard", "selection": "fixed", **more}
        for more in (
            {"q": "m1"},
            {"q": "m & 1?#=%"},
            {"checked": "fresh-seed"},
            {"checked": "failed"},
            {"standing": "full"},
            {"paradigm": "spiking"},
            {"standing": "provisional"},
            {"standing": "unranked"},
            {"params": "1 M", "training": "5 min", "retained": "0.98"},
            {"since": "2020"},
            {"sort": "mp", "reversed": "true"},
            {"columns": ["HPS"]},
            {"columns": ["Rank", "Method"]},
            {"columns": TITLES},
            {
                "q": "m",
                "checked": "received",
                "standing": "full",
                "sort": "mp",
                "columns": ["T shape", "Attempts", "Flags"],
            },
        )
    ),
]


class View(tuple[Any, ...]):
    """The rows, columns and first sentence that a reader sees, and the link to them."""

    link: dict[str, list[str]]


def shown(state: dict[str, Any], as_of: str) -> View:
    app = drawn({**state, "as_of": as_of})
    drawings = tables(app)
    chosen = {box.key: box.value for box in app.selectbox}
    view = View(
        (
            ET.tostring(drawings[0], "unicode") if drawings else None,
            chosen,
            app.text_input[0].value,
            [text.value for text in app.markdown],
        )
    )
    view.link = linked_view(app)
    return view


def linked_view(app: AppTest) -> dict[str, list[str]]:
    """The parameters of the link to the view, none without rows. Other code cites the site."""
    links = [block.value for block in app.code if block.value.count("\n") == 0]
    return parse_qs(urlsplit(links[0]).query) if links else {}


def drawn(query: dict[str, Any]) -> AppTest:
    app = draw("leaderboard", **query)
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    return " ".join(text.value for text in app.caption)


def test_the_older_version_of_a_benchmark_is_the_last_with_entries_and_says_so(
    service: Service,
) -> None:
    submit(service, "newer", benchmark="mnist-texture@1")
    choices = drawn({}).selectbox(key="benchmark")
    *filled, first_empty = choices.options[:4]
    assert filled == [f"{BENCHMARK} (10)", "mnist-texture@1 (1)", "mnist-ladder@1 (1)"]
    assert first_empty.endswith("(no entries)")
    note = "mnist-ladder@1 is an older version: the board asks for mnist-ladder@2."
    assert note in captions(drawn({"benchmark": "mnist-ladder@1"}))
    assert note in captions(draw("benchmarks", name="mnist-ladder@1"))
    assert note not in captions(drawn({"benchmark": BENCHMARK}))


@pytest.mark.usefixtures("service")
def test_rows_of_one_paradigm_are_chosen_and_keep_their_ranks() -> None:
    app = drawn({"benchmark": BENCHMARK, "paradigm": "spiking", "columns": ["Paradigm"]})
    (line,) = lines(app)
    assert (line["Method"].split()[0], line["Paradigm"]) == ("spikes", "spiking")
    (everywhere,) = [
        row for row in lines(drawn({"benchmark": BENCHMARK})) if "spikes" in row["Method"]
    ]
    assert line["Rank"] == everywhere["Rank"] != "1"


@pytest.mark.slow
def test_a_link_restores_the_view_that_it_was_copied_from(service: Service) -> None:
    as_of = service._now()
    n_linked = 0
    for state in STATES:
        first = shown(state, as_of)
        if not first.link:
            assert first[0] is None
            continue
        n_linked += 1
        assert first.link["as_of"] == [service.moment()]
        assert {name: first.link.get(name, [""]) for name in state if name != "columns"} == {
            name: [value] for name, value in state.items() if name != "columns"
        }
        query = {
            name: values if name == "columns" else values[0] for name, values in first.link.items()
        }
        again = shown({n: v for n, v in query.items() if n != "as_of"}, query["as_of"])
        assert again == first
        assert again.link == first.link
    assert n_linked > 20


def test_a_link_names_the_moment_and_not_the_whole_day(service: Service) -> None:
    def named(rows: Sequence[Row]) -> list[str]:
        return [row.method for row in rows]

    app = drawn({"benchmark": BENCHMARK})
    link = linked_view(app)
    before = named(service.rows(Query(benchmark=BENCHMARK, uses=())))
    # Later on the day on which the link was taken.
    service._now = Clock(link["as_of"][0])  # type: ignore[assignment]
    submit(service, "later-today", level=0.99)
    assert "later-today" in named(service.rows(Query(benchmark=BENCHMARK, uses=())))
    again = shown(
        {name: values[0] for name, values in link.items() if name not in ("as_of", "columns")},
        link["as_of"][0],
    )
    assert [words(name) for name in ET.fromstring(again[0]).iterfind(NAMES)] == before  # noqa: S314


def test_a_link_leaves_out_submissions_that_were_being_written(service: Service) -> None:
    begun = service._now()
    app = drawn({"benchmark": BENCHMARK})
    link = linked_view(app)
    before = service.rows(Query(benchmark=BENCHMARK))
    # Received before the page was drawn, and to be seen only now.
    service._now = lambda: begun
    submit(service, "in-between", level=0.99)
    assert len(service.rows(Query(benchmark=BENCHMARK))) == len(before) + 1
    assert service.rows(Query(benchmark=BENCHMARK, as_of=link["as_of"][0])) == before


@pytest.mark.usefixtures("service")
def test_an_address_without_a_date_says_so_and_shows_the_present() -> None:
    app = drawn({"benchmark": BENCHMARK, "as_of": "yesterday"})
    assert "is not a date" in app.warning[0].value
    assert not [button for button in app.button if button.label == "See it as it is now"]


@pytest.mark.usefixtures("service")
def test_a_day_that_has_not_ended_is_not_called_the_past() -> None:
    app = drawn({"benchmark": BENCHMARK, "as_of": "2999-01-01"})
    assert "As it was" not in " ".join(text.value for text in app.caption)
    assert len(methods(app)) > 3


@pytest.mark.usefixtures("service")
def test_the_past_is_named_and_a_button_leads_to_the_present() -> None:
    app = drawn({"benchmark": BENCHMARK, "as_of": START})
    assert methods(app) == []
    assert "As it was on 2026-01-01 at 00:00 UTC" in " ".join(text.value for text in app.caption)
    next(button for button in app.button if button.label == "See it as it is now").click().run()
    assert "as_of" not in app.query_params
    assert len(methods(app)) > 3
