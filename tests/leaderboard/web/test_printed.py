"""Every command that a page prints carries the site's address and works on a stranger's machine."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leaderboard.records import OPERATOR
from leaderboard.service import Service
from leaderboard.web import links
from tests.leaderboard.web.drawing import draw
from tests.leaderboard.web.visits import served
from tests.stranger import Stranger

BENCHMARK = "mnist-color-5k@1"
SCOPE = {"benchmark": BENCHMARK, "track": "standard", "selection": "fixed"}
PROGRAMS = ("dgbench ", "curl ")
SHORTER = {
    r"\bdgbench train (.*?)(?= --out|$)": r"dgbench train \1 --steps 8 --threads 1",
    r"--seeds 0-4": "--seeds 0",
}
OPERATORS = ("dgbench leaderboard ",)
"""What only the operator of this machine's store is shown."""


def commands(app: AppTest) -> list[str]:
    """The blocks of commands that a page prints."""
    assert not app.exception
    return [block.value for block in app.code if block.value.startswith(PROGRAMS)]


def shortened(block: str) -> str:
    """The same with a small budget."""
    lines = block.split("\n")
    for old, new in SHORTER.items():
        lines = [re.sub(old, new, line) for line in lines]
    return "\n".join(lines)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "board.db"


def stranger(folder: Path) -> Stranger:
    """Somebody on another machine, with an empty home."""
    folder.mkdir()
    return Stranger(folder)


def run(who: Stranger, blocks: list[str]) -> None:
    for block in blocks:
        done = who.run(f"unset DGBENCH_STORE; export HOME={who.home}\n{shortened(block)}")
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


@pytest.mark.slow
def test_printed_commands_work_in_an_empty_home(
    service: Service, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = service.issue_token("ada", ["submitter"], OPERATOR).secret
    with served(store) as address:
        site = address.rstrip("/")
        monkeypatch.setattr(links, "site", lambda: site)
        (submitting,) = commands(draw("submit", **SCOPE))
        first, *others = commands(draw("leaderboard", **SCOPE))
        assert first == submitting
        assert all(block.startswith(OPERATORS) for block in others)
        ada, eve = stranger(tmp_path / "ada"), stranger(tmp_path / "eve")
        run(ada, [f"export DGBENCH_TOKEN={token}\n{submitting}"])
        (entry,) = service.submissions_of("ada")
        # The page asks others to install the method's package first.
        run(eve, [f"pip install --editable {ada.home / entry.row.method}"])
        printed = [
            block
            for page, query in (
                ("submission", {"id": entry.id, "part": "Claims"}),
                ("submission", {"id": entry.id, "part": "Trust"}),
                ("benchmarks", SCOPE),
            )
            for block in commands(draw(page, **query))
        ]
        assert len(printed) == 4
        assert sum(site in block for block in printed) == 2
        run(eve, printed)
        assert service.submission(entry.id).verifications == ()
