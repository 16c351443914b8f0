"""A part of a sweep, for one of several jobs that share nothing but the folder of runs."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from data_gen.foundation.errors import UsageError
from dgbench.sweep.grid import Job


class Shard(NamedTuple):
    """One of `n_shards` parts of a sweep."""

    number: int
    """From 1 to `n_shards`."""
    n_shards: int

    @property
    def name(self) -> str:
        """The shard as typed, such as `2/8`."""
        return f"{self.number}/{self.n_shards}"

    def jobs(self, jobs: Sequence[Job]) -> tuple[Job, ...]:
        """The jobs of this shard, in their order. Every job is in exactly one shard.

        The division depends on the declaration alone and not on what is done, so that jobs which
        start at different times agree on it. The costliest jobs are dealt first, each to the shard
        with the least work. Jobs of one method on one benchmark follow one another, which spreads
        over all shards what a method costs beyond its number of images.
        """
        load = [0] * self.n_shards
        mine = set()
        for job in sorted(jobs, key=lambda job: (-job.cost, job.kind, job.trial, job.seed)):
            number = load.index(min(load))
            load[number] += job.cost
            if number == self.number - 1:
                mine.add(job.folder)
        return tuple(job for job in jobs if job.folder in mine)


def parse_shard(text: str | None) -> Shard | None:
    """Read a shard as typed, if any. Raises UsageError if there is no such part."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip(), re.ASCII)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(
            f"--shard {text!r} is not understood. Write K/N, the Kth of N parts, as in 1/8 to 8/8."
        )
    return Shard(int(match[1]), int(match[2]))
