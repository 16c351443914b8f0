"""The profile of a method: F, T and E of every pattern on every benchmark."""

from typing import Literal

from data_gen.foundation.documents import Frozen

ProfileScore = Literal["found", "trusted", "encoded"]


class PatternProfile(Frozen):
    """The scores of one pattern, each null where it has none."""

    pattern: str
    is_hidden: bool
    found: float | None
    """F: 0 at chance, 1 at the ceiling."""
    trusted: float | None
    """T, on the same scale, while all other patterns say something else."""
    encoded: float | None
    """E: 0 for the features of an untrained network, 1 for those of the oracle."""


class BenchmarkProfile(Frozen):
    """The scores of all patterns of one benchmark."""

    benchmark: str
    patterns: tuple[PatternProfile, ...]


class MethodProfile(Frozen):
    """The scores of a method on all benchmarks on which it was run."""

    name: str
    uses: tuple[str, ...]
    benchmarks: tuple[BenchmarkProfile, ...]
