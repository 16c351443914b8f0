"""The published digests of official data, which prove that the right images were scored.

`dgbench digests` writes them into `<name>.digests.json` beside the spec, or `<name>@2.digests.json`
for version 2.
"""

from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import UInt8

from data_gen.foundation.documents import Frozen, digest_of, read_versioned
from data_gen.foundation.errors import DGBenchError
from data_gen.manifest import SplitRecord
from data_gen.sources import KNOWN
from data_gen.spec import Spec
from data_gen.spec_files import Companion, companion_of
from dgbench.benchmarks import Benchmark

SUFFIX = ".digests.json"
LABELS = Path(__file__).parent / "labels"
_NIBBLE = 4


class Published(Frozen):
    """Size and digests of the splits of a benchmark's official data."""

    schema_version: Literal[1] = 1
    benchmark: str
    spec_digest: str
    sources: dict[str, str]
    """Digest of each source, by name."""
    generator_seed: int
    splits: dict[str, SplitRecord]
    """The training split and every test domain, by canonical name."""


def published_of(spec: Spec) -> Published | None:
    """Return the published digests of a spec, or None if it has none.

    Raises DGBenchError if the file is damaged or belongs to another spec.
    """
    companion = companion_of(spec, SUFFIX)
    return _checked(companion, spec) if companion else None


def measure(benchmark: Benchmark) -> Published:
    """Compute the digests of an official benchmark, by rendering every split of it."""
    spec = benchmark.spec
    if not benchmark.official:
        raise DGBenchError(f"The data of {spec.id} on this machine are not the official ones.")
    names = ["train", *benchmark.test_names]
    return Published(
        benchmark=spec.id,
        spec_digest=spec.digest,
        sources={name: source.digest for name, source in benchmark.sources.items()},
        generator_seed=benchmark.seed,
        splits={name: benchmark.load(name).record for name in names},
    )


def labels_of(source: str) -> UInt8[np.ndarray, " n"]:
    """Return the labels of a known source's test glyphs, without the source itself.

    They are stored as two labels in a byte, and checked against the digest of the original array.
    """
    packed = np.frombuffer((LABELS / f"{source}.bin").read_bytes(), np.uint8)
    labels = np.stack([packed >> _NIBBLE, packed & 0xF], axis=1).reshape(-1)
    if digest_of(labels.tobytes()) != KNOWN[source].sha256["test labels"]:
        raise DGBenchError(f"The labels of {source!r} are damaged. Install dgbench again.")
    return labels


def pack_labels(labels: UInt8[np.ndarray, " n"]) -> bytes:
    """Pack an even number of labels below 16 into the bytes that `labels_of` reads."""
    pairs = labels.reshape(-1, 2)
    return bytes((pairs[:, 0] << _NIBBLE | pairs[:, 1]).astype(np.uint8))


def _checked(companion: Companion, spec: Spec) -> Published | None:
    try:
        published = read_versioned(
            Published, text=companion.text, name=f"The file {companion.name}"
        )
    except ValueError as error:
        raise DGBenchError(
            f"The digests of {spec.id} are damaged. `dgbench digests {spec.id}` makes them again."
        ) from error
    if published.benchmark != spec.id:  # version 1 has digests, this version has none
        return None
    if published.spec_digest != spec.digest:
        raise DGBenchError(
            f"The digests of {spec.id} belong to another spec. `dgbench digests {spec.id}` makes "
            "them again."
        )
    return published
