"""Answers that stay the same until the leaderboard changes, written and compressed once."""

import gzip
from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import NamedTuple

from leaderboard.api.answers import Answer

_MOST_BYTES = 64_000_000
_LARGEST = 16_000_000
"""Of one answer; what is larger, such as a bundle, is read again each time."""
_WORTH_COMPRESSING = 1_000
_ZIPPED = ("application/vnd.dgbench", "application/vnd.apache")
"""Beginnings of media types that are compressed already."""
_LEVEL = 1
"""Ten thousand rows compress eightfold at the fastest level already."""


class Written(NamedTuple):
    """An answer, and its body in gzip once somebody asked for that and it is worth it."""

    answer: Answer
    zipped: bytes | None = None


def zipped(found: Written) -> Written:
    """The answer with its body in gzip, where that is smaller; to be called in a thread."""
    answer = found.answer
    is_worth = len(answer.body) >= _WORTH_COMPRESSING and not answer.media_type.startswith(_ZIPPED)
    if found.zipped is not None or not is_worth:
        return found
    return Written(answer, gzip.compress(answer.body, _LEVEL, mtime=0))


class Kept:
    """The newest answers by question, of one revision, within a bound of memory."""

    def __init__(self) -> None:
        self._revision = -1
        self._answers: OrderedDict[Hashable, Written] = OrderedDict()
        self._n_bytes = 0
        self._lock = Lock()

    def get(self, question: Hashable, revision: int) -> Written | None:
        """The answer to a question, if it was given at this revision."""
        with self._lock:
            if revision != self._revision or question not in self._answers:
                return None
            self._answers.move_to_end(question)
            return self._answers[question]

    def keep(self, question: Hashable, revision: int, answer: Written) -> None:
        """Remember an answer; what is of an older revision, or longest unused, is forgotten."""
        if _size(answer) > _LARGEST:
            return
        with self._lock:
            if revision < self._revision:
                return
            if revision > self._revision:
                self._answers.clear()
                self._revision, self._n_bytes = revision, 0
            known = self._answers.pop(question, None)
            self._n_bytes += _size(answer) - (_size(known) if known else 0)
            self._answers[question] = answer
            while self._n_bytes > _MOST_BYTES:
                self._n_bytes -= _size(self._answers.popitem(last=False)[1])


def _size(answer: Written) -> int:
    return len(answer.answer.body) + len(answer.zipped or b"")
