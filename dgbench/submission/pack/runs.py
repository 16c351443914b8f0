"""The finished runs of a configuration, and what they predicted."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt16

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.results.folder import PREDICTIONS, find_runs, read_record
from dgbench.results.predictions import Predictions, read_predictions
from dgbench.results.record import Configuration, RunRecord
from dgbench.submission.answer_key.answers import Answers
from dgbench.submission.format.alignment import UNIT, Aligned, aligned
from dgbench.submission.format.predictions import Table


class Runs(NamedTuple):
    """The finished runs of one configuration."""

    configuration: Configuration
    folders: dict[int, Path]
    """By seed, ascending."""
    records: dict[int, RunRecord]
    unfinished: tuple[int, ...]
    """Seeds that were begun and are not done."""

    @property
    def file_name(self) -> str:
        """A name for their bundle, among others."""
        return f"{self.name}.dgsub"

    @property
    def name(self) -> str:
        """How messages and files name them."""
        of = self.configuration
        return f"{of.benchmark}.{of.method.name}.{of.digest[:12]}"


def configurations(places: Iterable[Path]) -> list[Runs]:
    """The runs at or below some folders by configuration; oracles, which are no entries, left out.

    UsageError where there is none that is done.
    """
    places = list(places)
    grouped: dict[str, list[tuple[Path, RunRecord]]] = {}
    for folder in sorted({run for place in places for run in find_runs(place)}):
        record = read_record(folder)
        if record.configuration.train_domain == "train":
            grouped.setdefault(record.configuration.digest, []).append((folder, record))
    found = [_runs(group) for group in grouped.values()]
    if not any(runs.records for runs in found):
        where = ", ".join(repr(str(place)) for place in places)
        raise UsageError(
            f"There is no finished run at or below {where}. `dgbench train` makes some."
        )
    return [runs for runs in found if runs.records]


def predictions_of(folder: Path, record: RunRecord, answers: Answers) -> Aligned:
    """The predictions of one run, as the bundle holds them."""
    path = folder / PREDICTIONS
    if not path.is_file():
        raise DGBenchError(
            f"{str(folder)!r} has no {PREDICTIONS}: it holds counts only, and a submission is "
            "its predictions. `dgbench evaluate` makes them, where the weights are kept."
        )
    if digest_of(path.read_bytes()) != record.predictions_digest:
        raise DGBenchError(
            f"{str(path)!r} is not what the run wrote. `dgbench evaluate` makes it again."
        )
    return aligned(_table(list(read_predictions(path)), record.seed), [record.seed], answers)


def _table(found: Sequence[Predictions], seed: int) -> Table:
    sizes = [len(one.pred) for one in found]
    given = [one.probabilities for one in found if one.probabilities is not None]
    probabilities: UInt16[np.ndarray, "k r"] | None = None
    if len(given) == len(found):
        units = np.concatenate(given).T.astype(np.float64) * UNIT
        probabilities = np.ascontiguousarray(np.rint(units).astype(np.uint16))
    return Table(
        seed=np.full(sum(sizes), seed, np.uint16),
        domain=np.repeat(np.arange(len(found)), sizes),
        domains=tuple(one.domain for one in found),
        image_id=np.concatenate([one.image_id for one in found]).astype(np.uint32),
        pred=np.concatenate([one.pred for one in found]).astype(np.uint8),
        probabilities=probabilities,
    )


def _runs(group: Sequence[tuple[Path, RunRecord]]) -> Runs:
    done = {record.seed: (folder, record) for folder, record in group if record.status == "done"}
    return Runs(
        configuration=group[0][1].configuration,
        folders={seed: done[seed][0] for seed in sorted(done)},
        records={seed: done[seed][1] for seed in sorted(done)},
        unfinished=tuple(sorted({record.seed for _, record in group} - set(done))),
    )
