"""The facts of a class are read as literals, and their words are written once."""

from pathlib import Path

import pytest

import dgbench
from dgbench.api import Paper, UsageError
from dgbench.registry import method_card
from dgbench.results.facts import USES
from dgbench.standings.words import USES as TOLD

POISON = 'raise RuntimeError("imported")\n'


def test_every_word_of_uses_is_explained_in_every_list():
    assert set(TOLD) == set(USES)
    page = Path(dgbench.__file__).parents[1] / "docs" / "own-method.md"
    text = page.read_text(encoding="utf-8")
    assert [use for use in USES if f"`{use}`" not in text] == []


def test_a_paper_is_cited_in_one_line():
    arxiv = "https://arxiv.org/abs/2101.00001"
    two = Paper(title="Title", authors=("A. First", "B. Second"), year=2021, url=arxiv)
    assert two.reference == "First and Second 2021, Title, arXiv 2101.00001."
    assert Paper(title="T", authors=("A A", "B B", "C C")).reference == "A et al., T."
    assert Paper(title="T", url="https://b.org/t").reference == "T, https://b.org/t."


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"url": "arxiv.org/abs/1"}, r"url is 'arxiv\.org/abs/1'\. Write an address with https"),
        ({"code": "http://a.org"}, r"code is 'http://a\.org'"),
    ],
)
def test_a_paper_that_cannot_be_cited_is_refused(values, message):
    with pytest.raises(UsageError, match=message):
        Paper(title="Title", **values)


def test_the_facts_of_a_class_are_read_without_running_it(tmp_path):
    path = tmp_path / "poisoned.py"
    path.write_text(
        POISON + 'class A:\n    """Sum of it."""\n'
        '    paper = Paper(title="A " "title", authors=("A. First",), year=2020)\n'
        '    paradigm: ClassVar[Paradigm] = "spiking"\n    uses_backbone = False\n'
    )
    card = method_card(f"{path}:A")
    assert card.paper == Paper(title="A title", authors=("A. First",), year=2020)
    assert (card.paradigm, card.uses_backbone) == ("spiking", False)
    assert card.reference == "First 2020, A title."
    assert card.document()["paper"]["authors"] == ("A. First",)


@pytest.mark.parametrize("paper", ["PAPER", "make()", "Paper(title=TITLE)", "Paper(authors=())"])
def test_a_paper_that_is_not_a_literal_is_not_read(tmp_path, paper):
    path = tmp_path / "dynamic.py"
    path.write_text(f'class A:\n    """Sum of it."""\n    paper = {paper}\n')
    assert method_card(f"{path}:A").paper is None
