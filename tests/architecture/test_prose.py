"""Docstrings, messages, names and the docs read as plain English."""

from pathlib import Path

import pytest

import dgbench
from tests.architecture.prose import (
    docstring_problems,
    message_problems,
    name_problems,
    page_problems,
)

ROOT = Path(dgbench.__file__).parents[1]
ROOMS = [
    "data_gen",
    "dgbench",
    "baselines",
    "leaderboard",
    "docs",
    "examples",
    "speed",
    "tests",
    ".ci",
]
"""Folders whose docstrings, messages and names are held to plain English."""
PUBLISHED_NAMES = [
    "dgbench/verification/record.py",
    "leaderboard/moderation/verifier_keys.py",
    "leaderboard/records/submission.py",
    "leaderboard/store/models.py",
]
"""Files with a field `at`, which stands in a published document or in the tables of a store."""
SCORES = [
    "dgbench/metrics/against_references.py",
    "dgbench/metrics/scores.py",
    "dgbench/standings/method_profile.py",
    "dgbench/submission/scoring/card.py",
    "leaderboard/records/row.py",
]
"""Files with a field `found`, which is the score F."""
EXCEPTIONS = {"'at'": PUBLISHED_NAMES, "'found'": SCORES}
"""By the name that the check complains of, the files that may have it."""
SPECIMENS = ["tests/architecture/prose.py", "tests/architecture/test_prose.py"]
"""Files whose texts are the riddles that the check looks for, and broken specimens of them."""
PAGES = ["README.md", "docs"]
"""Pages of the documentation."""
PUBLISHED = {
    "One verification; its signature covers all other fields.",
    "Scores of one run, or means of several; null where the benchmark has none.",
    "What was verified.",
    "Where predictions were made.",
    "Where seeds came from that nobody could choose.",
    "Where the glyphs came from.",
    "How it was trained, in every seed.",
    "How the hyper-parameters were chosen.",
    "What predictions.parquet holds.",
}
"""Docstrings that stand in a published JSON Schema, which does not change."""


def problems_in(rooms, check, kind="py"):
    """Each problem with its file and line, as an editor opens it."""
    for room in rooms:
        path = ROOT / room
        for file in sorted(path.rglob(f"*.{kind}")) if path.is_dir() else [path]:
            for problem in check(file.read_text(encoding="utf-8")):
                yield f"{file.relative_to(ROOT)}:{problem.line}: {problem.what}"


def test_docstrings_are_plain():
    assert list(problems_in(ROOMS, lambda source: docstring_problems(source, kept=PUBLISHED))) == []


def test_messages_are_plain():
    problems = [
        problem
        for problem in problems_in(ROOMS, message_problems)
        if not problem.startswith(tuple(SPECIMENS))
    ]
    assert problems == []


def test_the_docs_are_plain():
    assert list(problems_in(PAGES, page_problems, "md")) == []


def test_names_of_variables_and_tests_are_plain():
    problems = [
        problem
        for problem in problems_in(ROOMS, name_problems)
        if not any(
            problem.startswith(tuple(files)) and name in problem
            for name, files in EXCEPTIONS.items()
        )
    ]
    assert problems == []


@pytest.mark.parametrize(
    ("name", "file"), [(name, file) for name, files in EXCEPTIONS.items() for file in files]
)
def test_every_exception_is_needed(name, file):
    assert any(name in problem for problem in problems_in([file], name_problems))


@pytest.mark.parametrize("file", SPECIMENS)
def test_every_file_of_specimens_holds_riddles(file):
    assert any(problems_in([file], message_problems))


@pytest.mark.parametrize(
    ("docstring", "problem"),
    [
        ("Reads a file; None where there is none.", "semicolon"),
        ("Reads a file; None where there is none.", "'where there is none'"),
        (" ".join(["word"] * 26) + ".", "26 words"),
        ("What is shown of a run.", "begins with 'What'"),
        ("A method.\n\n    What is not declared is not handed over.", "'What is not declared"),
        ("A score.\n\n    It is 1 for whoever knows the pattern.", "'whoever'"),
        ("Counts, one number a seed.", "'one number a seed'"),
        ("Reads a file that is no bundle.", "'is no b'"),
        ("The manifest. RejectedError where it is damaged.", "'RejectedError where'"),
    ],
)
def test_the_check_sees_a_riddle(docstring, problem):
    source = f'def read():\n    """{docstring}"""\n'
    assert any(problem in seen.what for seen in docstring_problems(source))


def test_the_check_sees_the_string_under_a_field():
    source = 'class Row:\n    """A row."""\n\n    seeds: int\n    """A count; never zero."""\n'
    assert [problem.line for problem in docstring_problems(source)] == [5]


def test_the_check_sees_a_message():
    source = 'def read():\n    """Read."""\n    raise ValueError(f"{x!r} is no bundle.")\n'
    assert [problem.line for problem in message_problems(source)] == [3]
    assert not list(message_problems(source.replace("no bundle", "not a bundle")))


def test_the_check_sees_a_page():
    page = "# A page\n\n| what | how |\n\nIt is kept for ever.\n"
    assert [problem.line for problem in page_problems(page)] == [5]


def test_the_check_lets_plain_docstrings_through():
    source = (
        '"""Reads bundles."""\n\n\ndef read(path):\n    """Read a bundle.\n\n'
        '    Raises RejectedError if it is damaged. There is no limit; see `archive`.\n    """\n'
    )
    assert not list(docstring_problems(source))


@pytest.mark.parametrize(
    "source",
    [
        "found = 1",
        "for one in rows: pass",
        "def f(*, known): pass",
        "[x for each in y]",
        "def test_rows_are_ranked(service):\n    found = service.rows()\n    assert found\n",
    ],
)
def test_the_check_sees_a_name_that_says_nothing(source):
    assert len(list(name_problems(source))) == 1


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("test_whoever_asks_at_the_same_time_gets_one_answer", "begins with 'whoever'"),
        ("test_what_is_unknown_is_404", "begins with 'what'"),
        ("test_rows_are_kept_for_ever", "'for ever'"),
        ("test_a_file_that_is_no_bundle_is_refused", "'is no b'"),
    ],
)
def test_the_check_sees_a_test_whose_name_is_a_riddle(name, problem):
    assert any(problem in seen.what for seen in name_problems(f"def {name}():\n    pass\n"))


def test_the_check_lets_plain_names_of_tests_through():
    source = "def test_concurrent_requests_get_the_same_answer():\n    answers = []\n"
    assert not list(name_problems(source))
