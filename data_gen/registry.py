"""Pattern kinds and benchmark specs of the installed packages, found by entry point."""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import SerializeAsAny, ValidationError, model_validator

from data_gen.foundation.documents import Frozen
from data_gen.foundation.errors import DGBenchError, UsageError, suggestion
from data_gen.pattern import Pattern

PATTERNS_GROUP = "dgbench.patterns"
"""Each entry point names one pattern class. Its own name is the `kind` used in specs."""
BENCHMARKS_GROUP = "dgbench.benchmarks"
"""Each entry point names a package whose `*.yaml` files are specs."""


@cache
def registered_points(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group by name, not yet loaded."""
    return {point.name: point for point in entry_points(group=group)}


def find_point(group: str, name: str, what: str) -> EntryPoint:
    """Find the entry point that registers `name`. Messages call it a `what`."""
    points = registered_points(group)
    if name not in points:
        raise UsageError(
            f"No installed package registers the {what} {name!r}. {suggestion(name, points)}"
        )
    return points[name]


def owner_of(point: EntryPoint) -> str:
    """The package that an entry point belongs to."""
    return point.dist.name if point.dist else "an installed package"


def load_point(group: str, name: str, what: str) -> Any:
    """The object that an installed package registers under `name`."""
    point = find_point(group, name, what)
    try:
        return point.load()
    except MemoryError:  # no fault of the package
        raise
    except Exception as error:  # foreign code may raise anything; it is named, not hidden
        raise DGBenchError(
            f"{owner_of(point)} registers the {what} {name!r} as {point.value!r}, but importing it "
            f"failed with {type(error).__name__}: {error}. Repair or uninstall that package."
        ) from error


@cache
def pattern_class(kind: str) -> type[Pattern]:
    """The class of one pattern kind."""
    loaded = load_point(PATTERNS_GROUP, kind, "pattern kind")
    if not (isinstance(loaded, type) and issubclass(loaded, Pattern)):
        point = find_point(PATTERNS_GROUP, kind, "pattern kind")
        raise DGBenchError(
            f"{owner_of(point)} registers the pattern kind {kind!r} as {point.value!r}, which is "
            "not a subclass of data_gen.pattern.Pattern. Repair or uninstall that package."
        )
    return loaded


def spec_folders() -> Iterator[Traversable]:
    """The folders in which installed packages keep their specs."""
    return registered_folders(BENCHMARKS_GROUP, "benchmarks")


def spec_files() -> Iterator[Traversable]:
    """The YAML file of every registered benchmark."""
    return registered_files(BENCHMARKS_GROUP, "benchmarks")


def registered_folders(group: str, what: str) -> Iterator[Traversable]:
    """The folders of the packages that a group of entry points names. Messages say `what`."""
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        try:
            folder = files(point.value)
        except Exception as error:  # foreign code may raise anything; it is named, not hidden
            raise DGBenchError(
                f"{owner_of(point)} registers {what} in {point.value!r}, but importing that "
                f"package failed with {type(error).__name__}: {error}. Repair or uninstall it."
            ) from error
        yield folder


def registered_files(group: str, what: str) -> Iterator[Traversable]:
    """The YAML files in these folders, in the order of their names."""
    for folder in registered_folders(group, what):
        entries = [entry for entry in folder.iterdir() if entry.name.endswith(".yaml")]
        yield from sorted(entries, key=lambda entry: entry.name)


class PatternSpec(Frozen):
    """A pattern kind by name, and its look: enough to show values, without a correlation."""

    kind: str
    """Name under which an installed package registers the pattern class."""
    look: SerializeAsAny[Pattern]
    """The fields of that class."""

    @model_validator(mode="before")
    @classmethod
    def _make_look(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(given.get("kind"), str):
            return given
        look = given.get("look") or {}
        if isinstance(look, Pattern):
            return given
        try:
            return {**given, "look": pattern_class(given["kind"]).model_validate(look)}
        except ValidationError as error:
            raise UsageError(_first_problem(given["kind"], error)) from error


def _first_problem(kind: str, error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    where = ".".join(["look", *map(str, problem["loc"])])
    return f"{kind}: {where}: {problem_sentence(problem)}"


def problem_sentence(problem: Any) -> str:
    """Say one problem of pydantic in our words, with the value that caused it."""
    if problem["type"] == "extra_forbidden":
        return "unknown key"
    message = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] in ("missing", "value_error"):
        return message
    return f"{message}, got {problem['input']!r}"
