"""What works on the runs of a sweep, and what it tells meanwhile."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from typing import NamedTuple

from dgbench.sweep.grid import Job
from dgbench.sweep.worker import End


class Event(NamedTuple):
    """Something that happened to a run."""

    job: Job
    step: int = 0
    """Steps done so far."""
    end: End | None = None
    """How it ended; None while it goes on."""


class Engine(ABC):
    """Works on jobs wherever it can."""

    n_parallel: int
    """How many runs are worked on at the same time, as far as is known."""

    @abstractmethod
    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        """Work on every job and tell of each end once; closing the generator stops all work."""
