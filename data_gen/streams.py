"""Random numbers that depend on what they are for, never on when they are drawn.

A stream is named by a key and holds a 64-bit Philox word for each image and draw. The word of
image `i` does not depend on the chunk, the worker or the order of draws. Everything above the raw
words (integers, coins, normals) is our own integer arithmetic, because NumPy promises to keep its
bit generators as they are but may change its distributions.

Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3" (Philox4x64-10).
"""

import hashlib
from functools import cache
from statistics import NormalDist

import numpy as np
from jaxtyping import Bool, Int, UInt64

_WORDS_A_COUNTER = 4
_NORMAL_BITS = 12
NORMAL_UNIT = 1 << 16
"""`Stream.normal` counts in units of 1/65536 standard deviation."""


class Stream:
    """The random words of some images under one key."""

    def __init__(self, key: str, images: Int[np.ndarray, " n"]) -> None:
        self._key = key
        self._images = images

    def __len__(self) -> int:
        return len(self._images)

    def fork(self, name: str) -> "Stream":
        """A stream of the same images that shares no draw with this one."""
        return Stream(f"{self._key}/{name}", self._images)

    def words(self, name: str) -> UInt64[np.ndarray, " n"]:
        """Return a raw word for each image, for the draw called `name`."""
        if not len(self._images):
            return np.empty(0, np.uint64)
        digest = hashlib.sha256(f"{self._key}/{name}".encode()).digest()
        key = np.frombuffer(digest[:16], dtype="<u8").astype(np.uint64)
        first = int(self._images.min()) // _WORDS_A_COUNTER
        start = first * _WORDS_A_COUNTER
        counter = np.array([first, 0, 0, 0], np.uint64)
        generator = np.random.Philox(key=key, counter=counter)
        raw = generator.random_raw(int(self._images.max()) + 1 - start)
        return np.asarray(raw, np.uint64)[self._images - start]

    def integers(self, name: str, *, high: int) -> Int[np.ndarray, " n"]:
        """Uniform integers in [0, high), for `high` up to 2**31. The bias is under high / 2**32."""
        top = self.words(name) >> np.uint64(32)
        return (top * np.uint64(high) >> np.uint64(32)).astype(np.int64)

    def coins(self, name: str, *, probability: float) -> Bool[np.ndarray, " n"]:
        """True with this probability, exact to 2**-53."""
        threshold = np.uint64(round(probability * (1 << 53)))
        return np.asarray((self.words(name) >> np.uint64(11)) < threshold)

    def normal(self, name: str) -> Int[np.ndarray, " n"]:
        """Standard normals from a table of 4,096 quantiles, in units of 1 / `NORMAL_UNIT`."""
        index = self.words(name) >> np.uint64(64 - _NORMAL_BITS)
        return normal_table()[index.astype(np.int64)]

    def permutations(self, name: str, *, size: int) -> Int[np.ndarray, "n size"]:
        """Return a uniform permutation of range(size) for each image."""
        keys = np.stack([self.words(f"{name}/{slot}") for slot in range(size)], axis=1)
        return np.argsort(keys, axis=1, kind="stable")


@cache
def normal_table() -> Int[np.ndarray, " levels"]:
    """The quantiles (i + 1/2) / 4096 of the standard normal, in units of 1 / `NORMAL_UNIT`."""
    levels = 1 << _NORMAL_BITS
    inverse = NormalDist().inv_cdf
    table = [round(inverse((i + 0.5) / levels) * NORMAL_UNIT) for i in range(levels)]
    return np.array(table, np.int64)
