"""Answers to readers' questions that hold until the leaderboard changes."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

_MOST_ANSWERS = 64
_MOST_ROWS = 50_000
"""In all answers together. Ten thousand rows of the leaderboard take about 30 MB."""

T = TypeVar("T", bound=tuple[Any, ...])
_Key = tuple[int, Hashable]


class AnswerCache:
    """Keeps the answers that were given at the newest revision, within a bound of memory."""

    def __init__(self) -> None:
        self._answers: dict[_Key, tuple[Any, ...]] = {}
        self._searches: dict[_Key, Lock] = {}
        self._lock = Lock()

    def __call__(self, revision: int, question: Hashable, find: Callable[[], T]) -> T:
        """The answer to a question at a revision, found anew where it is not known.

        Whoever asks while it is being found waits for it: fifty visitors after a change need one
        answer, not fifty.
        """
        key = revision, question
        known = self._answers.get(key)
        if known is None:
            with self._search(key):
                known = self._answers.get(key)
                if known is None:
                    known = self._keep(key, find())
        return known  # type: ignore[return-value]  # a question has answers of one type

    def _search(self, key: _Key) -> Lock:
        with self._lock:
            return self._searches.setdefault(key, Lock())

    def _keep(self, key: _Key, answer: T) -> T:
        with self._lock:
            kept = {each: found for each, found in self._answers.items() if each[0] == key[0]}
            n_rows = len(answer) + sum(map(len, kept.values()))
            if len(kept) >= _MOST_ANSWERS or n_rows > _MOST_ROWS:
                kept = {}
            self._answers = {**kept, key: answer}
            self._searches = {each: by for each, by in self._searches.items() if each[0] == key[0]}
        return answer
