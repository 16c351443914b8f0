"""Work on all splits of a benchmark, over the cores of this machine, stoppable at any moment."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TypeVar

from data_gen.generator import Generator
from data_gen.splits import Split

Result = TypeVar("Result")
Advance = Callable[[int], None]
"""Is told how many more images are done."""

_WORTH_A_POOL = 30_000
"""Images below which starting processes costs more than it saves."""


@dataclass
class _Worker:
    """What a worker process was given when it started."""

    generator: Generator
    done: Any
    stop: Any


class _StoppedError(Exception):
    """The parent asked to stop; it reports the reason itself."""


_worker: _Worker | None = None


def over_splits(
    work: Callable[[Generator, Split, Advance], Result],
    generator: Generator,
    *,
    jobs: int | None = None,
    advance: Advance = lambda _: None,
) -> dict[str, Result]:
    """`work` applied to every split, by the split's name; `work` must be importable by name."""
    splits = generator.splits
    jobs = min(jobs or available_cores(), len(splits))
    if jobs == 1 or sum(map(len, splits.values())) < _WORTH_A_POOL:
        return {name: work(generator, split, advance) for name, split in splits.items()}
    context = multiprocessing.get_context("spawn")
    done, stop = context.Value("q", 0), context.Event()
    with ProcessPoolExecutor(
        jobs, context, initializer=_start, initargs=(generator, done, stop)
    ) as pool:
        largest_first = sorted(splits.values(), key=len, reverse=True)
        futures = {split.name: pool.submit(_run, work, split) for split in largest_first}
        try:
            _follow(futures, done, advance)
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
    return {name: futures[name].result() for name in splits}


def available_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _follow(futures: Mapping[str, Future[Any]], done: Any, advance: Advance) -> None:
    seen = 0
    pending = set(futures.values())
    while pending:
        finished, pending = wait(pending, timeout=0.1, return_when=FIRST_EXCEPTION)
        for future in finished:
            future.result()
        now = done.value
        advance(now - seen)
        seen = now


def _start(generator: Generator, done: Any, stop: Any) -> None:
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _worker
    _worker = _Worker(generator, done, stop)


def _run(work: Callable[[Generator, Split, Advance], Result], split: Split) -> Result:
    worker = _worker
    if worker is None:
        raise RuntimeError("the worker process was not started by `over_splits`")

    def advance(n: int) -> None:
        if worker.stop.is_set():
            raise _StoppedError
        with worker.done.get_lock():
            worker.done.value += n

    return work(worker.generator, split, advance)
