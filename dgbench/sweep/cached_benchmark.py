"""A cache of loaded splits, which the runs of one process share."""

from collections.abc import Iterator

import psutil
from typing_extensions import override

from data_gen.generator import Chunk
from dgbench.benchmarks import Benchmark, Images, Loaded

_SHARE = 0.1
"""Share of the free memory that cached splits may occupy."""


class CachedBenchmark(Benchmark):
    """A benchmark that keeps loaded splits in memory, as far as there is room."""

    def __init__(self, inner: Benchmark) -> None:
        self._inner = inner
        self.spec, self.official = inner.spec, inner.official
        self.sources, self.seed, self.multiply = inner.sources, inner.seed, inner.multiply
        self._splits: dict[str, Loaded] = {}
        self._free_bytes = int(_SHARE * psutil.virtual_memory().available)

    @override
    def chunks(self, name: str) -> Iterator[Chunk]:
        return self._inner.chunks(name)

    @override
    def problem_of(self, name: str) -> str:
        return self._inner.problem_of(name)

    @override
    def size(self, name: str) -> int:
        return self._inner.size(name)

    @override
    def load(self, name: str, *, into: Images | None = None) -> Loaded:
        if name in self._splits and into is None:
            return self._splits[name]
        loaded = self._inner.load(name, into=into)
        size = loaded.images.nbytes
        if into is None and size <= self._free_bytes:
            self._splits[name] = loaded
            self._free_bytes -= size
        return loaded
