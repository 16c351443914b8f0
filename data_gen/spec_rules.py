"""What must hold between the fields of a spec; each rule raises ValueError with one sentence."""

from collections import Counter
from typing import TYPE_CHECKING

from pydantic import ValidationError

from data_gen.foundation.errors import suggestion
from data_gen.registry import problem_sentence

if TYPE_CHECKING:
    from data_gen.spec import Spec

CLASS = "class"
"""The parent of a pattern that depends on the class directly."""


def check_spec(spec: "Spec") -> None:
    """All rules, in the order in which their errors help most."""
    check_patterns(spec)
    check_parents(spec)
    check_blocks(spec)
    check_hidden(spec)
    check_environments(spec)
    check_domains(spec)
    check_target(spec)


def check_patterns(spec: "Spec") -> None:
    """Names, predictivities, numbers of values and renderings."""
    names = Counter(entry.name for entry in spec.patterns)
    if repeated := [name for name, count in names.items() if count > 1]:
        raise ValueError(f"two patterns are called {repeated[0]!r}")
    n_shapes = sum(entry.look.is_source_glyph for entry in spec.patterns)
    if n_shapes != 1:
        raise ValueError(f"exactly one pattern must be of kind 'shape', found {n_shapes}")
    k = len(spec.classes)
    for entry in spec.patterns:
        if not 1 / k <= entry.rho:
            raise ValueError(
                f"pattern {entry.name!r}: rho is {entry.rho}, expected between 1/K = {1 / k:g} "
                f"(no correlation) and 1"
            )
        count = entry.look.value_count
        if count not in (None, k):
            raise ValueError(
                f"pattern {entry.name!r} has {count} values, the benchmark has {k} classes"
            )
        if extra := set(entry.renderings) - entry.look.renderings:
            raise ValueError(f"pattern {entry.name!r} has no rendering {sorted(extra)[0]!r}")


def check_parents(spec: "Spec") -> None:
    """Every parent is there, and they form no circle."""
    entries = spec.entries
    for entry in spec.patterns:
        if entry.parent != CLASS and entry.parent not in entries:
            raise ValueError(
                f"pattern {entry.name!r}: no pattern is called {entry.parent!r}. "
                f"{suggestion(entry.parent, [CLASS, *entries])}"
            )
        seen, at = [entry.name], entry.parent
        while at != CLASS:
            if at in seen:
                raise ValueError(f"the parents go in a circle: {' -> '.join([*seen, at])}")
            seen.append(at)
            at = entries[at].parent
    if spec.shape.parent != CLASS:
        raise ValueError(
            f"pattern {spec.shape.name!r} is the source glyph; its parent is the class"
        )


def check_blocks(spec: "Spec") -> None:
    """Every pattern has a block, and a glyph where it needs one."""
    for entry in spec.patterns:
        if entry.block >= spec.grid.blocks:
            raise ValueError(
                f"pattern {entry.name!r} is on block {entry.block}, the grid has {spec.grid.blocks}"
            )
        neighbours = [other for other in spec.patterns if other.block == entry.block]
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


def check_hidden(spec: "Spec") -> None:
    """The hidden patterns are patterns, and one is left as the dominant one."""
    entries = spec.entries
    for name in spec.hidden:
        if name not in entries:
            raise ValueError(f"hidden: no pattern is called {name!r}. {suggestion(name, entries)}")
    if len(set(spec.hidden)) < len(spec.hidden):
        raise ValueError("hidden: a pattern is listed twice")
    if spec.hidden and len(spec.hidden) == len(entries):
        raise ValueError("hidden: one pattern must be left as the dominant one")
    if bool(spec.hidden) == bool(spec.environments):
        raise ValueError("a benchmark has either hidden patterns or environments")


def check_environments(spec: "Spec") -> None:
    """Environments are told apart, some trained on, some held out."""
    if not spec.environments:
        return
    names = [environment.name for environment in spec.environments]
    if len(set(names)) < len(names):
        raise ValueError("two environments have the same name")
    if not spec.training_environments or len(spec.training_environments) == len(names):
        raise ValueError("some environments must be held out, and some must be left for training")
    for environment in spec.environments:
        for name in [*environment.rho, *environment.look]:
            if name not in spec.entries:
                raise ValueError(
                    f"environment {environment.name!r}: no pattern is called {name!r}. "
                    f"{suggestion(name, spec.entries)}"
                )
        try:
            spec.within(environment.name)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            raise ValueError(
                f"environment {environment.name!r}: look: "
                f"{'.'.join(map(str, problem['loc']))}: {problem_sentence(problem)}"
            ) from error


def check_domains(spec: "Spec") -> None:
    """The test domains fit the kind of benchmark."""
    families = {test.name.split(".")[0] for test in spec.test_domains}
    if spec.environments and families != {"env"}:
        raise ValueError(
            "a benchmark with environments is tested on env.<environment> domains only"
        )
    if "conflict" in families and len(spec.patterns) > len(spec.classes):
        raise ValueError(
            f"conflict needs a class a pattern: {len(spec.patterns)} patterns, "
            f"{len(spec.classes)} classes"
        )
    if not spec.environments and "id" not in families:
        raise ValueError("domains: 'id' is missing; every score is relative to it")


def check_target(spec: "Spec") -> None:
    """The target reaches every class."""
    if spec.target is not None and set(spec.target.values()) != set(range(len(spec.classes))):
        raise ValueError(
            f"target must reach every class from 0 to {len(spec.classes) - 1}, "
            f"and no other; it reaches {sorted(set(spec.target.values()))}"
        )
