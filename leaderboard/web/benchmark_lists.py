"""The suites and families that were installed when the server began."""

from collections.abc import Mapping
from functools import lru_cache

from dgbench.lists.family import Family, families
from dgbench.lists.suite import Suite, find_suite, suites


@lru_cache(maxsize=1)
def installed_suites() -> Mapping[str, Suite]:
    """Read the suites by id, the newest version of each last, with their members checked."""
    return {name: find_suite(name) for name in suites()}


@lru_cache(maxsize=1)
def installed_families() -> Mapping[str, Family]:
    """Read the families by name."""
    return families()
