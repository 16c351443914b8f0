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
from leaderboard.export.download import as_bibtex, as_csv, as_latex
from tests.leaderboard.web.made import row

COLUMNS = {column.title: column for column in columns(find_spec("mnist-color@1"))}
SHOWN = [COLUMNS[name] for name in ("Rank", "Method", "HPS", "HPS interval", "R", "Name")]
HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("h")']
TEX = r"\input{/etc/passwd} $x$ & 50% #1 a_b ^ ~ {} < > | " + '"'


def test_csv_holds_the_shown_columns_unrounded_and_the_id() -> None:
    lines = list(csv.reader(io.StringIO(as_csv([row(), row(hps=None)], SHOWN))))
    assert lines[0] == ["Rank", "Method", "HPS", "HPS interval", "R", "Name", "Submission"]
    assert lines[1] == ["1", "prcl", "0.6213", "0.50 to 0.74", "0.97", "PRCL", "a" * 32]
    assert lines[2][2] == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_the_csv_is_a_formula(text: str) -> None:
    line = list(csv.reader(io.StringIO(as_csv([row(display_name=text)], SHOWN), newline="")))[1]
    assert line[5] == "'" + text.replace("\t", " ").replace("\r", " ")


def test_negative_numbers_stay_numbers_in_the_csv() -> None:
    assert next(reversed(list(csv.reader(io.StringIO(as_csv([row(hps=-0.01)], SHOWN))))))[2] == (
        "-0.01"
    )


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
