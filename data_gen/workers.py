"""Work on all splits of a benchmark, over the cores of this machine, which can be stopped."""

import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.progress import Progress, silent
from data_gen.generator import Generator
from data_gen.splits import Split

Result = TypeVar("Result")
Count = Callable[[int], None]
"""Adds to the number of images that are done. It raises where the work is to stop."""

_WORTH_A_POOL = 30_000
"""Images below which starting processes costs more than it saves."""


@dataclass
class _Worker:
    """The things that a worker process was given when it started."""

    generator: Generator
    done: Any
    stop: Any


class _StoppedError(Exception):
    """The parent asked to stop. It reports the reason itself."""


_worker: _Worker | None = None


def over_splits(
    work: Callable[[Generator, Split, Count], Result],
    generator: Generator,
    *,
    jobs: int | None = None,
    progress: Progress = silent,
) -> dict[str, Result]:
    """Apply a function to every split, and return what it returns by the split's name.

    Args:
        work: The function. Worker processes must be able to import it by its name.
        generator: What makes the splits.
        jobs: Number of processes; by default one for each core.
        progress: Is told the number of images that are done.
    """
    splits = generator.splits
    jobs = min(jobs or available_cores(), len(splits))
    if jobs == 1 or sum(map(len, splits.values())) < _WORTH_A_POOL:
        count = _counter(progress)
        return {name: work(generator, split, count) for name, split in splits.items()}
    return _over_processes(work, generator, jobs, progress)


def _over_processes(
    work: Callable[[Generator, Split, Count], Result],
    generator: Generator,
    jobs: int,
    progress: Progress,
) -> dict[str, Result]:
    splits = generator.splits
    context = multiprocessing.get_context("spawn")
    done, stop = context.Value("q", 0), context.Event()
    with tempfile.TemporaryDirectory(prefix="dgbench-") as folder:
        # By file: what is passed to a process as it starts holds up the start of the next one.
        file = Path(folder) / "generator.pickle"
        file.write_bytes(pickle.dumps(generator))
        with ProcessPoolExecutor(
            jobs, context, initializer=_start, initargs=(file, done, stop)
        ) as pool:
            largest_first = sorted(splits.values(), key=len, reverse=True)
            try:
                with no_interrupt():
                    futures = {
                        split.name: pool.submit(_run, work, split) for split in largest_first
                    }
                _follow(futures, done, progress)
            except BrokenProcessPool as error:
                raise DGBenchError(
                    "A process of dgbench was ended from outside, perhaps for want of memory. Try "
                    "again with --jobs 1."
                ) from error
            finally:
                stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
    return {name: futures[name].result() for name in splits}


def available_cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def no_interrupt() -> Iterator[None]:
    """Delay Ctrl-C while processes start.

    It reaches every process of the terminal, but only the parent decides what to do: the processes
    that start here inherit that it is blocked. A parent that was interrupted after it started a
    process and before it noted it would leave that process behind, so it is told afterwards.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = threading.Event()
    handler = signal.signal(signal.SIGINT, lambda *_: heard.set())
    if sys.platform != "win32":
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if heard.is_set():
        raise KeyboardInterrupt


def _counter(progress: Progress) -> Count:
    """Make a count whose sum is shown."""
    done = 0

    def count(n: int) -> None:
        nonlocal done
        done += n
        progress(done)

    return count


def _follow(futures: Mapping[str, Future[Any]], done: Any, progress: Progress) -> None:
    pending = set(futures.values())
    while pending:
        finished, pending = wait(pending, timeout=0.1, return_when=FIRST_EXCEPTION)
        for future in finished:
            future.result()
        progress(done.value)


def _start(file: Path, done: Any, stop: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _worker
    generator = pickle.loads(file.read_bytes())  # noqa: S301 (written by our own parent)
    _worker = _Worker(generator, done, stop)


def _run(work: Callable[[Generator, Split, Count], Result], split: Split) -> Result:
    worker = _worker
    if worker is None:
        raise RuntimeError("the worker process was not started by `over_splits`")

    def count(n: int) -> None:
        if worker.stop.is_set():
            raise _StoppedError
        with worker.done.get_lock():
            worker.done.value += n

    return work(worker.generator, split, count)
