"""Advice about missing packages: the extra that brings one, and the command that installs it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import requires

from data_gen.foundation.errors import DGBenchError

EXTRAS = ("train", "leaderboard", "ray")
"""The extras whose packages shipped code imports, in the order in which they are advised."""
_REQUIREMENT = re.compile(r"(?P<distribution>[\w.-]+).*\bextra == ['\"](?P<extra>[\w-]+)['\"]")
_IMPORT_NAMES = {"markdown-it-py": "markdown_it", "prometheus-client": "prometheus_client"}
"""Import names of the distributions that are not imported by their own name."""


def missing_package(package: str, extra: str, *, owner: str = "dgbench") -> DGBenchError:
    """Make the error that tells the user which extra of `owner` brings a package."""
    subject = "Training" if (owner, extra) == ("dgbench", "train") else "This"
    return DGBenchError(
        f"{subject} needs the package {package!r}. Install it with: pip install '{owner}[{extra}]'"
    )


@contextmanager
def missing_extras_named() -> Iterator[None]:
    """Turn the failed import of a package that an extra brings into advice.

    The failed import of any other module is a defect and passes unchanged.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = extra_of(package)
        if extra is None:
            raise
        raise missing_package(package, extra) from error


def extra_of(package: str) -> str | None:
    """Return the extra that brings a package, by its import name, or None if no extra does."""
    extras = set()
    for requirement in requires("dgbench") or ():
        if match := _REQUIREMENT.match(requirement):
            distribution = match["distribution"]
            if _IMPORT_NAMES.get(distribution, distribution) == package:
                extras.add(match["extra"])
    return next((extra for extra in EXTRAS if extra in extras), None)
