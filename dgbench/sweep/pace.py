"""The duration of runs, learned from those that are done."""

from collections.abc import Iterable, Sequence

from dgbench.results.record import Cost
from dgbench.sweep.grid import Job
from dgbench.sweep.state import JobState


class Pace:
    """Mean seconds of a run by method and benchmark, or else by its number of steps."""

    def __init__(self, states: Iterable[JobState] = ()) -> None:
        """Learn from the records of runs that are done."""
        self._seconds: dict[tuple[str, str], list[float]] = {}
        self._seconds_per_step: list[float] = []
        for state in states:
            cost = state.record.cost if state.record is not None else None
            if state.name == "done" and cost is not None:
                self.add(state.job, _seconds_of(cost))

    def add(self, job: Job, seconds: float) -> None:
        """Learn from one run."""
        self._seconds.setdefault(job.kind, []).append(seconds)
        self._seconds_per_step.append(seconds / job.steps)

    def knows(self, job: Job) -> bool:
        """Whether a run of the same method and benchmark is done."""
        return job.kind in self._seconds

    def of(self, job: Job) -> float | None:
        """Seconds that a run will take, or None while nothing is known."""
        if job.kind in self._seconds:
            return _mean(self._seconds[job.kind])
        return _mean(self._seconds_per_step) * job.steps if self._seconds_per_step else None

    def left(self, jobs: Iterable[Job], *, n_parallel: int) -> float | None:
        """Seconds until all jobs are done with `n_parallel` at a time, or None if unknown."""
        estimates = [self.of(job) for job in jobs]
        seconds = [estimate for estimate in estimates if estimate is not None]
        if len(seconds) < len(estimates):
            return None
        return sum(seconds) / max(1, min(n_parallel, len(estimates)))


def _seconds_of(cost: Cost) -> float:
    return cost.loading_seconds + cost.training_seconds + cost.evaluation_seconds


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
