"""Suites: versioned lists of benchmarks whose scores have a mean."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from data_gen.foundation.documents import Frozen
from data_gen.foundation.errors import DGBenchError, UsageError, suggestion
from data_gen.spec import KebabName, Spec
from dgbench.lists.development import is_development
from dgbench.lists.documents import MemberName, members, read_list, registered_lists

SUITES_GROUP = "dgbench.suites"
"""Each entry point names a package whose `*.yaml` files are suites."""


class Suite(Frozen):
    """A list of benchmarks. Any change of its members needs a new version."""

    name: KebabName
    version: Annotated[int, Field(ge=1)]
    summary: str
    """One sentence for the list of suites."""
    members: Annotated[tuple[MemberName, ...], Field(min_length=2)]

    @property
    def id(self) -> str:
        """Full name with version, such as `core@1`."""
        return f"{self.name}@{self.version}"


def suites() -> dict[str, Suite]:
    """Read the registered suites by id, the newest version of each last."""
    by_id: dict[str, Suite] = {}
    listed = registered_lists(Suite, SUITES_GROUP, "suites")
    for suite in sorted(listed, key=lambda suite: (suite.name, suite.version)):
        if suite.id in by_id:
            raise DGBenchError(f"The suite {suite.id!r} is registered twice.")
        by_id[suite.id] = suite
    return by_id


def find_suite(name: str) -> Suite:
    """Find a registered suite, or read one from a file, and check its members.

    A name without a version means the newest one.
    """
    if Path(name).suffix in (".yaml", ".yml"):
        suite = read_list(Suite, Path(name), "suite")
    else:
        by_id = suites()
        newest = {suite.name: identity for identity, suite in by_id.items()}
        identity = newest.get(name, name)
        if identity not in by_id:
            raise UsageError(f"No suite is called {name!r}. {suggestion(name, newest)}")
        suite = by_id[identity]
    specs_of(suite)
    return suite


def specs_of(suite: Suite) -> Mapping[str, Spec]:
    """Find the specs of a suite's members."""
    name = f"The suite {suite.id!r}"
    specs = members(suite.members, list_name=name)
    for member, spec in specs.items():
        if is_development(member):
            raise UsageError(
                f"{name}: methods are developed on {member}, so no suite may have it as a member."
            )
        if not spec.hidden:
            raise UsageError(f"{name}: {member} has no hidden pattern, so it has no HPS.")
    return specs
