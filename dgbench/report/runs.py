"""Reads the runs and the sweeps' declarations for a report."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from data_gen.foundation.errors import UsageError
from dgbench.results.declaration import Declaration, read_declaration
from dgbench.results.folder import find_runs, is_at_work, read_records
from dgbench.results.record import RunRecord

COUNTED = "done"
"""The status of runs that count."""


class Run(NamedTuple):
    """A run folder and its record."""

    folder: Path
    record: RunRecord

    @property
    def became(self) -> str:
        """Its status, or `killed` if its process ended without writing one."""
        status = self.record.status
        return (
            "killed" if status == "running" and not is_at_work(self.record, self.folder) else status
        )


def read_runs(places: Sequence[Path]) -> list[Run]:
    """Read every run at or below some folders, once each.

    Raises UsageError if there is no run.
    """
    folders = {run for place in places for run in find_runs(place)}
    runs = _once_each(Run(*pair) for pair in read_records(sorted(folders)))
    if not runs:
        where = ", ".join(repr(str(place)) for place in places)
        raise UsageError(f"There is no run at or below {where}. `dgbench train` makes some.")
    return runs


def read_declarations(places: Sequence[Path]) -> list[Declaration]:
    """Read the declarations of the sweeps in these folders, which tell the missing runs."""
    declarations = [read_declaration(place) for place in places]
    return [declaration for declaration in declarations if declaration is not None]


def _once_each(runs: Iterable[Run]) -> list[Run]:
    """Drop copies of a run, and oracles, which only serve for reference values."""
    kept: dict[tuple[str, int], Run] = {}
    for run in runs:
        key = (run.record.configuration.digest, run.record.seed)
        if run.record.configuration.train_domain == "train" and (
            key not in kept or kept[key].record.status != COUNTED
        ):
            kept[key] = run
    return list(kept.values())
