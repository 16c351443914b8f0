"""Exports hold exactly what was shown, and execute nothing in a spreadsheet or in LaTeX."""

import csv
import io
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import bibtexparser
import pytest

from data_gen.spec_files import find_spec
from dgbench.results.facts import Paper
from dgbench.standings.writers.latex import latex
from leaderboard.columns import columns
from leaderboard.export.columns import COLUMNS as COLUMNS_OF_FILES
from leaderboard.export.download import as_bibtex, as_latex
from leaderboard.export.tables import to_csv
from leaderboard.records import Row
from tests.leaderboard.web.made import row

COLUMNS = {column.title: column for column in columns(find_spec("mnist-color@1"))}
SHOWN = [COLUMNS[name] for name in ("Rank", "Method", "HPS", "HPS interval", "R", "Name")]
HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("h")']
TEX = r"\input{/etc/passwd} $x$ & 50% #1 a_b ^ ~ {} < > | " + '"'


def csv_lines(*rows: Row) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(rows).decode(), newline="")))


def test_csv_holds_every_column_with_one_name_each_and_the_id() -> None:
    first, second = csv_lines(row(), row(hps=None))
    assert list(first) == [*COLUMNS_OF_FILES, "found.shape", "trusted.color", "trusted.shape"]
    shown = ("rank", "method", "headline", "hps_low", "retention", "display_name", "submission_id")
    assert [first[name] for name in shown] == [
        "1", "prcl", "0.6213", "0.5", "0.97", "PRCL", "a" * 32,
    ]  # fmt: skip
    assert second["hps"] == second["headline"] == ""


def test_the_columns_of_the_csv_do_not_depend_on_the_order_of_rows() -> None:
    rows = (row(trusted={"shape": 0.3}), row(trusted={"color": 0.1, "shape": 0.2}))
    assert list(csv_lines(*rows)[0]) == list(csv_lines(*rows[::-1])[0])


NOISE = {
    0.1 + 0.2: "0.3",
    107.42519999999999: "107.425",
    2 / 3: "0.666667",
    1e-7 / 3: "3.33333e-08",
    -0.01: "-0.01",
    1234567.8: "1234570.0",
    0.0: "0.0",
}


@pytest.mark.parametrize("number", NOISE)
def test_a_number_of_the_csv_has_six_significant_digits_at_most(number: float) -> None:
    (line,) = csv_lines(row(hps=number, training_seconds=number, found={"shape": number}))
    assert {line["hps"], line["training_seconds"], line["found.shape"]} == {NOISE[number]}
    assert float(line["hps"]) == pytest.approx(number, rel=5e-6)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_the_csv_is_a_formula(text: str) -> None:
    (line,) = csv_lines(row(display_name=text))
    assert line["display_name"] == "'" + text.replace("\t", " ").replace("\r", " ")


def test_latex_shows_the_digits_of_the_page() -> None:
    text = as_latex([row(retention=0.7)], SHOWN, caption="50% of mnist_color")
    assert r"1 & prcl & 0.621 & 0.50 to 0.74 & 0.70* & PRCL \\" in text
    assert r"\caption{50\% of mnist\_color}" in text


@pytest.mark.parametrize("name", ["{", "}", "a } b", "\\{", 'say "x"'])
def test_a_brace_or_quote_in_a_name_breaks_no_reference(name: str) -> None:
    text = as_bibtex([row(display_name=name, authors=(name,))], link="https://board.example/{x}")
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    assert len(library.entries) == 2
    assert text.count("{") == text.count("}")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles_with_hostile_names(tmp_path: Path) -> None:
    rows = [row(display_name=TEX), row(display_name=latex(TEX))]
    document = (
        "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{booktabs}\n\\begin{document}\n"
        + as_latex(rows, list(COLUMNS.values()), caption=TEX)
        + "\\end{document}\n"
    )
    (tmp_path / "table.tex").write_text(document)
    made = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout.decode(errors="replace")[-1500:]


def test_bibtex_parses_and_has_an_entry_for_the_view_and_each_row() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    link = "https://board.example/?benchmark=mnist-color%401&as_of=2026-11-24"
    text = as_bibtex(
        [row(), row(submission_id="b" * 32, authors=(), display_name="50% {x}")], link=link, now=now
    )
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    assert list(library.entries_dict) == [
        "dgbench-view",
        "dgbench-prcl-aaaaaaaaaa",
        "dgbench-prcl-bbbbbbbbbb",
    ]
    view, first, second = library.entries
    assert view["url"] == link
    assert first["author"] == "A. Author and B. Author"
    assert second["author"] == "{alice}"


def test_bibtex_cites_the_board_the_benchmark_and_each_paper_once() -> None:
    paper = Paper(
        title="Encouraging {Diversity} & more",
        authors=("Thomas Duboudin", "Gilles H\u00e9naff", "de la Cruz, Ana and Co"),
        year=2021,
        url="https://example.org/paper",
    )
    other = Paper(title="Encouraging other things", authors=paper.authors, year=2021)
    rows = [
        row(paper=paper),
        row(submission_id="b" * 32, paper=paper),
        row(submission_id="c" * 32, paper=other),
        row(submission_id="d" * 32, paper=Paper(title="x" * 200)),
    ]
    text = as_bibtex(rows, link="https://board.example/", spec=find_spec("mnist-color@1"))
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    view, benchmark, first, second, nameless = library.entries
    assert (view.key, benchmark.key) == ("dgbench-view", "dgbench-mnist-color-v1")
    assert find_spec("mnist-color@1").digest in benchmark["note"]
    assert (first.key, second.key) == (
        "duboudin2021encouraging",
        "duboudin2021encouraging-cccccccccc",
    )
    assert (first["year"], first["url"]) == ("2021", paper.url)
    assert first["author"].startswith("Thomas Duboudin and Gilles H")
    assert first["author"].endswith("and {de la Cruz, Ana and Co}")
    assert "year" not in nameless.fields_dict
    assert text.count("{") == text.count("}")
