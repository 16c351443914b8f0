"""Signals that ask a run to end: it writes a checkpoint, and --resume goes on from there.

Clusters send SIGTERM or, where the job asks for it, SIGUSR1 some time before they kill a job.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from dgbench.training.errors import StoppedError

_NAMES = ("SIGTERM", "SIGUSR1")
SIGNALS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""The signals that are heeded. Windows has no SIGUSR1."""
_STEPS_TO_AGREE = 2
"""Processes that share a batch are at most one step apart."""


@dataclass
class _Wish:
    """The wish of a signal, which a process has at most once."""

    name: str = ""
    """The name of the first signal, empty without one."""
    n_deferring: int = 0
    """Blocks around this moment that end by themselves, at the end of a step."""
    n_heeding: int = 0


_wish = _Wish()


def _receive(number: int, _frame: FrameType | None) -> None:
    _wish.name = _wish.name or signal.Signals(number).name
    if not _wish.n_deferring:
        heed()


@contextmanager
def stoppable() -> Iterator[None]:
    """Let signals end a block with StoppedError. Only the main thread can be told of them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    _wish.n_heeding += 1
    install()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _wish.n_heeding -= 1
        if not _wish.n_heeding:
            _wish.name = ""


def install() -> None:
    """Heed the signals again within `stoppable`, after a library has heeded them itself."""
    if _wish.n_heeding and threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            signal.signal(number, _receive)


@contextmanager
def deferred() -> Iterator[None]:
    """Let a signal only leave its wish during a block, which asks for it."""
    _wish.n_deferring += 1
    try:
        yield
    finally:
        _wish.n_deferring -= 1


def is_asked() -> bool:
    """Whether a signal has asked to end."""
    return bool(_wish.name)


def heed() -> None:
    """Raise StoppedError if a signal has asked to end."""
    if _wish.name:
        raise StoppedError(message())


def message(step: int | None = None) -> str:
    """The sentence about the signal that ended a run, after some step of its training."""
    place = "" if step is None else f" after step {step}, which is kept"
    name = _wish.name or "a signal"
    return f"Stopped by {name}{place}. The same command with --resume goes on."


class StepStop:
    """Finds the step after which a training ends, the same one in all its processes."""

    def __init__(self, last_step: Any = None, *, is_first: bool = True) -> None:
        """`last_step` is a number that the processes of a run share, which is 0 at first."""
        self._last_step = last_step
        self._is_first = is_first

    def is_due(self, step: int) -> bool:
        """Whether to end after this step."""
        if self._last_step is None:
            return is_asked()
        if self._is_first and is_asked() and not self._last_step.value:
            self._last_step.value = step + _STEPS_TO_AGREE
        return 0 < self._last_step.value <= step
