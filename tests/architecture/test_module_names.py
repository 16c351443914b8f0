"""No module and no folder of ours hides a module of the standard library.

Python looks for imports beside the script that it runs, and in the current folder with `python -c`.
A folder `leaderboard/http` there made `import http.client` fail.
"""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("data_gen", "dgbench", "baselines", "leaderboard", "docs", "speed", "tests")
STANDARD = set(sys.stdlib_module_names) - {"__main__"}


def hiding(root, rooms):
    """Modules and folders below the rooms that bear the name of a standard module."""
    for room in rooms:
        for path in sorted((root / room).rglob("*")):
            is_module = path.suffix == ".py" or any(path.glob("*.py"))
            if is_module and path.stem in STANDARD:
                yield path.relative_to(root).as_posix()


def test_no_module_of_ours_hides_one_of_the_standard_library():
    assert list(hiding(ROOT, ROOMS)) == []


@pytest.mark.parametrize("name", ["http/client.py", "select.py", "inner/json/codec.py"])
def test_the_check_sees_a_module_that_hides_one(tmp_path, name):
    module = tmp_path / "room" / name
    module.parent.mkdir(parents=True)
    module.touch()
    assert list(hiding(tmp_path, ["room"]))


def test_the_check_lets_other_names_through(tmp_path):
    (tmp_path / "room" / "data").mkdir(parents=True)
    for name in ("__init__.py", "selection.py", "data/statistics.csv"):
        (tmp_path / "room" / name).touch()
    assert list(hiding(tmp_path, ["room"])) == []
