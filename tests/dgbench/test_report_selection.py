"""A report selects one trial for each method by one rule, and says what is missing."""

import csv
import io
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.report.boards import read_boards
from dgbench.report.legend import DEVELOPMENT_ONLY, legend
from dgbench.report.list_report import list_report
from dgbench.report.page import as_html
from dgbench.report.tables import as_csv, as_latex, as_markdown, table_of
from dgbench.results.declaration import Declaration, write_declaration
from dgbench.results.folder import run_folder, write_record
from tests.dgbench.records import RECORD, configuration, counts

EVIL = '<script>alert(1)</script>"&[red]|$_{x}\\'


@pytest.fixture
def sweep(tmp_path):
    """Adds runs of trials with given numbers of right answers in training and on tests."""

    def add(trial, seed=0, *, method="erm", right=990, shape=200, status="done", **changes):
        hyper_parameters = {"weight": [1.0, 0.01, 30.0][trial or 0]}
        setup = configuration(method, hyper_parameters=hyper_parameters, **changes)
        domains = counts(shape=shape)
        update = {
            "configuration": setup,
            "seed": seed,
            "trial": trial,
            "status": status,
            "domains": domains if status == "done" and not setup.development_only else {},
            "validation": domains["id"].model_copy(update={"correct": right}),
            "development": counts(shape=shape),
        }
        write_record(run_folder(tmp_path, setup, seed), RECORD.model_copy(update=update))

    add.folder = tmp_path
    return add


def three_trials(sweep, n_seeds=3):
    for seed in range(n_seeds):
        sweep(0, seed, right=980, shape=300 + seed)
        sweep(1, seed, right=995, shape=200 + seed)
        sweep(2, seed, right=985, shape=250 + seed)


def test_runs_without_a_test_have_a_board_of_their_own(sweep, tmp_path):
    for seed in range(2):
        sweep(0, seed, shape=300)
        sweep(0, seed, shape=600, development_only=True)
    tested, untested = sorted(read_boards([tmp_path]), key=lambda board: board.development_only)
    assert [len(board.entries[0].seeds) for board in (tested, untested)] == [2, 2]
    assert untested.title == tested.title.replace("@1;", "@1, development domains only;")
    # The made-up test counts of the others are never read.
    assert untested.entries[0].mean("hps") > tested.entries[0].mean("hps")
    assert DEVELOPMENT_ONLY in legend(untested)
    assert DEVELOPMENT_ONLY not in legend(tested)
    assert list_report([untested]).overview is None
    assert list_report([tested]).overview is not None
    rows = csv.DictReader(io.StringIO(as_csv([tested, untested])))
    assert [row["development_only"] for row in rows] == ["False"] * 2 + ["True"] * 2
    _, last = read_boards([tmp_path], rule="oracle", members=[untested.spec.id])
    assert last.development_only


def lines(board):
    """The table's rows, each as texts by the title of their column."""
    table = table_of(board)
    titles = [head.title for head in table.heads]
    return [dict(zip(titles, (cell.text for cell in line), strict=True)) for line in table.lines]


@pytest.mark.parametrize(
    ("rule", "trial"), [("fixed", 0), ("id-val", 1), ("constrained-id", 2), ("oracle", 0)]
)
def test_one_trial_represents_its_method_and_the_rule_is_named(sweep, rule, trial):
    three_trials(sweep)
    (board,) = read_boards([sweep.folder], rule=rule)
    (line,) = lines(board)
    assert (board.entries[0].trial, line["Trial"]) == (trial, f"{trial} of 3")
    assert board.title.endswith(f"; selection {rule}")
    assert all(f"selection {rule}" in text for text in (as_markdown([board]), as_html([board])))
    assert {row["selection"] for row in csv.DictReader(io.StringIO(as_csv([board])))} == {rule}
    assert len(board.trials) == 3


def test_runs_outside_sweeps_are_shown_by_the_fixed_rule_only(sweep):
    sweep(None, method="alone")
    sweep(0)
    names = [entry.name for board in read_boards([sweep.folder]) for entry in board.entries]
    assert sorted(names) == ["alone", "erm"]
    (board,) = read_boards([sweep.folder], rule="id-val")
    assert [entry.name for entry in board.entries] == ["erm"]


def test_without_trials_there_is_nothing_to_choose(sweep):
    sweep(None)
    with pytest.raises(UsageError, match=r"'id-val' has nothing to choose from.*dgbench sweep"):
        read_boards([sweep.folder], rule="id-val")


def test_a_choice_that_cannot_be_made_is_shown_without_a_number(sweep):
    sweep(0, 0)
    sweep(0, 1, status="diverged")
    (board,) = read_boards([sweep.folder], rule="id-val")
    (line,) = lines(board)
    assert (line["Rank"], line["Trial"], line["Seeds"]) == ("-", "none of 1", "0, 1 diverged")
    assert set(list(line.values())[5:]) == {"-"}
    assert (line["Tier"], board.entries[0].standing) == ("-", "unranked")
    assert "erm: no trial is done with every seed." in legend(board)


def test_runs_that_a_sweep_declares_and_lacks_are_missing(sweep):
    sweep(0, 0)
    declaration = Declaration(
        methods=("erm", "prcl"), benchmarks=("mnist-color-5k@1",), seeds=(0, 1, 2), trials=3
    )
    write_declaration(sweep.folder, declaration)
    (board,) = read_boards([sweep.folder])
    assert lines(board)[0]["Seeds"] == "1, 2 missing"
    assert "Declared by the sweep, and not run here: prcl." in legend(board)
    assert "Trials of the sweep that were not begun: erm (1 of 3)." in legend(board)
    statuses = [row["status"] for row in csv.DictReader(io.StringIO(as_csv([board])))]
    assert statuses == ["done", "missing", "missing"]


def test_a_tier_is_left_beyond_doubt_only(sweep):
    for seed in range(3):
        sweep(0, seed, method="high", shape=800 + 2 * seed)
        sweep(0, seed, method="near", shape=799 + 2 * seed)
        sweep(0, seed, method="low", shape=200 + 2 * seed)
    sweep(0, 0, method="once", shape=900)
    (board,) = read_boards([sweep.folder])
    tiers = {line["Method"]: (line["Rank"], line["Tier"]) for line in lines(board)}
    assert tiers == {"high": ("1", "1"), "near": ("2", "1"), "low": ("3", "2"), "once": ("-", "-")}
    assert [line["Method"] for line in lines(board)] == ["high", "near", "low", "once"]
    assert "95 % interval over seeds alone" in " ".join(legend(board))


def test_predictions_that_are_not_the_records_are_refused(sweep):
    for seed in range(3):
        sweep(0, seed)
        folder = run_folder(sweep.folder, configuration(hyper_parameters={"weight": 1.0}), seed)
        record = RECORD.model_copy(
            update={
                "predictions_digest": "0" * 64,
                "seed": seed,
                "trial": 0,
                "configuration": configuration(hyper_parameters={"weight": 1.0}),
                "status": "done",
                "domains": counts(),
            }
        )
        write_record(folder, record)
        (folder / "predictions.parquet").write_bytes(b"other")
    with pytest.raises(DGBenchError, match=r"not what run\.json beside it was made from"):
        read_boards([sweep.folder])


class Page(HTMLParser):
    """Counts the tags and keeps what would load something."""

    def __init__(self):
        super().__init__()
        self.tags, self.loads, self.open = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        named = dict(attributes)
        self.loads += [named[key] for key in ("src", "srcset", "data") if key in named]
        if "href" in named and not named["href"].startswith("#"):
            self.loads.append(named["href"])
        if tag not in ("meta", "line", "circle", "rect", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()


def test_the_page_is_whole_and_loads_nothing(sweep):
    three_trials(sweep)
    sweep(0, 0, method=EVIL)
    sweep(0, 1, method=EVIL, status="diverged")
    text = as_html(read_boards([sweep.folder]))
    page = Page()
    page.feed(text)
    assert page.loads == []
    assert page.open == []
    assert {"script", "link", "img", "iframe"} & set(page.tags) == set()
    assert not re.search(r"url\(|@import|http", text.replace("http-equiv", ""))
    assert page.tags.count("svg") >= 5
    assert "erm: weight" in text
    assert "Not counted: 1 diverged." in text


def test_latex_has_the_first_tier_in_bold(sweep):
    for seed in range(3):
        sweep(0, seed, method="high", shape=800 + 2 * seed)
        sweep(0, seed, method="near_by", shape=799 + 2 * seed)
        sweep(0, seed, method="low", shape=200 + 2 * seed)
    text = as_latex(read_boards([sweep.folder]))
    bold = [line.split(" & ")[2] for line in text.splitlines() if "\\textbf" in line]
    assert bold == ["high", "near\\_by"]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_latex_compiles(sweep):
    three_trials(sweep)
    sweep(0, 0, method=EVIL)
    document = (
        "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n"
        f"{as_latex(read_boards([sweep.folder]))}\\end{{document}}\n"
    )
    (sweep.folder / "report.tex").write_text(document)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
    done = subprocess.run(command, cwd=sweep.folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (sweep.folder / "report.pdf").read_bytes().startswith(b"%PDF")
