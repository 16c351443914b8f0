"""A benchmark with environments is called by its own headline in every format and on every page."""

import csv
import io
import json
import re
from dataclasses import asdict

import bibtexparser
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from data_gen.spec_files import find_spec
from leaderboard.cli.tables import print_rows
from leaderboard.columns import columns
from leaderboard.export.download import as_latex
from leaderboard.export.folder import files
from leaderboard.export.tables import FORMATS
from leaderboard.records import OPERATOR, Query
from leaderboard.service import Service
from leaderboard.web.current_service import set_current_service
from tests.leaderboard.api.servers import asgi
from tests.leaderboard.synthetic import Clock, bundle, score
from tests.leaderboard.web.drawing import draw, lines

BENCHMARK = "colored-mnist@1"
TITLE = "Worst environment"
PATTERN_SCORES = re.compile(r"\b(HPS|MP|UP|F|T)\b")


@pytest.fixture
def service(new_store):
    service = Service(new_store("sqlite"), score=score, now=Clock())
    for method, level in (("irm", 0.57), ("erm", 0.12)):
        service.receive(
            bundle(method, benchmark=BENCHMARK, headline="worst_environment", level=level), OPERATOR
        )
    yield service
    service.close()


@pytest.fixture
def rows(service):
    return service.rows(Query(benchmark=BENCHMARK))


def test_rows_are_ranked_by_their_headline_and_have_no_hps(service, rows):
    assert [row.method for row in rows] == ["irm", "erm"]
    for row in rows:
        assert (row.headline.name, row.headline.title) == ("worst_environment", TITLE)
        assert row.headline.low < row.headline.estimate < row.headline.high
        assert row.hps is row.hps_low is row.hps_high is None
    by_score = service.rows(Query(benchmark=BENCHMARK, sort="score"))
    assert [row.method for row in by_score] == ["irm", "erm"]


def test_json_has_the_headline_and_a_null_hps(rows):
    for written, row in zip(json.loads(FORMATS["json"].write(rows)), rows, strict=True):
        assert written["headline"] == asdict(row.headline)
        assert written["hps"] is written["hps_low"] is written["hps_high"] is None


def test_csv_names_the_headline_and_leaves_hps_empty(rows):
    lines = list(csv.DictReader(io.StringIO(FORMATS["csv"].write(rows).decode())))
    for line, row in zip(lines, rows, strict=True):
        assert line["headline_name"] == "worst_environment"
        for name, value in {
            "headline": row.headline.estimate,
            "headline_low": row.headline.low,
            "headline_high": row.headline.high,
        }.items():
            assert float(line[name]) == pytest.approx(value, rel=5e-6)
        assert line["hps"] == line["hps_low"] == line["hps_high"] == ""


def test_parquet_names_the_headline_and_leaves_hps_null(rows):
    table = pq.read_table(io.BytesIO(FORMATS["parquet"].write(rows)))
    assert table["headline_name"].to_pylist() == ["worst_environment"] * 2
    assert table["headline"].to_pylist() == [row.headline.estimate for row in rows]
    assert table["hps"].to_pylist() == [None, None]
    assert str(table.schema.field("hps").type) == "double"


def test_latex_is_headed_by_the_headline(rows):
    text = FORMATS["tex"].write(rows).decode()
    assert f"Rank & Tier & Method & Seeds & {TITLE} & Accuracy interval" in text
    assert not PATTERN_SCORES.search(text)
    assert f"1 & 1 & irm & 5 & {rows[0].headline.estimate:.3f} & " in text


def test_bibtex_has_an_entry_for_each_row(rows):
    library = bibtexparser.parse_string(FORMATS["bib"].write(rows).decode())
    assert not library.failed_blocks
    assert len(library.entries) == 2


def test_the_exported_page_is_headed_by_the_headline(service):
    page = dict(files(service))["index.html"].decode()
    assert f">{TITLE}</th>" in page
    assert not PATTERN_SCORES.search(page)


def test_each_exported_submission_has_the_headline_and_a_null_hps(service, rows):
    written = dict(files(service))[f"submissions/{rows[0].submission_id}.json"]
    row = json.loads(written)["row"]
    assert row["headline"]["name"] == "worst_environment"
    assert row["hps"] is None


def test_the_terminal_is_headed_by_the_headline(rows, capsys):
    print_rows(rows, Query(benchmark=BENCHMARK))
    shown = capsys.readouterr().out
    assert "Worst" in shown
    assert "environment" in shown
    assert f"{rows[0].headline.estimate:.3f}" in shown
    assert not PATTERN_SCORES.search(shown)


def test_the_pages_show_the_headline_and_no_hps(service, rows):
    set_current_service(service)
    try:
        table = lines(draw("leaderboard"))
        submission = draw("submission", id=rows[0].submission_id)
        history = lines(draw("method", name="irm"))
    finally:
        set_current_service(None)
    scores = [f"{100 * row.headline.estimate:.1f} %" for row in rows]
    assert [line[TITLE] for line in table] == scores
    assert not PATTERN_SCORES.search(" ".join(table[0]))
    metric = submission.metric[0]
    assert (metric.label, metric.value) == (TITLE, f"{100 * rows[0].headline.estimate:.1f} %")
    assert [line["Score"] for line in history] == [f"{scores[0]} {TITLE}"]


def test_the_api_names_the_headline_and_has_a_null_hps(service, rows):
    with TestClient(asgi(service), base_url="http://localhost") as api:
        answer = api.get(f"/api/v1/leaderboard?benchmark={BENCHMARK}").json()
        documented = api.get("/api/v1/openapi.json").json()["components"]["schemas"]
    for row, expected in zip(answer["rows"], rows, strict=True):
        assert row["headline"] == asdict(expected.headline)
        assert row["hps"] is row["hps_low"] is row["hps_high"] is None
    assert "headline" in documented["Row"]["required"]


def test_the_view_of_a_page_is_headed_by_the_headline(rows):
    shown = [column for column in columns(find_spec(BENCHMARK)) if column.is_default]
    text = as_latex(rows, shown, caption=BENCHMARK)
    assert TITLE in text
    assert f"{100 * rows[0].headline.estimate:.1f} \\%" in text
    assert not PATTERN_SCORES.search(text)
