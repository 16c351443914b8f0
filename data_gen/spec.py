"""A benchmark as a validated, immutable document."""

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, NamedTuple

from pydantic import Field, model_validator

from data_gen import spec_rules
from data_gen.domain import FAMILIES, Domain, expand, parse_domain, solo_renderings
from data_gen.foundation.documents import Frozen, digest_of
from data_gen.pattern import Rendering
from data_gen.spec_parts import Budget, Environment, Grid, PatternEntry

KebabName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]


class TestDomain(NamedTuple):
    """A test domain under its canonical name."""

    name: str
    domain: Domain
    is_small: bool
    """Whether it is rendered on the fixed subset of test digits only."""


class Spec(Frozen):
    """The definition of a benchmark. Any change gives another digest and needs a new version."""

    name: KebabName
    version: Annotated[int, Field(ge=1)]
    summary: str
    """One sentence for the list of benchmarks."""
    about: str = ""
    """Background for readers of the data set card: its origin, and why it is as it is."""
    source: str
    """Source of the grey glyphs."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the generator for the official data."""
    classes: Annotated[tuple[str, ...], Field(min_length=2)]
    """Names of the K classes."""
    target: dict[int, int] | None = None
    """Class of each label of the source. Labels without a class are left out. By default both are
    the same."""
    validation: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Share of the training digits held out for validation."""
    unlabelled_ood: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the training digits held out as unlabelled data with no correlations."""
    grid: Grid = Grid()
    patterns: Annotated[tuple[PatternEntry, ...], Field(min_length=1)]
    """In drawing order, which is also the order of the bits in `f.<bits>`."""
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
        return digest_of(self.canonical)

    @property
    def entries(self) -> dict[str, PatternEntry]:
        """The patterns by name, in the spec's order."""
        return {entry.name: entry for entry in self.patterns}

    @property
    def shape(self) -> PatternEntry:
        """The entry of the source glyph's own shape."""
        return next(entry for entry in self.patterns if entry.look.is_source_glyph)

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

    @property
    def _renderings(self) -> dict[str, frozenset[Rendering]]:
        return {entry.name: frozenset(entry.renderings) for entry in self.patterns}

    def domain(self, name: str) -> Domain:
        """The domain that a name means here, listed or not."""
        return parse_domain(
            name,
            patterns=self._renderings,
            environments=[environment.name for environment in self.environments],
        )

    def within(self, environment: str | None) -> dict[str, PatternEntry]:
        """The patterns as they are in one environment."""
        by_name = {env.name: env for env in self.environments}
        if environment not in by_name:
            return self.entries
        return by_name[environment].applied_to(self.entries)

    @cached_property
    def listed_names(self) -> dict[str, bool]:
        """Every listed domain name, families expanded, with whether its digits are the subset."""
        environments = [environment.name for environment in self.environments]
        names: dict[str, bool] = {}
        for listed, is_small in ((self.domains, False), (self.small_domains, True)):
            for token in listed:
                for name in expand(token, patterns=self._renderings, environments=environments):
                    names.setdefault(name, is_small)
        return names

    @cached_property
    def test_domains(self) -> tuple[TestDomain, ...]:
        """The test domains, each once, under its canonical name."""
        by_domain: dict[Domain, TestDomain] = {}
        # Stable: within a family the spec's order stays; a domain on all digits comes first.
        names = sorted(
            self.listed_names,
            key=lambda name: (self.listed_names[name], FAMILIES.index(name.split(".")[0])),
        )
        for name in names:
            domain = self.domain(name)
            by_domain.setdefault(domain, TestDomain(name, domain, self.listed_names[name]))
        return tuple(by_domain.values())

    @cached_property
    def listed_aliases(self) -> dict[str, str]:
        """The other listed names of the test domains, each with its canonical one."""
        return self._aliases_among(self.listed_names)

    @cached_property
    def aliases(self) -> dict[str, str]:
        """All other names of the test domains, each with its canonical one.

        They are the listed ones, and every `solo.p.r` that is a test domain under another name.
        """
        solo = (name for pattern in self.entries for name in self._solo_names(pattern))
        return self.listed_aliases | self._aliases_among(solo)

    def solo_domains(self, pattern: str) -> tuple[str, ...]:
        """The test domains in which one pattern is kept and all others are missing.

        They are `solo.<pattern>.r` by their canonical names, one for each rendering r that the
        spec lists, and none if it lists none.
        """
        tested = {test.name for test in self.test_domains}
        names = (self.aliases.get(name, name) for name in self._solo_names(pattern))
        return tuple(name for name in names if name in tested)

    def _solo_names(self, pattern: str) -> list[str]:
        renderings = solo_renderings(pattern, self._renderings)
        return [f"solo.{pattern}.{rendering}" for rendering in renderings]

    def _aliases_among(self, names: Iterable[str]) -> dict[str, str]:
        """Return the names that are a test domain under another, the canonical name."""
        canonical = {test.domain: test.name for test in self.test_domains}
        pairs = {name: canonical.get(self.domain(name), name) for name in names}
        return {name: target for name, target in pairs.items() if name != target}

    @model_validator(mode="after")
    def _is_consistent(self) -> "Spec":
        n_classes = len(self.classes)
        # In the order in which the errors help most.
        spec_rules.check_patterns(self.patterns, n_classes=n_classes)
        spec_rules.check_parents(self.entries)
        spec_rules.check_blocks(self.patterns, self.grid)
        spec_rules.check_hidden(self.hidden, self.entries, self.environments)
        spec_rules.check_environments(self.environments, self.entries)
        spec_rules.check_domains(
            {test.name.split(".")[0] for test in self.test_domains},
            n_patterns=len(self.patterns),
            n_classes=n_classes,
            has_environments=bool(self.environments),
        )
        spec_rules.check_target(self.target, n_classes=n_classes)
        return self
