"""Domains: the states of all patterns in a test set, and the names of these.

- `id` keeps every pattern.
- `mp.p.r` shows rendering r in the place of p.
- `solo.p.r` keeps p and shows rendering r in the place of every other pattern.
- `up.p` makes p uncorrelated, `cp.p` makes it conflicting. Both keep the others.
- `only.p` keeps p and makes all others uncorrelated.
- `none` makes all patterns uncorrelated.
- `conflict` lets every pattern point to a different class.
- `f.<bits>` says kept (1) or uncorrelated (0) for each pattern, in the spec's order.
- `env.e` is one environment.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, get_args

from data_gen.foundation.errors import UsageError
from data_gen.pattern import Rendering

State = Literal["kept", "uncorrelated", "conflicting", "mean", "neutral", "absent"]
"""State of one pattern. The last three are the renderings of a missing pattern."""

RENDERINGS: tuple[Rendering, ...] = get_args(Rendering)
FAMILIES = ("id", "mp", "solo", "up", "only", "cp", "conflict", "none", "f", "env")
"""The families of names, in the order in which one of them becomes a domain's canonical name."""


@dataclass(frozen=True, kw_only=True)
class Domain:
    """The states of all patterns. Two domains with the same states are one domain."""

    changed: tuple[tuple[str, State], ...] = ()
    """Every pattern that is not kept, with its state, by name."""
    is_conflict: bool = False
    """Whether all patterns point to different classes. If so, `changed` is empty."""
    environment: str | None = None

    def state(self, pattern: str) -> State:
        """The state of one pattern."""
        return dict(self.changed).get(pattern, "kept")

    @property
    def key(self) -> str:
        """The domain's name in random streams. A pattern that is kept adds nothing to it."""
        if self.is_conflict:
            return "conflict"
        states = [f"{pattern}={state}" for pattern, state in self.changed]
        return ",".join([*states, *([f"env={self.environment}"] if self.environment else [])])


def domain_of(states: Mapping[str, State]) -> Domain:
    """Return the domain with these states. Patterns without a state are kept."""
    return Domain(
        changed=tuple(sorted((name, state) for name, state in states.items() if state != "kept"))
    )


def parse_domain(
    name: str,
    *,
    patterns: Mapping[str, frozenset[Rendering]],
    environments: Sequence[str] = (),
) -> Domain:
    """Return the domain that a name means, given the patterns in the spec's order."""
    match name.split("."):
        case ["conflict"]:
            return Domain(is_conflict=True)
        case ["env", environment] if environment in environments:
            return Domain(environment=environment)
        case parts:
            states = _states(parts, patterns)
    if states is None:
        raise UsageError(
            f"{name!r} names no domain of the patterns {', '.join(patterns)}. Names are id, "
            "mp.<pattern>.<rendering>, solo.<pattern>.<rendering>, up.<pattern>, only.<pattern>, "
            "cp.<pattern>, conflict, none, f.<bits> and env.<environment>, with a rendering that "
            f"the patterns allow{_not_allowed(name.split('.'), patterns)}."
        )
    return domain_of(states)


def _states(
    parts: list[str], patterns: Mapping[str, frozenset[Rendering]]
) -> dict[str, State] | None:
    """Return the states of the patterns that are not kept, or None for an unknown name."""
    match parts:
        case ["id"]:
            return {}
        case ["none"]:
            return dict.fromkeys(patterns, "uncorrelated")
        case ["mp", pattern, "mean" | "neutral" | "absent" as rendering]:
            return {pattern: rendering} if rendering in patterns.get(pattern, ()) else None
        case ["solo", pattern, "mean" | "neutral" | "absent" as rendering]:
            allowed = rendering in solo_renderings(pattern, patterns)
            return {other: rendering for other in patterns if other != pattern} if allowed else None
        case ["up" | "cp" as family, pattern] if pattern in patterns:
            return {pattern: "uncorrelated" if family == "up" else "conflicting"}
        case ["only", pattern] if pattern in patterns:
            return {other: "uncorrelated" for other in patterns if other != pattern}
        case ["f", bits] if len(bits) == len(patterns) and set(bits) <= {"0", "1"}:
            return {
                pattern: "uncorrelated"
                for pattern, bit in zip(patterns, bits, strict=True)
                if bit == "0"
            }
    return None


def solo_renderings(
    pattern: str, patterns: Mapping[str, frozenset[Rendering]]
) -> tuple[Rendering, ...]:
    """The renderings that all patterns but one allow: one domain `solo.<pattern>.r` for each."""
    others = [allowed for name, allowed in patterns.items() if name != pattern]
    if pattern not in patterns or not others:
        return ()
    return tuple(rendering for rendering in RENDERINGS if all(rendering in o for o in others))


def _not_allowed(parts: list[str], patterns: Mapping[str, frozenset[Rendering]]) -> str:
    """Name the pattern that keeps a domain `solo.p.r` from being drawn, if that is the reason."""
    match parts:
        case ["solo", pattern, "mean" | "neutral" | "absent" as rendering] if pattern in patterns:
            others = {name: allowed for name, allowed in patterns.items() if name != pattern}
            lacking = [name for name, allowed in others.items() if rendering not in allowed]
            return f"; {lacking[0]!r} is never {rendering!r}" if lacking else ""
    return ""


def expand(
    name: str,
    *,
    patterns: Mapping[str, frozenset[Rendering]],
    environments: Sequence[str] = (),
) -> Iterator[str]:
    """Yield all names that a family such as `up.*` stands for, or the name itself."""
    match name.split("."):
        case ["mp" | "solo" as family, "*"]:
            for pattern in patterns:
                yield from _renderings_of(family, pattern, patterns)
        case ["mp" | "solo" as family, pattern, "*"] if pattern in patterns:
            yield from _renderings_of(family, pattern, patterns)
        case ["up" | "only" | "cp" as family, "*"]:
            yield from (f"{family}.{pattern}" for pattern in patterns)
        case ["f", "*"]:
            yield from ("f." + "".join(bits) for bits in product("10", repeat=len(patterns)))
        case ["env", "*"]:
            yield from (f"env.{environment}" for environment in environments)
        case _:
            yield name


def _renderings_of(
    family: str, pattern: str, patterns: Mapping[str, frozenset[Rendering]]
) -> Iterator[str]:
    """Yield the names `mp.<pattern>.r` or `solo.<pattern>.r` for every rendering r."""
    if family == "mp":
        renderings = [rendering for rendering in RENDERINGS if rendering in patterns[pattern]]
    else:
        renderings = list(solo_renderings(pattern, patterns))
        if not renderings:
            raise UsageError(
                f"'solo.{pattern}.*' stands for no domain: the patterns other than {pattern!r} "
                "have no rendering in common. List one that all of them allow, or leave it out."
            )
    yield from (f"{family}.{pattern}.{rendering}" for rendering in renderings)
