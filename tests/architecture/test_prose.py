"""Docstrings, messages and names in finished rooms read as plain English, and so do the docs.

The lists grow: when the docstrings and messages of a room are mended, add its file or folder to
PLAIN, and when its names are mended, to NAMED. A folder stands for everything below it. From then
on they stay that way.
"""

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
PLAIN = [
    ".ci",
    "baselines",
    "data_gen",
    "dgbench/__main__.py",
    "dgbench/api",
    "dgbench/benchmarks.py",
    "dgbench/checks",
    "dgbench/cli",
    "dgbench/decoded.py",
    "dgbench/doctor.py",
    "dgbench/metrics",
    "dgbench/networks.py",
    "dgbench/references.py",
    "dgbench/registry.py",
    "dgbench/report/boards.py",
    "dgbench/report/columns.py",
    "dgbench/report/curves.py",
    "dgbench/report/domains.py",
    "dgbench/report/figures.py",
    "dgbench/report/grid.py",
    "dgbench/report/heat_map.py",
    "dgbench/report/legend.py",
    "dgbench/report/naming.py",
    "dgbench/report/page.py",
    "dgbench/report/runs.py",
    "dgbench/report/svg.py",
    "dgbench/report/tables.py",
    "dgbench/results",
    "dgbench/scaffold",
    "dgbench/selection",
    "dgbench/source_digest.py",
    "dgbench/training",
    "dgbench/standings",
    "dgbench/submission/answer_key",
    "dgbench/submission/format",
    "dgbench/submission/isolated",
    "dgbench/submission/pack",
    "dgbench/submission/scoring",
    "dgbench/sweep",
    "dgbench/training/description.py",
    "dgbench/training/learner.py",
    "dgbench/verification",
    "docs",
    "examples",
    "leaderboard/access",
    "leaderboard/api",
    "leaderboard/board",
    "leaderboard/checkup.py",
    "leaderboard/cli",
    "leaderboard/client",
    "leaderboard/clock.py",
    "leaderboard/columns.py",
    "leaderboard/commands.py",
    "leaderboard/export",
    "leaderboard/fsck.py",
    "leaderboard/intake",
    "leaderboard/moderation",
    "leaderboard/questions.py",
    "leaderboard/records",
    "leaderboard/server.py",
    "leaderboard/service.py",
    "leaderboard/store",
    "leaderboard/web/app.py",
    "leaderboard/web/board_table.py",
    "leaderboard/web/charts.py",
    "leaderboard/web/current_service.py",
    "leaderboard/web/links.py",
    "leaderboard/web/markdown.py",
    "leaderboard/web/pictures.py",
    "leaderboard/web/session.py",
    "leaderboard/web/submission_frames.py",
    "leaderboard/web/theme.py",
    "speed",
]
"""Rooms whose docstrings and messages are plain."""
NAMED = [
    ".ci",
    "baselines",
    "data_gen",
    "dgbench/__main__.py",
    "dgbench/api",
    "dgbench/benchmarks.py",
    "dgbench/checks",
    "dgbench/cli",
    "dgbench/decoded.py",
    "dgbench/doctor.py",
    "dgbench/metrics",
    "dgbench/networks.py",
    "dgbench/references.py",
    "dgbench/registry.py",
    "dgbench/report/boards.py",
    "dgbench/report/columns.py",
    "dgbench/report/curves.py",
    "dgbench/report/domains.py",
    "dgbench/report/figures.py",
    "dgbench/report/grid.py",
    "dgbench/report/heat_map.py",
    "dgbench/report/legend.py",
    "dgbench/report/naming.py",
    "dgbench/report/page.py",
    "dgbench/report/runs.py",
    "dgbench/report/svg.py",
    "dgbench/report/tables.py",
    "dgbench/results",
    "dgbench/scaffold",
    "dgbench/selection",
    "dgbench/source_digest.py",
    "dgbench/training",
    "dgbench/standings",
    "dgbench/submission/answer_key",
    "dgbench/submission/format",
    "dgbench/submission/isolated",
    "dgbench/submission/pack",
    "dgbench/submission/scoring",
    "dgbench/sweep",
    "dgbench/training/description.py",
    "dgbench/training/learner.py",
    "dgbench/verification/claim.py",
    "dgbench/verification/commitment.py",
    "dgbench/verification/consistency.py",
    "dgbench/verification/exact_replay.py",
    "dgbench/verification/extract.py",
    "dgbench/verification/fresh_answers.py",
    "dgbench/verification/fresh_seeds.py",
    "dgbench/verification/isolation.py",
    "dgbench/verification/limits.py",
    "dgbench/verification/prediction.py",
    "dgbench/verification/retrain.py",
    "dgbench/verification/sandbox.py",
    "dgbench/verification/signatures.py",
    "dgbench/verification/verify.py",
    "docs",
    "examples",
    "leaderboard/access",
    "leaderboard/api",
    "leaderboard/board",
    "leaderboard/checkup.py",
    "leaderboard/cli",
    "leaderboard/client",
    "leaderboard/clock.py",
    "leaderboard/columns.py",
    "leaderboard/commands.py",
    "leaderboard/export",
    "leaderboard/fsck.py",
    "leaderboard/intake",
    "leaderboard/moderation/changes.py",
    "leaderboard/moderation/verifications.py",
    "leaderboard/questions.py",
    "leaderboard/server.py",
    "leaderboard/service.py",
    "leaderboard/store/audit.py",
    "leaderboard/store/backup.py",
    "leaderboard/store/blobs.py",
    "leaderboard/store/database.py",
    "leaderboard/store/meta.py",
    "leaderboard/store/places.py",
    "leaderboard/web/app.py",
    "leaderboard/web/charts.py",
    "leaderboard/web/current_service.py",
    "leaderboard/web/links.py",
    "leaderboard/web/markdown.py",
    "leaderboard/web/pictures.py",
    "leaderboard/web/screens",
    "leaderboard/web/session.py",
    "leaderboard/web/theme.py",
    "speed",
]
"""Rooms whose variables and parameters say what they hold."""
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
    assert list(problems_in(PLAIN, lambda source: docstring_problems(source, kept=PUBLISHED))) == []


def test_messages_are_plain():
    assert list(problems_in(PLAIN, message_problems)) == []


def test_the_docs_are_plain():
    assert list(problems_in(PAGES, page_problems, "md")) == []


def test_names_say_what_they_hold():
    assert list(problems_in(NAMED, name_problems)) == []


@pytest.mark.parametrize("room", sorted({*PLAIN, *NAMED}))
def test_every_room_on_the_lists_is_there(room):
    assert (ROOT / room).exists()


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
    "source", ["found = 1", "for one in rows: pass", "def f(*, known): pass", "[x for each in y]"]
)
def test_the_check_sees_a_name_that_says_nothing(source):
    assert len(list(name_problems(source))) == 1
