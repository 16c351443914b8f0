"""Each format shows the same cells, and runs nothing that stands in them."""

import csv
import io

import pytest

from dgbench.standings.table import Cell, Head, Table
from dgbench.standings.writers.latex import latex, latex_tables
from dgbench.standings.writers.markdown import markdown
from dgbench.standings.writers.page import html_table, page
from dgbench.standings.writers.spreadsheet import csv_text
from dgbench.standings.writers.terminal import print_tables

TABLE = Table(
    title="a_b@1; 50 %",
    heads=(Head("Rank"), Head("Method", is_text=True, is_name=True), Head("R", "What is <kept>.")),
    lines=(
        (Cell("1", "first"), Cell("=1|2", note="by <eve>"), Cell("0.90*", link="x.json")),
        (Cell("-"), Cell("[red]b"), Cell("", bar=(0.25, 0.5))),
    ),
    notes=("R: retention.",),
)


def test_markdown_escapes_what_would_end_a_cell_or_begin_emphasis():
    assert markdown([TABLE]) == (
        "**a_b@1; 50 %**\n\n"
        "| Rank | Method | R |\n| ---: | --- | ---: |\n"
        "| 1 | =1\\|2 | 0.90\\* |\n| - | [red]b |  |\n\nR: retention.\n"
    )


def test_latex_has_the_best_in_bold_and_escapes_leading_brackets():
    text = latex_tables([TABLE])
    assert r"\textbf{1} & =1\textbar{}2 & 0.90* \\" in text
    assert r"- & {[}red{]}b &  \\" in text
    assert r"\caption{a\_b@1; 50 \%. R: retention.}" in text
    assert r"\begin{tabular}{rlr}" in text
    assert text.count("booktabs") == 1
    assert latex("\\x {y}\n z") == r"\textbackslash{}x \textbraceleft{}y\textbraceright{} z"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", " =1", "\tx", "a\rb"])
def test_no_csv_text_is_a_formula(text):
    (head,), (cell,) = csv.reader(io.StringIO(csv_text([text], [[text]]), newline=""))
    assert head == cell == "'" + text.replace("\t", " ").replace("\r", " ")


def test_numbers_of_a_csv_stay_numbers():
    assert csv_text(["a", "b", "c"], [[-0.5, None, 3]]) == "a,b,c\n-0.5,,3\n"


def test_a_page_holds_text_links_small_print_and_bars():
    text = html_table(TABLE)
    assert '<td class="number first">1</td>' in text
    assert '<th scope="row" class="method">=1|2<br><span class="small">by &lt;eve&gt;' in text
    assert '<a href="x.json">0.90*</a>' in text
    assert 'title="What is &lt;kept&gt;."' in text
    assert "left:25.0%;width:25.0%" in text
    whole = page("a < b", text, style="p { margin: 0 }")
    assert "default-src 'none'" in whole
    assert "<title>a &lt; b</title>" in whole


def test_a_terminal_takes_no_style_from_names(capsys):
    print_tables([TABLE])
    shown = capsys.readouterr().out
    assert "[red]b" in shown
    assert "R: retention." in shown
