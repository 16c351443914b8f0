"""No file and no function of ours is longer than a reader takes in at once.

Lines of a docstring are not counted, nor those of the signature of a command, which has a line for
each of its options.
"""

import ast
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("data_gen", "dgbench", "baselines", "leaderboard", "docs", "speed", "examples", ".ci")
FILE_LINES = 300
TEST_FILE_LINES = 350
FUNCTION_LINES = 60
USUAL_FUNCTION_LINES = 40

LONG_FILES: dict[str, str] = {}
"""Files that may be longer for now, and why. The list only shrinks."""
LONG_FUNCTIONS = {
    "dgbench/cli/benchmarks.py:show": "one page of facts about a benchmark",
    "dgbench/submission/scoring/score.py:score": "it is being parted",
    "leaderboard/store/migrations/versions/v0001_first_tables.py:_people_and_log": "only columns",
}
"""Functions that may be longer than usual for now, and why. The list only shrinks."""


class Function(NamedTuple):
    name: str
    lines: int


def shipped_files():
    return sorted(path for room in SHIPPED for path in (ROOT / room).rglob("*.py"))


def files_of_tests():
    return sorted((ROOT / "tests").rglob("*.py"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def files_over(paths, *, limit):
    """The names of files with more lines than the limit, each with its lines."""
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return {name: lines for name, lines in lengths.items() if lines > limit}


def functions_over(limit, *, source, is_command_line=False):
    """The functions of a source with more lines than the limit, nested ones among them."""
    nodes = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    functions = (Function(node.name, lines_of(node, is_command_line)) for node in nodes)
    return [function for function in functions if function.lines > limit]


def lines_of(node, is_command_line):
    start = node.body[0].lineno if is_command_line else node.lineno
    lines = node.end_lineno - start + 1
    if ast.get_docstring(node) is not None:
        docstring = node.body[0]
        lines -= docstring.end_lineno - docstring.lineno + 1
    return lines


def functions_of_ours(limit, paths):
    return {
        f"{name_of(path)}:{function.name}": function.lines
        for path in paths
        for function in functions_over(
            limit,
            source=path.read_text(encoding="utf-8"),
            is_command_line="cli" in path.relative_to(ROOT).parts,
        )
    }


def test_no_shipped_file_is_too_long():
    assert set(files_over(shipped_files(), limit=FILE_LINES)) <= set(LONG_FILES)


def test_no_test_file_is_too_long():
    assert files_over(files_of_tests(), limit=TEST_FILE_LINES) == {}


def test_no_function_is_too_long():
    shipped = functions_of_ours(FUNCTION_LINES, shipped_files())
    assert shipped == {}


def test_functions_longer_than_usual_are_listed_with_their_reason():
    functions = functions_of_ours(USUAL_FUNCTION_LINES, shipped_files())
    new = {name: lines for name, lines in functions.items() if name not in LONG_FUNCTIONS}
    assert new == {}, f"over {USUAL_FUNCTION_LINES} lines: part them"


def specimen(*, body_lines, option_lines=1):
    """A function with this many lines of options and of statements."""
    options = "".join(f"    option{number}=None,\n" for number in range(option_lines))
    return f"def specimen(\n{options}):\n" + "    pass\n" * body_lines


@pytest.mark.parametrize(
    ("source", "is_command_line", "lines"),
    [
        (specimen(body_lines=37), False, []),
        (specimen(body_lines=38), False, [41]),
        ("async " + specimen(body_lines=38), False, [41]),
        ("class Specimen:\n    def method(self):\n" + "        pass\n" * 40, False, [41]),
        (specimen(body_lines=40, option_lines=26), True, []),
        ('def specimen():\n    """Say more.\n\n    And more."""\n' + "    pass\n" * 39, False, []),
        (specimen(body_lines=41, option_lines=26), True, [41]),
    ],
)
def test_the_check_sees_a_function_that_is_too_long(source, is_command_line, lines):
    functions = functions_over(USUAL_FUNCTION_LINES, source=source, is_command_line=is_command_line)
    assert [function.lines for function in functions] == lines


def test_the_check_sees_a_file_that_is_too_long(monkeypatch, tmp_path):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "long.py").write_text("pass\n" * 301)
    (tmp_path / "short.py").write_text("pass\n" * 300)
    assert files_over(sorted(tmp_path.glob("*.py")), limit=FILE_LINES) == {"long.py": 301}
