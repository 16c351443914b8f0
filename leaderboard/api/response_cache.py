"""A cache of answers that hold until the leaderboard changes, each written and compressed once."""

import gzip
from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import NamedTuple

from leaderboard.api.answers import Answer

_MAX_BYTES = 64_000_000
_MAX_ANSWER_BYTES = 16_000_000
"""A larger answer, such as a bundle, is read again each time."""
_MIN_BYTES_TO_COMPRESS = 1_000
_COMPRESSED_TYPES = ("application/vnd.dgbench", "application/vnd.apache")
"""Beginnings of media types that are compressed already."""
_LEVEL = 1
"""Ten thousand rows shrink to an eighth at the fastest level already."""


class CachedAnswer(NamedTuple):
    """An answer, and its body in gzip if a client has asked for that and it is worth it."""

    answer: Answer
    zipped: bytes | None = None

    @property
    def n_bytes(self) -> int:
        """The memory that both bodies take."""
        return len(self.answer.body) + len(self.zipped or b"")


def compress(cached: CachedAnswer) -> CachedAnswer:
    """Add the body in gzip if that makes it smaller. Call this in a thread."""
    answer = cached.answer
    is_worth_it = len(answer.body) >= _MIN_BYTES_TO_COMPRESS and not answer.media_type.startswith(
        _COMPRESSED_TYPES
    )
    if cached.zipped is not None or not is_worth_it:
        return cached
    return CachedAnswer(answer, gzip.compress(answer.body, _LEVEL, mtime=0))


class ResponseCache:
    """The newest answers by question, of one revision, within a bound of memory."""

    def __init__(self) -> None:
        self._revision = -1
        self._answers: OrderedDict[Hashable, CachedAnswer] = OrderedDict()
        self._n_bytes = 0
        self._lock = Lock()

    def get(self, question: Hashable, revision: int) -> CachedAnswer | None:
        """Return the answer to a question, if it was given at this revision."""
        with self._lock:
            if revision != self._revision or question not in self._answers:
                return None
            self._answers.move_to_end(question)
            return self._answers[question]

    def put(self, question: Hashable, revision: int, cached: CachedAnswer) -> None:
        """Remember an answer, and forget those of an older revision and those longest unused."""
        if cached.n_bytes > _MAX_ANSWER_BYTES:
            return
        with self._lock:
            if revision < self._revision:
                return
            if revision > self._revision:
                self._answers.clear()
                self._revision, self._n_bytes = revision, 0
            replaced = self._answers.pop(question, None)
            self._n_bytes += cached.n_bytes - (replaced.n_bytes if replaced else 0)
            self._answers[question] = cached
            while self._n_bytes > _MAX_BYTES:
                self._n_bytes -= self._answers.popitem(last=False)[1].n_bytes
