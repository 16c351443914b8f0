"""How long runs take, from those that are done."""

from collections.abc import Iterable, Sequence

from dgbench.results.record import Cost
from dgbench.sweep.grid import Job
from dgbench.sweep.state import Standing


class Pace:
    """Mean seconds of a run by method and benchmark, and by step where none of the kind is done."""

    def __init__(self, known: Iterable[Standing] = ()) -> None:
        """Learn from the records of runs that are done."""
        self._seconds: dict[tuple[str, str], list[float]] = {}
        self._a_step: list[float] = []
        for standing in known:
            record = standing.record
            if standing.state == "done" and record is not None and record.cost is not None:
                self.add(standing.job, _seconds_of(record.cost))

    def add(self, job: Job, seconds: float) -> None:
        """Learn from one run."""
        self._seconds.setdefault(job.kind, []).append(seconds)
        self._a_step.append(seconds / job.steps)

    def knows(self, job: Job) -> bool:
        """Whether a run of the same method and benchmark is done."""
        return job.kind in self._seconds

    def of(self, job: Job) -> float | None:
        """Seconds that a run will take; None where nothing is done yet."""
        if job.kind in self._seconds:
            return _mean(self._seconds[job.kind])
        return _mean(self._a_step) * job.steps if self._a_step else None

    def left(self, jobs: Iterable[Job], *, n_parallel: int) -> float | None:
        """Seconds until all of these are done, if so many are worked on at the same time."""
        each = [self.of(job) for job in jobs]
        known = [seconds for seconds in each if seconds is not None]
        if len(known) < len(each):
            return None
        return sum(known) / max(1, min(n_parallel, len(each)))


def _seconds_of(cost: Cost) -> float:
    return cost.loading_seconds + cost.training_seconds + cost.evaluation_seconds


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
