"""A benchmark as training and evaluation see it: splits by name, rendered or read from disk."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int, UInt8
from typing_extensions import override

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.generator import Chunk, Generator
from data_gen.manifest import MANIFEST, Digester, SourceRecord, SplitRecord, is_official
from data_gen.sources import load_sources
from data_gen.spec import Spec
from data_gen.spec_files import find_spec, read_spec
from data_gen.verify import open_for_verifying
from dgbench.decoded import decoded_chunks

Images = UInt8[np.ndarray, "n h w 3"]


class Loaded(NamedTuple):
    """A whole split in memory."""

    images: Images
    labels: Int[np.ndarray, " n"]
    values: dict[str, Int[np.ndarray, " n"]]
    """The value that each pattern shows, or -1 for a missing pattern."""
    image_id: Int[np.ndarray, " n"]
    environment: Int[np.ndarray, " n"]
    """Index into the spec's training environments, or -1 for no such environment."""
    record: SplitRecord
    """Size and digests."""


class Benchmark(ABC):
    """The splits of one benchmark, and what they are made of."""

    spec: Spec
    official: bool
    sources: dict[str, SourceRecord]
    seed: int
    multiply: int

    @abstractmethod
    def chunks(self, name: str) -> Iterator[Chunk]:
        """The images of a split in order, in chunks."""

    @abstractmethod
    def size(self, name: str) -> int:
        """The number of images of a split."""

    def load(self, name: str, *, into: Images | None = None) -> Loaded:
        """Load a whole split with its digests, and write its images `into` an array, if given."""
        if into is None:
            into = np.empty((self.size(name), *self.image_size, 3), np.uint8)
        digester = Digester(is_labelled=name != "unlabelled_ood")
        chunks = []
        # Hashing takes as long as rendering, and releases the interpreter's lock.
        with ThreadPoolExecutor(max_workers=1) as thread:
            digested = []
            start = 0
            for chunk in self.chunks(name):
                digested.append(thread.submit(digester.add, chunk))
                into[start : start + len(chunk.labels)] = chunk.images
                start += len(chunk.labels)
                chunks.append(chunk._replace(images=into[:0]))
            for future in digested:
                future.result()
        training = self.spec.training_environments
        numbers = {name: index for index, name in enumerate(training)}
        return Loaded(
            images=into,
            labels=np.concatenate([chunk.labels for chunk in chunks]),
            values={
                name: np.concatenate([chunk.values[name] for chunk in chunks])
                for name in self.spec.entries
            },
            image_id=np.concatenate([chunk.source_index for chunk in chunks]),
            environment=np.concatenate(
                [np.full(len(c.labels), numbers.get(c.environment or "", -1)) for c in chunks]
            ),
            record=digester.record(),
        )

    def problem_of(self, name: str) -> str:  # noqa: ARG002  (for those that can have one)
        """Why a split cannot be loaded here, empty if it can."""
        return ""

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width."""
        grid = self.spec.grid
        return grid.rows * grid.block, grid.columns * grid.block

    @property
    def test_names(self) -> list[str]:
        """The test domains by their canonical names, in the spec's order."""
        return [test.name for test in self.spec.test_domains]


class Rendered(Benchmark):
    """A benchmark that the generator renders, which is faster than reading it from disk."""

    def __init__(self, generator: Generator) -> None:
        self.spec = generator.spec
        self.official = is_official(generator)
        self.seed, self.multiply = generator.seed, generator.multiply
        self.sources = {
            name: SourceRecord(name=source.name, digest=source.digest)
            for name, source in generator.sources.items()
        }
        self._generator = generator

    @override
    def chunks(self, name: str) -> Iterator[Chunk]:
        for _, chunk in self._generator.chunks(self._generator.split(name)):
            yield chunk

    @override
    def size(self, name: str) -> int:
        return len(self._generator.split(name))


class OnDisk(Benchmark):
    """A benchmark read from a data set of `dgbench generate`, whose digests are all checked."""

    def __init__(self, folder: Path, *, given: Sequence[str] = ()) -> None:
        from data_gen.manifest import read_manifest
        from data_gen.spec_files import spec_from

        manifest = read_manifest(folder)
        self.spec = spec_from(manifest.spec, where=str(folder / MANIFEST))
        if manifest.spec_digest != self.spec.digest:
            raise DGBenchError(
                f"{str(folder)!r}: the spec in {MANIFEST} has SHA-256 {self.spec.digest}, the file "
                f"says {manifest.spec_digest}. One of them was changed; generate the data again."
            )
        self.seed, self.multiply = manifest.seed, manifest.multiply
        self.sources = manifest.sources
        self.official = manifest.official
        self._folder, self._manifest, self._given = folder, manifest, given

    @cached_property
    def _rendered(self) -> Rendered:
        """The rendered benchmark, for splits that are not in the data set on disk."""
        return Rendered(open_for_verifying(self._folder, given=self._given)[1])

    @override
    def chunks(self, name: str) -> Iterator[Chunk]:
        name = self.spec.aliases.get(name, name)
        if name not in self._manifest.splits:
            yield from self._rendered.chunks(name)
            return
        digester = Digester(is_labelled=name != "unlabelled_ood")
        for chunk in decoded_chunks(self._folder, self._manifest, self.spec, name):
            digester.add(chunk)
            yield chunk
        if digester.record() != self._manifest.splits[name]:
            raise DGBenchError(
                f"{str(self._folder)!r}: split {name!r} does not have the digests that {MANIFEST} "
                "gives. `dgbench verify-data` names what was changed; generate the data again."
            )

    @override
    def problem_of(self, name: str) -> str:
        if self.spec.aliases.get(name, name) in self._manifest.splits:
            return ""
        try:
            _ = self._rendered
        except DGBenchError as error:
            return f"{str(self._folder)!r} has no {name}, and its glyphs are not here. {error}"
        return ""

    @override
    def size(self, name: str) -> int:
        name = self.spec.aliases.get(name, name)
        split = self._manifest.splits.get(name)
        return split.n_images if split else self._rendered.size(name)


def open_benchmark(what: str, *, given: Sequence[str] = (), seed: int | None = None) -> Benchmark:
    """Open a benchmark by name, by a file with its spec (`FILE.yaml`), or on disk (`DIR`).

    `given` are values of `--source`, and `seed` replaces the spec's generator seed.
    """
    folder = Path(what)
    if (folder / MANIFEST).is_file():
        if seed is not None:
            raise UsageError(
                f"{what!r} is a data set on disk; its seed is fixed. Leave out the seed."
            )
        return OnDisk(folder, given=given)
    if folder.is_dir():
        raise UsageError(
            f"{what!r} is a folder without {MANIFEST}, so it is not a data set of dgbench."
        )
    spec = read_spec(folder) if folder.suffix in (".yaml", ".yml") else find_spec(what)
    return Rendered(Generator(spec, load_sources(spec.sources, given=given), seed=seed))
