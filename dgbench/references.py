"""Reference values of a benchmark: how well one pattern alone can be learnt, and what ERM does.

They are kept beside the spec, outside every digest of the data.
"""

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any, Literal

from pydantic import Field

from data_gen.foundation.documents import Frozen, Upgrade, read_versioned
from data_gen.foundation.errors import DGBenchError
from data_gen.spec import Spec
from data_gen.spec_files import companion_of
from dgbench.benchmarks import Benchmark

SUFFIX = ".reference.json"

Accuracy = Annotated[float, Field(ge=0, le=1)]
Accuracies = Annotated[tuple[Accuracy, ...], Field(min_length=1)]
"""One for each seed."""


class Oracle(Frozen):
    """Accuracies of ERM trained where one pattern p alone is kept."""

    only: Accuracies
    """On `only.<p>`."""
    solo: dict[str, Accuracies] = {}
    """On each `solo.<p>.<rendering>` that the spec lists, by canonical name."""
    probe: Accuracies | None = None
    """Of a linear probe of p's value on the features, null where the spec lacks `none`."""
    untrained_probe: Accuracies | None = None
    """The same of the network before its training."""


class Reference(Frozen):
    """Reference values for one backbone and budget."""

    schema_version: Literal[2] = 2
    benchmark: str
    spec_digest: str
    sources: dict[str, str]
    """Digest of each source."""
    generator_seed: int
    backbone: str
    steps: int
    batch_size: int
    seeds: tuple[int, ...]
    oracles: dict[str, Oracle]
    """By pattern."""
    erm: dict[str, Accuracies]
    """Accuracy of ERM on every test domain."""
    command: str
    """The command that makes these values again."""

    @property
    def ceilings(self) -> Mapping[str, float]:
        """The ceiling of each pattern on `only.<p>`: the mean over seeds."""
        return {name: fmean(oracle.only) for name, oracle in self.oracles.items()}

    @property
    def solo_ceilings(self) -> Mapping[str, Mapping[str, float]]:
        """The ceilings of each pattern on `solo.<p>.<rendering>`, by canonical name."""
        return {
            name: {domain: fmean(values) for domain, values in oracle.solo.items()}
            for name, oracle in self.oracles.items()
        }

    @property
    def probes(self) -> Mapping[str, float]:
        """The accuracy of a linear probe of each pattern on its oracle's features."""
        return {n: fmean(oracle.probe) for n, oracle in self.oracles.items() if oracle.probe}

    @property
    def untrained(self) -> Mapping[str, float]:
        """The same on the features of the network before its training."""
        return {
            name: fmean(oracle.untrained_probe)
            for name, oracle in self.oracles.items()
            if oracle.untrained_probe
        }

    @property
    def erm_id(self) -> float:
        """The mean accuracy of ERM in the training domain, or 0 without a domain `id`."""
        return fmean(self.erm["id"]) if "id" in self.erm else 0.0


def _with_oracles(document: dict[str, Any]) -> dict[str, Any]:
    """Turn a document of version 1 into one of version 2: it knows the accuracy on `only.<p>`."""
    oracles = document.get("oracles")
    if isinstance(oracles, dict):  # a damaged document is for the model to refuse
        oracles = {name: {"only": values} for name, values in oracles.items()}
    return {**document, "schema_version": 2, "oracles": oracles}


UPGRADES: dict[int, Upgrade] = {1: _with_oracles}
"""By schema version, what makes the next one of reference values."""


def read_reference(text: str | bytes, *, name: str) -> Reference:
    """Read a file of reference values. Errors call it `name`.

    Raises DGBenchError if it is of a newer version, and ValueError if it is damaged.
    """
    return read_versioned(Reference, text=text, name=name, upgrades=UPGRADES)


def reference_of(
    spec: Spec, sources: Mapping[str, str], *, beside: Path | None = None
) -> Reference | None:
    """The reference values that hold for a spec and these source digests, if there are any.

    They are looked up beside the specs of the installed packages, or in the folder of the spec
    file `beside`.
    """
    companion = companion_of(spec, SUFFIX, beside=beside)
    if companion is None:
        return None
    try:
        reference = read_reference(companion.text, name=f"The file {companion.name!r}")
    except ValueError as error:
        raise DGBenchError(
            f"The reference values of {spec.id} are damaged at {error}. `dgbench ceilings` makes "
            "them again."
        ) from error
    if reference.spec_digest != spec.digest or reference.sources != dict(sources):
        return None
    if not _fits(reference, spec):
        raise DGBenchError(
            f"The reference values of {spec.id} are not of its domains and patterns. "
            "`dgbench ceilings` makes them again."
        )
    check_above_chance(reference, spec)
    return reference


def _fits(reference: Reference, spec: Spec) -> bool:
    """Whether the values are of all domains and patterns of a spec.

    Those of version 1 lack the domains in which a pattern is alone.
    """
    if set(reference.erm) != {test.name for test in spec.test_domains}:
        return False
    if not spec.hidden:
        return True
    return set(reference.oracles) == set(spec.entries) and all(
        set(oracle.solo) in (set(), set(spec.solo_domains(name)))
        for name, oracle in reference.oracles.items()
    )


def check_above_chance(reference: Reference, spec: Spec) -> None:
    """Raise DGBenchError if scores would be divided by a value that is no better than guessing."""
    chance = 1 / len(spec.classes)
    if spec.hidden and reference.erm_id <= chance:
        raise DGBenchError(
            f"After {reference.steps} steps ERM on 'id' is right on {reference.erm_id:.1%} of the "
            f"images, no more than by chance: nothing can be scored against that in {spec.id}. "
            "Run `dgbench ceilings` with more steps."
        )


def reference_for(benchmark: Benchmark, asked: str) -> Reference | None:
    """The reference values that hold for an open benchmark, which was opened as `asked`."""
    path = Path(asked)
    digests = {name: source.digest for name, source in benchmark.sources.items()}
    beside = path if path.suffix in (".yaml", ".yml") else None
    return reference_of(benchmark.spec, digests, beside=beside)
