"""A benchmark as a validated, immutable document, read from YAML."""

import hashlib
import json
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from data_gen.domain import FAMILIES, RENDERINGS, Domain, expand, parse_domain
from data_gen.errors import DGBenchError, UsageError, suggestion
from data_gen.pattern import Pattern, Rendering
from data_gen.patterns.shape import Shape
from data_gen.registry import Carrier, problem_sentence, spec_files

CLASS = "class"
"""The parent of a pattern that depends on the class directly."""

SnakeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
KebabName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PatternEntry(Carrier):
    """One pattern of a benchmark: how it correlates, and what carries it."""

    name: SnakeName
    """Column name in the data and part of the domains' names."""
    rho: Annotated[float, Field(ge=0, le=1)]
    """Predictivity: P(the pattern shows its parent's value) in training, at least 1/K."""
    parent: str = CLASS
    """`class`, or the pattern whose value this one follows."""
    block: Annotated[int, Field(ge=0)] = 0
    """The block of the canvas that shows it, counted by rows."""
    renderings: tuple[Rendering, ...] = RENDERINGS
    """The ways in which it may be missing in this benchmark."""

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name in ("image", "label", "source_index", "environment", CLASS):
            raise ValueError(f"the name {name!r} is taken by a column of the data set; choose another")
        return name


class Grid(_Frozen):
    """The canvas: equal square blocks in rows and columns."""

    rows: Annotated[int, Field(ge=1, le=8)] = 1
    columns: Annotated[int, Field(ge=1, le=8)] = 1
    block: Annotated[int, Field(ge=8, le=256)] = 28
    """Side of a block, in pixels."""
    shuffled: bool = False
    """Whether the blocks change places from image to image."""

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return self.rows * self.columns


class Environment(_Frozen):
    """One training or test environment: what differs in it from the patterns' entries."""

    name: SnakeName
    held_out: bool = False
    """Whether it is kept out of training."""
    rho: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    """Predictivity of some patterns here; below 1/K the correlation is reversed."""
    look: dict[str, dict[str, Any]] = {}
    """Fields of some patterns' looks that differ here."""


class Budget(_Frozen):
    """How long a method may train."""

    steps: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]


class TestDomain(NamedTuple):
    """A test domain under its canonical name."""

    name: str
    domain: Domain
    is_small: bool
    """Whether it is rendered on the fixed subset of test digits only."""


class Spec(_Frozen):
    """What a benchmark is. Any change to it changes its digest, and asks for a new version."""

    name: KebabName
    version: Annotated[int, Field(ge=1)]
    summary: str
    """One sentence for the list of benchmarks."""
    source: str
    """Where the grey glyphs come from."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the generator for the official data."""
    classes: Annotated[tuple[str, ...], Field(min_length=2)]
    """Names of the K classes."""
    target: dict[int, int] | None = None
    """Class of each label of the source (others are left out); by default they are the same."""
    validation: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Share of the training digits held out for validation."""
    unlabelled_ood: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the training digits held out as unlabelled data with no correlations."""
    grid: Grid = Grid()
    patterns: Annotated[tuple[PatternEntry, ...], Field(min_length=1)]
    """In drawing order; the bits of `f.<bits>` follow it too."""
    hidden: tuple[str, ...] = ()
    """The patterns whose discovery is scored: all that a dominant one hides."""
    domains: tuple[str, ...]
    """Names or families of the test domains on all test digits."""
    small_domains: tuple[str, ...] = ()
    """Names or families of the test domains on `small_size` evenly spaced test digits."""
    small_size: Annotated[int, Field(ge=1)] = 2000
    environments: tuple[Environment, ...] = ()
    budget: Budget

    @property
    def id(self) -> str:
        """Full name with version, such as `mnist-color@1`."""
        return f"{self.name}@{self.version}"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of all fields."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def entries(self) -> dict[str, PatternEntry]:
        """The patterns by name, in the spec's order."""
        return {entry.name: entry for entry in self.patterns}

    @property
    def shape(self) -> PatternEntry:
        """The entry of the source glyph's own shape."""
        return next(entry for entry in self.patterns if isinstance(entry.look, Shape))

    @property
    def sources(self) -> tuple[str, ...]:
        """All sources, the benchmark's own first."""
        k = len(self.classes)
        further = (name for entry in self.patterns for name in entry.look.glyphs_needed(k))
        return tuple(dict.fromkeys([self.source, *further]))

    @property
    def training_environments(self) -> tuple[str, ...]:
        """The environments that are not held out."""
        return tuple(env.name for env in self.environments if not env.held_out)

    def domain(self, name: str) -> Domain:
        """The domain that a name means here, listed or not."""
        return parse_domain(
            name,
            patterns={entry.name: frozenset(entry.renderings) for entry in self.patterns},
            environments=[environment.name for environment in self.environments],
        )

    def within(self, environment: str | None) -> dict[str, PatternEntry]:
        """The patterns as they are in one environment."""
        found = {env.name: env for env in self.environments}.get(environment or "")
        if found is None:
            return self.entries
        entries = {}
        for name, entry in self.entries.items():
            look = {**entry.look.model_dump(), **found.look.get(name, {})}
            changes = {
                "rho": found.rho.get(name, entry.rho),
                "look": type(entry.look).model_validate(look),
            }
            entries[name] = entry.model_copy(update=changes)
        return entries

    @cached_property
    def listed_names(self) -> dict[str, bool]:
        """Every listed domain name, families expanded, with whether its digits are the subset."""
        patterns = {entry.name: frozenset(entry.renderings) for entry in self.patterns}
        environments = [environment.name for environment in self.environments]
        names: dict[str, bool] = {}
        for listed, is_small in ((self.domains, False), (self.small_domains, True)):
            for token in listed:
                for name in expand(token, patterns=patterns, environments=environments):
                    names.setdefault(name, is_small)
        return names

    @cached_property
    def test_domains(self) -> tuple[TestDomain, ...]:
        """The test domains, each once, under its canonical name."""
        found: dict[Domain, TestDomain] = {}
        # Stable: within a family the spec's order stays; a domain on all digits comes first.
        names = sorted(
            self.listed_names,
            key=lambda name: (self.listed_names[name], FAMILIES.index(name.split(".")[0])),
        )
        for name in names:
            domain = self.domain(name)
            found.setdefault(domain, TestDomain(name, domain, self.listed_names[name]))
        return tuple(found.values())

    @cached_property
    def aliases(self) -> dict[str, str]:
        """The other listed names of the test domains, each with its canonical one."""
        canonical = {test.domain: test.name for test in self.test_domains}
        pairs = {name: canonical[self.domain(name)] for name in self.listed_names}
        return {name: target for name, target in pairs.items() if name != target}

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for check in (_check_patterns, _check_parents, _check_blocks, _check_hidden,
                      _check_environments, _check_domains, _check_target):  # fmt: skip
            check(self)
        return self


def _check_patterns(spec: Spec) -> None:
    names = Counter(entry.name for entry in spec.patterns)
    if repeated := [name for name, count in names.items() if count > 1]:
        raise ValueError(f"two patterns are called {repeated[0]!r}")
    n_shapes = sum(isinstance(entry.look, Shape) for entry in spec.patterns)
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


def _check_parents(spec: Spec) -> None:
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
        raise ValueError(f"pattern {spec.shape.name!r} is the source glyph; its parent is the class")


def _check_blocks(spec: Spec) -> None:
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


def _check_hidden(spec: Spec) -> None:
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


def _check_environments(spec: Spec) -> None:
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


def _check_domains(spec: Spec) -> None:
    families = {test.name.split(".")[0] for test in spec.test_domains}
    if spec.environments and families != {"env"}:
        raise ValueError("a benchmark with environments is tested on env.<environment> domains only")
    if "conflict" in families and len(spec.patterns) > len(spec.classes):
        raise ValueError(
            f"conflict needs a class a pattern: {len(spec.patterns)} patterns, "
            f"{len(spec.classes)} classes"
        )
    if not spec.environments and "id" not in families:
        raise ValueError("domains: 'id' is missing; every score is relative to it")


def _check_target(spec: Spec) -> None:
    if spec.target is not None and set(spec.target.values()) != set(range(len(spec.classes))):
        raise ValueError(
            f"target must reach every class from 0 to {len(spec.classes) - 1}, "
            f"and no other; it reaches {sorted(set(spec.target.values()))}"
        )


class _UniqueKeyLoader(yaml.CSafeLoader):
    """YAML that refuses a repeated key instead of keeping the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value)
        if repeated := [key for key, count in keys.items() if count > 1]:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {repeated[0]!r} stands here twice", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


def parse_spec(text: str, *, where: str) -> Spec:
    """The spec in a YAML text; `where` names it in errors."""
    try:
        document = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not readable"
        raise UsageError(f"{where}:{line} is not valid YAML: {problem}.") from error
    return spec_from(document, where=where)


def spec_from(document: Any, *, where: str) -> Spec:
    """The spec in a parsed document (from YAML or a data set's `benchmark.json`)."""
    if not isinstance(document, dict):
        raise UsageError(f"{where}: expected a mapping of the spec's keys.")
    try:
        return Spec.model_validate(document)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        location = ".".join(map(str, problem["loc"]))
        sentence = problem_sentence(problem)
        if problem["type"] == "extra_forbidden":
            models = (Spec, PatternEntry, Grid, Environment, Budget)
            known = {field for model in models for field in model.model_fields}
            sentence += f". {suggestion(str(problem['loc'][-1]), known)}"
        at = f" {location}:" if location else ""
        raise UsageError(f"{where}:{at} {sentence.rstrip('.')}.") from error


def read_spec(path: Path) -> Spec:
    """The spec in a YAML file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read the spec {str(path)!r}: {error}.") from error
    return parse_spec(text, where=str(path))


def registered() -> dict[str, dict[str, Any]]:
    """The registered benchmarks by id, as plain unvalidated documents, newest version last."""
    found: dict[str, dict[str, Any]] = {}
    for file in spec_files():
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
        try:
            identity = f"{document['name']}@{document['version']}"
        except (TypeError, KeyError) as error:
            raise DGBenchError(f"{file}: the spec has no name and version.") from error
        if identity in found:
            raise DGBenchError(f"{file}: the benchmark {identity!r} is registered twice.")
        found[identity] = document
    return dict(sorted(found.items(), key=lambda item: (item[1]["name"], item[1]["version"])))


def find_spec(name: str) -> Spec:
    """The registered benchmark with this name; a bare name means its newest version."""
    known = registered()
    newest = {str(document["name"]): identity for identity, document in known.items()}
    identity = newest.get(name, name)
    if identity not in known:
        raise UsageError(
            f"No benchmark is called {name!r}. {suggestion(name, newest)} "
            "`dgbench benchmarks` lists them all."
        )
    return spec_from(known[identity], where=identity)


def look_of(kind: str, **fields: Any) -> Pattern:
    """A pattern by its kind, with these fields."""
    return Carrier.model_validate({"kind": kind, "look": fields}).look
