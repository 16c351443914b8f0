"""The lists of exceptions from the house rules hold nothing that keeps the rules by now."""

from tests.architecture.class_names import TWICE, defined_twice, sources_of_ours
from tests.architecture.sizes import (
    FILE_LINES,
    LONG_FILES,
    LONG_FUNCTIONS,
    USUAL_FUNCTION_LINES,
    files_over,
    functions_of_ours,
    shipped_files,
)


def test_every_long_file_on_the_list_is_long():
    assert set(LONG_FILES) - set(files_over(shipped_files(), limit=FILE_LINES)) == set()


def test_every_long_function_on_the_list_is_long():
    assert (
        set(LONG_FUNCTIONS) - set(functions_of_ours(USUAL_FUNCTION_LINES, shipped_files())) == set()
    )


def test_every_name_on_the_list_is_defined_twice():
    assert set(TWICE) - set(defined_twice(sources_of_ours())) == set()
