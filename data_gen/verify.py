"""Comparison of a data set on disk with the same data made again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.foundation.progress import Progress, silent
from data_gen.generator import Chunk, Generator
from data_gen.manifest import Digester, Manifest, SplitRecord, is_official, read_manifest
from data_gen.readers import DamagedError, ReadChunk, environment_number, read_rows, take
from data_gen.sampler import MISSING
from data_gen.sources import KNOWN, load_sources
from data_gen.spec import Spec
from data_gen.spec_files import spec_from
from data_gen.splits import Split
from data_gen.workers import Count, over_splits


def open_for_verifying(folder: Path, *, given: Sequence[str] = ()) -> tuple[Manifest, Generator]:
    """Return the manifest in `folder`, and the generator that should have made the data."""
    manifest = read_manifest(folder)
    spec = spec_from(manifest.spec, where=f"{folder / 'benchmark.json'}: spec")
    if spec.digest != manifest.spec_digest:
        raise DGBenchError(
            f"{str(folder)!r}: the spec in benchmark.json has SHA-256 {spec.digest}, the file says "
            f"{manifest.spec_digest}. One of them was changed."
        )
    if set(manifest.sources) != set(spec.sources):
        raise DGBenchError(
            f"{str(folder)!r}: benchmark.json records the sources {sorted(manifest.sources)}, its "
            f"spec names {sorted(spec.sources)}. One of them was changed."
        )
    sources = load_sources(spec.sources, given=[*_other_sources(folder, manifest, given), *given])
    for name, record in manifest.sources.items():
        if sources[name].digest != record.digest:
            raise DGBenchError(
                f"{str(folder)!r} was made from {record.name!r} with SHA-256 {record.digest}; the "
                f"one on this machine has {sources[name].digest}. Give the right one with --source."
            )
    generator = Generator(spec, sources, seed=manifest.seed, multiply=manifest.multiply)
    return manifest, generator


def _other_sources(folder: Path, manifest: Manifest, given: Sequence[str]) -> Iterator[str]:
    """Yield the known sources in the place of the spec's own, as `load_sources` takes them."""
    for name, record in manifest.sources.items():
        if record.name in KNOWN and record.name != name:
            yield f"{name}={record.name}"
        elif record.name not in KNOWN and name in KNOWN and not given:
            raise UsageError(
                f"{str(folder)!r} was made from glyphs of your own, {record.name!r}. Say where "
                "they are with --source DIR."
            )


def differences(
    folder: Path,
    manifest: Manifest,
    generator: Generator,
    *,
    jobs: int | None = None,
    progress: Progress = silent,
) -> list[str]:
    """Name everything that differs, a sentence each. The list is empty if nothing does."""
    problems = [
        f"split {name!r} is listed in benchmark.json, but {manifest.benchmark} has no such split"
        for name in manifest.splits
        if name not in generator.splits
    ]
    if manifest.benchmark != generator.spec.id:
        problems.append(
            f"benchmark.json names {manifest.benchmark!r}, its spec is {generator.spec.id!r}"
        )
    if manifest.official and not is_official(generator):
        problems.append(
            "benchmark.json says official, but no benchmark registered here has this spec with "
            "these sources, seed and size"
        )
    # Aliases that follow from the spec without being listed may have come later than the data.
    spec, given = generator.spec, manifest.aliases.items()
    if not spec.listed_aliases.items() <= given <= spec.aliases.items():
        problems.append("the aliases in benchmark.json are not those of the spec")
    compare = partial(compare_split, folder=folder, manifest=manifest)
    for split_problems in over_splits(compare, generator, jobs=jobs, progress=progress).values():
        problems.extend(split_problems)
    return problems


def compare_split(
    generator: Generator, split: Split, count: Count, *, folder: Path, manifest: Manifest
) -> list[str]:
    """Compare one split with its files and its entry in `benchmark.json`, and name what differs."""
    where = f"split {split.name!r}"
    record = manifest.splits.get(split.name)
    if record is None:
        return [f"{where} is missing from benchmark.json"]
    rows = read_rows(folder, generator.spec, split.name, manifest.layout)
    digester = Digester(is_labelled=split.is_labelled)
    mismatches: dict[str, _Mismatch] = {}
    position = 0
    try:
        for _, expected in generator.chunks(split):
            digester.add(expected)
            stored = take(rows, len(expected.labels))
            if stored is None or len(stored.images) < len(expected.labels):
                n_read = position + (0 if stored is None else len(stored.images))
                return [f"{where} ends after {n_read} of {len(split)} images"]
            for column, differing in _unequal(generator.spec, expected, stored, split):
                first = position + int(differing[0])
                mismatches.setdefault(column, _Mismatch(first)).n_images += len(differing)
            position += len(expected.labels)
            count(len(expected.labels))
        if next(rows, None) is not None:
            return [f"{where} has more than {len(split)} images"]
    except DamagedError as error:
        return [f"{where}: {error}"]
    return [
        f"{where}: {problem}"
        for problem in (*_sentences(mismatches), *_other_digests(digester.record(), record))
    ]


@dataclass
class _Mismatch:
    """Images in which one column differs."""

    first: int
    """The row of the first one."""
    n_images: int = 0


def _sentences(mismatches: Mapping[str, _Mismatch]) -> Iterator[str]:
    for column, mismatch in mismatches.items():
        yield (
            f"{column} differ(s) in {mismatch.n_images} image(s), the first is row {mismatch.first}"
        )


def _other_digests(derived: SplitRecord, record: SplitRecord) -> Iterator[str]:
    for name in ("n_images", "pixels", "labels", "factors"):
        if getattr(derived, name) != getattr(record, name):
            yield f"the {name} digest in benchmark.json is not that of the data made again"


def _unequal(
    spec: Spec, expected: Chunk, stored: ReadChunk, split: Split
) -> Iterator[tuple[str, np.ndarray[tuple[int], np.dtype[np.int64]]]]:
    """Yield each column that differs, with the rows in which it does."""
    labels = expected.labels if split.is_labelled else np.full_like(expected.labels, MISSING)
    expected_columns = {"label": labels, **expected.values, "source_index": expected.source_index}
    if spec.environments:
        environment = environment_number(spec, expected.environment)
        expected_columns["environment"] = np.full(len(labels), environment)
    differs = {
        "image": (expected.images != stored.images).any(axis=(1, 2, 3)),
        **{name: column != stored.columns[name] for name, column in expected_columns.items()},
    }
    for name, rows in differs.items():
        if rows.any():
            yield f"column {name!r}", np.flatnonzero(rows)
