"""A suite has benchmarks in fixed versions, and none on which methods are developed."""

from pathlib import Path

import pytest
import yaml

from data_gen.foundation.errors import UsageError
from data_gen.spec_files import registered
from dgbench.lists.development import DEVELOPMENT
from dgbench.lists.suite import find_suite, suites


def written(folder, *members, **changes):
    """The path of a suite in a file."""
    document = {"name": "mine", "version": 1, "summary": "Mine.", "members": list(members)}
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(document | changes))
    return str(path)


def test_a_suite_has_its_members_in_order(tmp_path):
    suite = find_suite(written(tmp_path, "mnist-color@1", "mnist-color-swap@1"))
    assert (suite.id, suite.members) == ("mine@1", ("mnist-color@1", "mnist-color-swap@1"))


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("mnist-color", "the member 'mnist-color' has no version"),
        ("mnist-ladder@99", "no benchmark is called 'mnist-ladder@99'. Did you mean 'mnist-ladder"),
        ("mnist-color-swap@1", "'mnist-color-swap@1' is there twice"),
        ("colored-mnist@1", "colored-mnist@1 has no hidden pattern, so it has no HPS"),
        *((f"{name}@1", f"methods are developed on {name}@1") for name in DEVELOPMENT),
    ],
)
def test_an_unfit_member_is_refused_in_a_sentence(tmp_path, second, message):
    with pytest.raises(UsageError, match=message):
        find_suite(written(tmp_path, "mnist-color-swap@1", second))


def test_development_benchmarks_are_registered_and_say_what_they_are():
    about = {document["name"]: str(document["about"]) for document in registered().values()}
    assert {name for name, text in about.items() if "development set" in text} == set(DEVELOPMENT)
    page = (Path(__file__).parents[3] / "docs" / "benchmarks.md").read_text()
    lines = [line for line in page.splitlines() if line.endswith("| development |")]
    assert [line.split("`")[1] for line in lines] == list(DEVELOPMENT)


def test_a_suite_without_a_version_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"mine.yaml: version: Input should be greater"):
        find_suite(written(tmp_path, "mnist-color@1", "mnist-color-swap@1", version=0))


def test_an_unknown_suite_is_refused():
    with pytest.raises(UsageError, match="No suite is called 'no-such-suite'"):
        find_suite("no-such-suite")


def test_every_shipped_suite_can_be_found_with_and_without_its_version():
    for identity, suite in suites().items():
        assert find_suite(identity) == suite
        assert find_suite(suite.name).name == suite.name
