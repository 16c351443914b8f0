"""The engine that works on the runs of a sweep, and the events that it reports."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from typing import NamedTuple

from dgbench.sweep.grid import Job
from dgbench.sweep.worker import JobEnd


class Event(NamedTuple):
    """Something that happened to a run."""

    job: Job
    step: int = 0
    """Steps done so far."""
    end: JobEnd | None = None
    """The end of the run, or None while it goes on."""


class Engine(ABC):
    """Works on jobs, on this machine or elsewhere."""

    n_parallel: int
    """How many runs proceed at the same time, as far as the engine can tell."""

    @abstractmethod
    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        """Work on every job and report each end once.

        Closing the generator stops all work.
        """
