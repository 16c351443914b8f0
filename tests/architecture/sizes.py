"""Measures files and functions, and lists those that may be longer than the house rules say."""

import ast
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SHIPPED = ("data_gen", "dgbench", "baselines", "leaderboard", "docs", "speed", "examples", ".ci")
FILE_LINES = 300
TEST_FILE_LINES = 350
FUNCTION_LINES = 60
USUAL_FUNCTION_LINES = 40

LONG_FILES: dict[str, str] = {}
"""Files that may be longer for now, and why. The list only shrinks."""
LONG_FUNCTIONS = {
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
