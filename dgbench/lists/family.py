"""Families: benchmarks ordered along one strength of one pattern, all else being equal."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from data_gen.foundation.documents import Frozen
from data_gen.foundation.errors import DGBenchError, UsageError, suggestion
from data_gen.spec import KebabName, Spec
from dgbench.lists.axis import Axis, check_members
from dgbench.lists.documents import MemberName, members, read_list, registered_lists

FAMILIES_GROUP = "dgbench.families"
"""Each entry point names a package whose `*.yaml` files are families."""


class Member(Frozen):
    """A benchmark of a family."""

    level: float
    """The strength of the axis here."""
    benchmark: MemberName


class Family(Frozen):
    """A list of benchmarks along an axis."""

    name: KebabName
    summary: str
    """One sentence for the list of families: the question that the family asks."""
    axis: Axis
    trend: Literal["rises", "falls"]
    """Whether F of the hidden pattern rises or falls with the strength."""
    members: Annotated[tuple[Member, ...], Field(min_length=1)]
    """In ascending order of their level."""

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """The full names of the members."""
        return tuple(member.benchmark for member in self.members)

    @property
    def levels(self) -> tuple[float, ...]:
        """The strength in each member, ascending."""
        return tuple(member.level for member in self.members)


def families() -> dict[str, Family]:
    """Read the registered families by name. Their members are not looked at."""
    by_name: dict[str, Family] = {}
    listed = registered_lists(Family, FAMILIES_GROUP, "families")
    for family in sorted(listed, key=lambda family: family.name):
        if family.name in by_name:
            raise DGBenchError(f"The family {family.name!r} is registered twice.")
        by_name[family.name] = family
    return by_name


def find_family(name: str) -> Family:
    """Find a registered family, or read one from a file, and check its members.

    Raises UsageError for an unknown name, and for members that differ in more than the axis.
    """
    if Path(name).suffix in (".yaml", ".yml"):
        family = read_list(Family, Path(name), "family")
    else:
        listed = families()
        if name not in listed:
            raise UsageError(f"No family is called {name!r}. {suggestion(name, listed)}")
        family = listed[name]
    specs_of(family)
    return family


def specs_of(family: Family) -> Mapping[str, Spec]:
    """Find the specs of a family's members, which differ in nothing but the axis."""
    name = f"The family {family.name!r}"
    if len(family.members) == 1:
        raise UsageError(
            f"{name} has one member, {family.benchmarks[0]}. A curve needs two at least."
        )
    for weaker, stronger in pairwise(family.members):
        if weaker.level >= stronger.level:
            raise UsageError(
                f"{name}: the level {stronger.level:g} of {stronger.benchmark} comes after "
                f"{weaker.level:g}. List the members from the lowest level to the highest."
            )
    specs = members(family.benchmarks, list_name=name)
    for member, spec in specs.items():
        if not spec.hidden:
            raise UsageError(f"{name}: {member} has no hidden pattern that could be found.")
    check_members(family.axis, family.levels, specs, list_name=name)
    return specs
