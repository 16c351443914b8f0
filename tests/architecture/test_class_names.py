"""A class or type has one meaning in the whole house, so its name is defined once."""

from tests.architecture.class_names import TWICE, defined_twice, sources_of_ours


def test_a_name_is_defined_once():
    twice = defined_twice(sources_of_ours())
    assert {name: modules for name, modules in twice.items() if name not in TWICE} == {}


def test_the_check_sees_a_name_that_is_defined_twice():
    sources = {
        "a.py": "class Place: ...\nLIMIT = 1\n_Own = int",
        "b.py": "Place = tuple[int, int]\nLIMIT = 2\n_Own = int",
        "c.py": "from a import Place",
    }
    assert defined_twice(sources) == {"Place": ["a.py", "b.py"]}
