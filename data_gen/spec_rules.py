"""Rules between the fields of a spec: each raises ValueError with one sentence."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from pydantic import ValidationError

from data_gen.foundation.errors import suggestion
from data_gen.registry import problem_sentence
from data_gen.spec_parts import CLASS, Environment, Grid, PatternEntry

Entries = Mapping[str, PatternEntry]
"""The patterns of a spec by name, in its order."""


def check_patterns(patterns: Sequence[PatternEntry], *, n_classes: int) -> None:
    """Check names, predictivities, numbers of values and renderings."""
    names = Counter(entry.name for entry in patterns)
    if repeated := [name for name, count in names.items() if count > 1]:
        raise ValueError(f"two patterns are called {repeated[0]!r}")
    n_shapes = sum(entry.look.is_source_glyph for entry in patterns)
    if n_shapes != 1:
        raise ValueError(f"exactly one pattern must be of kind 'shape', found {n_shapes}")
    for entry in patterns:
        if not 1 / n_classes <= entry.rho:
            raise ValueError(
                f"pattern {entry.name!r}: rho is {entry.rho}, expected between "
                f"1/K = {1 / n_classes:g} (no correlation) and 1"
            )
        n_values = entry.look.value_count
        if n_values not in (None, n_classes):
            raise ValueError(
                f"pattern {entry.name!r} has {n_values} values, the benchmark has {n_classes} "
                "classes"
            )
        if extra := set(entry.renderings) - entry.look.renderings:
            raise ValueError(f"pattern {entry.name!r} has no rendering {sorted(extra)[0]!r}")


def check_parents(entries: Entries) -> None:
    """Check that every parent exists, and that the parents form no circle."""
    for entry in entries.values():
        if entry.parent != CLASS and entry.parent not in entries:
            raise ValueError(
                f"pattern {entry.name!r}: no pattern is called {entry.parent!r}. "
                f"{suggestion(entry.parent, [CLASS, *entries])}"
            )
    for entry in entries.values():
        line, ancestor = [entry.name], entry.parent
        while ancestor != CLASS:
            if ancestor in line:
                raise ValueError(f"the parents go in a circle: {' -> '.join([*line, ancestor])}")
            line.append(ancestor)
            ancestor = entries[ancestor].parent
        if entry.look.is_source_glyph and entry.parent != CLASS:
            raise ValueError(f"pattern {entry.name!r} is the source glyph; its parent is the class")


def check_blocks(patterns: Sequence[PatternEntry], grid: Grid) -> None:
    """Check that every pattern has a block, and a glyph where it needs one."""
    for entry in patterns:
        if entry.block >= grid.blocks:
            raise ValueError(
                f"pattern {entry.name!r} is on block {entry.block}, the grid has {grid.blocks}"
            )
        neighbours = [other for other in patterns if other.block == entry.block]
        shows_glyph = any(other.look.brings_glyph for other in neighbours)
        if entry.look.reads_glyph and not shows_glyph:
            raise ValueError(
                f"pattern {entry.name!r} shows only on a glyph, and block {entry.block} has none"
            )
        reader = next((other.name for other in neighbours if other.look.reads_glyph), None)
        if entry.look.brings_glyph and reader and "absent" in entry.renderings:
            raise ValueError(
                f"pattern {entry.name!r} cannot be 'absent': {reader!r} shows only on its glyph. "
                "List the renderings without it"
            )


def check_hidden(
    hidden: Sequence[str], entries: Entries, environments: Sequence[Environment]
) -> None:
    """Check that the hidden patterns are patterns, and that one is left as the dominant one."""
    for name in hidden:
        if name not in entries:
            raise ValueError(f"hidden: no pattern is called {name!r}. {suggestion(name, entries)}")
    if len(set(hidden)) < len(hidden):
        raise ValueError("hidden: a pattern is listed twice")
    if hidden and len(hidden) == len(entries):
        raise ValueError("hidden: one pattern must be left as the dominant one")
    if bool(hidden) == bool(environments):
        raise ValueError("a benchmark has either hidden patterns or environments")


def check_environments(environments: Sequence[Environment], entries: Entries) -> None:
    """Check that names differ, that some are trained on and some held out, and all changes."""
    if not environments:
        return
    names = [environment.name for environment in environments]
    if len(set(names)) < len(names):
        raise ValueError("two environments have the same name")
    if len({environment.held_out for environment in environments}) < 2:
        raise ValueError("some environments must be held out, and some must be left for training")
    for environment in environments:
        for name in [*environment.rho, *environment.look]:
            if name not in entries:
                raise ValueError(
                    f"environment {environment.name!r}: no pattern is called {name!r}. "
                    f"{suggestion(name, entries)}"
                )
        try:
            environment.applied_to(entries)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            raise ValueError(
                f"environment {environment.name!r}: look: "
                f"{'.'.join(map(str, problem['loc']))}: {problem_sentence(problem)}"
            ) from error


def check_domains(
    families: Collection[str], *, n_patterns: int, n_classes: int, has_environments: bool
) -> None:
    """Check that the families of the test domains fit the kind of benchmark."""
    if has_environments and set(families) != {"env"}:
        raise ValueError(
            "a benchmark with environments is tested on env.<environment> domains only"
        )
    if "conflict" in families and n_patterns > n_classes:
        raise ValueError(
            f"conflict needs a class a pattern: {n_patterns} patterns, {n_classes} classes"
        )
    if not has_environments and "id" not in families:
        raise ValueError("domains: 'id' is missing; every score is relative to it")


def check_target(target: Mapping[int, int] | None, *, n_classes: int) -> None:
    """Check that the target reaches every class."""
    if target is not None and set(target.values()) != set(range(n_classes)):
        raise ValueError(
            f"target must reach every class from 0 to {n_classes - 1}, and no other; it reaches "
            f"{sorted(set(target.values()))}"
        )
