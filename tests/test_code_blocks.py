"""Every code block of the README and the docs does what the page says.

The blocks of a page run in their order, in one folder and an environment of their own. A block of
code or settings whose first line is a comment with a file's name becomes that file. A block that
cannot run here has a mark above it, `<!-- not run: REASON -->`, and is counted.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.stranger import Stranger

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    str(page.relative_to(ROOT))
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"))
)
NOT_RUN = {
    "README.md": 2,
    "CONTRIBUTING.md": 1,
    "docs/results.md": 1,
    "docs/prcl.md": 1,
    "docs/sweeps.md": 5,
    "docs/on-a-cluster.md": 2,
    "docs/training.md": 1,
    "docs/host-a-leaderboard.md": 11,
    "docs/leaderboard.md": 1,
    "docs/leaderboard-tour.md": 1,
    "docs/verification.md": 2,
}
"""How many blocks of each page are not run."""
TAKES_HOURS = "python baselines/results/remake.py"
"""What makes the stored results again, and needs no mark: the pages say how long it takes."""
BLOCK = re.compile(
    r"(?:<!-- not run: (?P<reason>[^>]+) -->\n\n?)?^ *```(?P<language>\w+)\n(?P<text>.*?)^ *```$",
    flags=re.DOTALL | re.MULTILINE,
)
SHORTER = {
    # The embedded digits, few steps, one seed, one thread: what is shown is that it works.
    # The stored results are as they are.
    r"(?<!reference/)\bmnist-color(?![\w-])": "mnist-color-5k",
    r"\bdgbench (train|ceilings)\b": r"dgbench \1 --steps 8 --threads 1",
    r"\bdgbench sweep --methods": "dgbench sweep --steps 8 --threads 1 --no-probes --methods",
    r",mnist-position": "",
    r"--trials \d+": "--trials 2",
    r"--seeds 0-[1-9]": "--seeds 0",
    r"--eval-every \d+": "--eval-every 8",
    # Places of a server, as places of the test.
    r"(?<=[ ])/(backup|var/www)/": "",
}
NAMED = re.compile(r"(?:#|//) ([\w./-]+\.\w+)\n")


class Block(NamedTuple):
    """One block of a page."""

    language: str
    text: str
    reason: str | None
    """Why it is not run."""


def blocks(page: str) -> list[Block]:
    return blocks_of((ROOT / page).read_text(encoding="utf-8"))


def blocks_of(text: str) -> list[Block]:
    page_blocks = []
    for match in BLOCK.finditer(text):
        reason = "takes hours" if TAKES_HOURS in match["text"] else match["reason"]
        page_blocks.append(Block(match["language"], match["text"], reason))
    return page_blocks


def shorter(script: str) -> str:
    for pattern, instead in SHORTER.items():
        script = re.sub(pattern, instead, script)
    return script


@pytest.fixture
def stranger(tmp_path):
    made = Stranger(tmp_path)
    # Pages speak of the stored results by their place in the sources.
    (made.home / "baselines").symlink_to(ROOT / "baselines")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page_run(page, stranger):
    for block in blocks(page):
        if block.reason is None:
            follow(block, stranger)


def follow(block: Block, stranger: Stranger) -> None:
    """Do what a block says."""
    named = NAMED.match(block.text)
    if named and block.language != "sh":
        file = stranger.home / named[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
        if block.language == "python":
            compile(block.text, named[1], "exec")
    elif block.language in ("sh", "python"):
        script = shorter(block.text)
        if block.language == "python":
            (stranger.home / "block.py").write_text(script, encoding="utf-8")
            script = "python block.py"
        done = stranger.run(script)
        assert done.returncode == 0, f"{block.text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    else:
        PARSERS[block.language](block.text)


PARSERS = {
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
    "json": json.loads,
    "text": str,
    "ini": str,
    "nginx": str,
}


@pytest.mark.parametrize("page", PAGES)
def test_blocks_that_do_not_run_say_why_and_are_counted(page):
    reasons = [block.reason for block in blocks(page) if block.reason]
    assert len(reasons) == NOT_RUN.get(page, 0), f"{page}: {reasons}"
    fences = len(re.findall(r"^ *```\w*$", (ROOT / page).read_text(encoding="utf-8"), flags=re.M))
    assert fences == 2 * len(blocks(page)), f"{page} has a block without a language"


def test_a_block_that_fails_is_noticed(tmp_path):
    with pytest.raises(AssertionError, match="No benchmark is called 'mnist-colour'"):
        follow(
            Block("sh", "dgbench benchmarks show mnist-colour\necho after", None),
            Stranger(tmp_path),
        )


def test_a_mark_belongs_to_the_block_below_it_only():
    block = "```sh\n{}\n```\n\n"
    text = "".join(("<!-- not run: why -->\n\n", *map(block.format, "ab"), "<!-- x -->\n\n", block))
    assert [parsed.reason for parsed in blocks_of(text)] == ["why", None, None]
