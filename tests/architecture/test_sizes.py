"""No file and no function of ours is longer than a reader takes in at once.

Lines of a docstring are not counted, nor those of the signature of a command, which has a line for
each of its options.
"""

import pytest

from tests.architecture import sizes
from tests.architecture.sizes import (
    FILE_LINES,
    FUNCTION_LINES,
    LONG_FILES,
    LONG_FUNCTIONS,
    TEST_FILE_LINES,
    USUAL_FUNCTION_LINES,
    files_of_tests,
    files_over,
    functions_of_ours,
    functions_over,
    shipped_files,
)


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
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    (tmp_path / "long.py").write_text("pass\n" * 301)
    (tmp_path / "short.py").write_text("pass\n" * 300)
    assert files_over(sorted(tmp_path.glob("*.py")), limit=FILE_LINES) == {"long.py": 301}
