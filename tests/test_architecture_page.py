"""The page on architecture shows the house as it is."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "architecture.md"
SCRIPT = runpy.run_path(str(ROOT / "docs" / "architecture.py"), run_name="architecture")


def named_paths(text):
    """The files and folders that a page names as code."""
    return re.findall(r"`((?:data_gen|dgbench|baselines|leaderboard|docs)/[\w./-]*)`", text)


def test_every_path_on_the_page_exists():
    paths = named_paths(PAGE.read_text(encoding="utf-8"))
    assert len(paths) > 50
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_a_path_that_is_gone_is_noticed():
    (path,) = named_paths("Read `dgbench/reading.py` and then `data_gen`.")
    assert not (ROOT / path).exists()


def test_the_picture_is_that_of_the_code():
    """If it is not: python docs/architecture.py."""
    command = [sys.executable, "docs/architecture.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_arrow_that_follows_from_others_is_left_out():
    arrows = {"a": {"b", "c", "d"}, "b": {"c"}, "c": set(), "d": set()}
    frozen = {room: frozenset(imported) for room, imported in arrows.items()}
    direct = SCRIPT["direct_arrows"](frozen)
    assert direct == {"a": {"b", "d"}, "b": {"c"}, "c": set(), "d": set()}
    assert SCRIPT["floors"](direct) == {"a": 2, "b": 1, "c": 0, "d": 0}


def test_a_circle_of_rooms_is_refused():
    with pytest.raises(ValueError, match="in a circle: a, b"):
        SCRIPT["floors"]({"a": frozenset("b"), "b": frozenset("a")})


def test_rooms_on_one_floor_do_not_touch():
    assert SCRIPT["apart"]([0.0, 0.0, 500.0], [40, 60, 20]) == [-38.0, 38.0, 500.0]


def test_the_fewest_crossings_are_chosen():
    node = SCRIPT["Node"]
    names = ["dgbench.a", "dgbench.b", "dgbench.c", "dgbench.d"]
    a, b, c, d = (node(name, floor) for name, floor in zip(names, [1, 1, 0, 0], strict=True))
    links = [(a, d), (b, c)]
    assert SCRIPT["count_crossings"]([[c, d], [a, b]], links) > 0
    assert SCRIPT["count_crossings"](SCRIPT["ordered"](links, [a, b, c, d]), links) == 0
