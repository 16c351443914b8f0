"""`benchmark.json`: the identity of a data set on disk, and the digests that prove it."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from data_gen.formats import Format, is_of_image_folder, split_path
from data_gen.foundation.documents import Frozen, digest_of, read_versioned
from data_gen.foundation.errors import DGBenchError
from data_gen.generator import Chunk, Generator
from data_gen.sampler import MISSING
from data_gen.sources import Source
from data_gen.spec_files import registered, spec_from

MANIFEST = "benchmark.json"
CARD = "README.md"
PICTURE = "preview.png"


class SourceRecord(Frozen):
    """Where the glyphs came from."""

    name: str
    digest: str
    """SHA-256 over the source's decoded arrays."""


class SplitRecord(Frozen):
    """One split: its size, and SHA-256 digests of what it holds."""

    n_images: int
    pixels: str
    """Of the uint8 array (n, height, width, 3)."""
    labels: str
    """Of the labels as little-endian int16. -1 stands for no label."""
    factors: str
    """Of the digests of all other columns: patterns, environment, source index."""


class Manifest(Frozen):
    """The contents of `benchmark.json`."""

    format_version: Literal[1] = 1
    benchmark: Annotated[str, Field(pattern=r"^[a-z0-9-]+@[0-9]+$")]
    """Full name of the benchmark."""
    official: bool
    """Whether spec, sources and seed are the published ones, as the leaderboard demands."""
    spec_digest: str
    spec: dict[str, Any]
    sources: dict[str, SourceRecord]
    """By the name that the spec uses."""
    seed: Annotated[int, Field(ge=0)]
    multiply: Annotated[int, Field(ge=1)]
    """How often each training glyph was drawn."""
    layout: Format
    generator_version: str
    aliases: dict[str, str]
    """Other names of test splits, with the canonical ones."""
    splits: dict[str, SplitRecord]

    def has_file(self, place: Path) -> bool:
        """Whether a path, relative to the data set, is within a split of an image folder."""
        split, *within = place.parts
        is_split = self.layout == "imagefolder" and split in self.splits
        return is_split and is_of_image_folder(within)

    def owned_paths(self, folder: Path) -> set[Path]:
        """The files, and for image folders the directories, that belong to the data set."""
        splits = (split_path(folder, name, self.layout) for name in self.splits)
        return {folder / MANIFEST, folder / CARD, folder / PICTURE, *splits}

    def is_same_data(self, other: "Manifest") -> bool:
        """Whether the same request made both."""
        fields = ("spec_digest", "sources", "seed", "multiply", "layout")
        return all(getattr(self, name) == getattr(other, name) for name in fields)


def request_of(generator: Generator, layout: Format, version: str) -> Manifest:
    """The manifest of a data set before its splits are made."""
    spec = generator.spec
    return Manifest(
        benchmark=spec.id,
        official=is_official(generator),
        spec_digest=spec.digest,
        spec=spec.model_dump(mode="json"),
        sources={
            name: SourceRecord(name=source.name, digest=source.digest)
            for name, source in generator.sources.items()
        },
        seed=generator.seed,
        multiply=generator.multiply,
        layout=layout,
        generator_version=version,
        aliases=spec.aliases,
        splits={},
    )


def is_official(generator: Generator) -> bool:
    """Whether the spec is a registered one and sources, seed and size are those it names."""
    spec = generator.spec
    published = registered().get(spec.id)
    return (
        published is not None
        and spec_from(published, where=spec.id).digest == spec.digest
        and generator.seed == spec.seed
        and generator.multiply == 1
        and all(_is_named(name, source) for name, source in generator.sources.items())
    )


def _is_named(name: str, source: Source) -> bool:
    return source.name == name and source.is_known


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a data set.

    Raises DGBenchError if it is missing or not valid.
    """
    path = folder / MANIFEST
    try:
        return read_versioned(
            Manifest, text=path.read_bytes(), name=repr(str(path)), version_field="format_version"
        )
    except FileNotFoundError as error:
        raise DGBenchError(
            f"{str(folder)!r} has no {MANIFEST}, so it is not a data set of dgbench."
        ) from error
    except OSError as error:
        raise DGBenchError(f"Cannot read {str(path)!r}: {error}.") from error
    except ValueError as error:
        raise DGBenchError(f"{str(path)!r} is damaged at {error}.") from error


class Digester:
    """Digests of a split. They do not depend on how it is cut into chunks."""

    def __init__(self, *, is_labelled: bool) -> None:
        self._is_labelled = is_labelled
        self._n_images = 0
        self._pixels = hashlib.sha256()
        self._labels = hashlib.sha256()
        self._factors: dict[str, Any] = {}

    def add(self, chunk: Chunk) -> None:
        """Digest some more images."""
        self._n_images += len(chunk.labels)
        self._pixels.update(np.ascontiguousarray(chunk.images).data)
        labels = chunk.labels if self._is_labelled else np.full_like(chunk.labels, MISSING)
        self._labels.update(labels.astype("<i2").tobytes())
        for name, column in _factor_bytes(chunk):
            self._factors.setdefault(name, hashlib.sha256()).update(column)

    def record(self) -> SplitRecord:
        """Return the digests of everything that was added."""
        columns = "".join(f"{name} {self._factors[name].hexdigest()}\n" for name in self._factors)
        return SplitRecord(
            n_images=self._n_images,
            pixels=self._pixels.hexdigest(),
            labels=self._labels.hexdigest(),
            factors=digest_of(columns),
        )


def _factor_bytes(chunk: Chunk) -> Iterator[tuple[str, bytes]]:
    values: Mapping[str, Any] = chunk.values
    for name, column in values.items():
        yield name, column.astype("<i1").tobytes()
    if chunk.environment is not None:
        yield "environment", f"{chunk.environment}\n".encode() * len(chunk.labels)
    yield "source_index", chunk.source_index.astype("<i4").tobytes()
