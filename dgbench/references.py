"""Reference values of a benchmark: how well one pattern alone can be learnt, and what ERM does.

They are kept beside the spec, outside every digest of the data.
"""

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from data_gen.foundation.documents import Frozen, read_versioned
from data_gen.foundation.errors import DGBenchError
from data_gen.registry import spec_folders
from data_gen.spec import Spec
from dgbench.benchmarks import Benchmark

SUFFIX = ".reference.json"

Accuracy = Annotated[float, Field(ge=0, le=1)]


class Reference(Frozen):
    """Reference values for one backbone and budget, with an accuracy for each seed."""

    schema_version: Literal[1] = 1
    benchmark: str
    spec_digest: str
    sources: dict[str, str]
    """Digest of each source."""
    generator_seed: int
    backbone: str
    steps: int
    batch_size: int
    seeds: tuple[int, ...]
    oracles: dict[str, tuple[Accuracy, ...]]
    """Accuracy on `only.<p>` of ERM trained where only p is kept, by pattern."""
    erm: dict[str, tuple[Accuracy, ...]]
    """Accuracy of ERM on every test domain."""
    command: str
    """The command that makes these values again."""

    @property
    def ceilings(self) -> Mapping[str, float]:
        """The ceiling of each pattern: the mean over seeds."""
        return {name: sum(values) / len(values) for name, values in self.oracles.items()}

    @property
    def erm_id(self) -> float:
        """The mean accuracy of ERM in the training domain, or 0 without a domain `id`."""
        values = self.erm.get("id", ())
        return sum(values) / len(values) if values else 0.0


def reference_of(
    spec: Spec, sources: Mapping[str, str], *, beside: Path | None = None
) -> Reference | None:
    """The reference values that hold for a spec and these source digests, if there are any.

    They are looked up beside the specs of the installed packages, or in the folder of the spec
    file `beside`.
    """
    text = _text(beside.parent / _file_name(spec)) if beside else _installed(spec)
    if text is None:
        return None
    try:
        reference = read_versioned(Reference, text=text, name=f"The file {_file_name(spec)!r}")
    except ValueError as error:
        raise DGBenchError(
            f"The reference values of {spec.id} are damaged at {error}. `dgbench ceilings` makes "
            "them again."
        ) from error
    if reference.spec_digest != spec.digest or reference.sources != dict(sources):
        return None
    if set(reference.erm) != {test.name for test in spec.test_domains} or (
        spec.hidden and set(reference.oracles) != set(spec.entries)
    ):
        raise DGBenchError(
            f"The reference values of {spec.id} are not of its domains and patterns. "
            "`dgbench ceilings` makes them again."
        )
    check_above_chance(reference, spec)
    return reference


def check_above_chance(reference: Reference, spec: Spec) -> None:
    """Raise DGBenchError if scores would be divided by a value that is no better than guessing."""
    chance = 1 / len(spec.classes)
    values = {f"the oracle of {name}": value for name, value in reference.ceilings.items()}
    if spec.hidden:
        values["ERM on 'id'"] = reference.erm_id
    for what, value in values.items():
        if value <= chance:
            raise DGBenchError(
                f"After {reference.steps} steps {what} is right on {value:.1%} of the images, no "
                f"more than by chance: nothing can be scored against that in {spec.id}. Run "
                "`dgbench ceilings` with more steps."
            )


def reference_for(benchmark: Benchmark, asked: str) -> Reference | None:
    """The reference values that hold for an open benchmark, which was opened as `asked`."""
    path = Path(asked)
    digests = {name: source.digest for name, source in benchmark.sources.items()}
    beside = path if path.suffix in (".yaml", ".yml") else None
    return reference_of(benchmark.spec, digests, beside=beside)


def _file_name(spec: Spec) -> str:
    return f"{spec.name}{SUFFIX}"


def _installed(spec: Spec) -> str | None:
    for folder in spec_folders():
        text = _text(folder / _file_name(spec))
        if text is not None:
            return text
    return None


def _text(file: Traversable | Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None
