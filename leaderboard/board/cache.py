"""A cache of answers to readers' questions, which hold until the leaderboard changes."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

_MAX_ANSWERS = 64
_MAX_ROWS = 50_000
"""In all answers together. Ten thousand rows of the leaderboard take about 30 MB."""

T = TypeVar("T", bound=tuple[Any, ...])
_Key = tuple[int, Hashable]


class AnswerCache:
    """Keeps the answers that were given at the newest revision, within a bound of memory."""

    def __init__(self) -> None:
        self._answers: dict[_Key, tuple[Any, ...]] = {}
        self._searches: dict[_Key, Lock] = {}
        self._lock = Lock()

    def __call__(self, revision: int, question: Hashable, answer: Callable[[], T]) -> T:
        """Return the cached answer to a question at a revision, or ask for it and keep it.

        Others who ask the same question meanwhile wait for the answer: fifty visitors after a
        change need it once, not fifty times.
        """
        key = revision, question
        cached = self._answers.get(key)
        if cached is None:
            with self._search(key):
                cached = self._answers.get(key)
                if cached is None:
                    cached = self._keep(key, answer())
        return cached  # type: ignore[return-value]  # a question has answers of one type

    def _search(self, key: _Key) -> Lock:
        with self._lock:
            return self._searches.setdefault(key, Lock())

    def _keep(self, key: _Key, answer: T) -> T:
        with self._lock:
            current = {k: rows for k, rows in self._answers.items() if k[0] == key[0]}
            n_rows = len(answer) + sum(map(len, current.values()))
            if len(current) >= _MAX_ANSWERS or n_rows > _MAX_ROWS:
                current = {}
            self._answers = {**current, key: answer}
            self._searches = {k: lock for k, lock in self._searches.items() if k[0] == key[0]}
        return answer
