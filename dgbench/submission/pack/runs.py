"""Reads the finished runs of a configuration, with their predictions."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt16

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.results.folder import PREDICTIONS, find_runs, read_records
from dgbench.results.predictions import Predictions, read_predictions
from dgbench.results.record import Configuration, RunRecord
from dgbench.submission.answer_key.answers import Answers
from dgbench.submission.format.alignment import UNIT, Aligned, aligned
from dgbench.submission.format.predictions import Table


class Runs(NamedTuple):
    """The finished runs of one configuration."""

    configuration: Configuration
    folders: dict[int, Path]
    """Run folder of each seed, in ascending order."""
    records: dict[int, RunRecord]
    """Record of each seed, in ascending order."""
    unfinished: tuple[int, ...]
    """Seeds whose runs were started but neither finished nor diverged."""
    diverged: tuple[int, ...] = ()
    """Seeds whose runs diverged."""

    @property
    def file_name(self) -> str:
        """File name of their bundle, unique among configurations."""
        return f"{self.name}.dgsub"

    @property
    def name(self) -> str:
        """Name of the configuration in messages and file names."""
        configuration = self.configuration
        return f"{configuration.benchmark}.{configuration.method.name}.{configuration.digest[:12]}"


def configurations(roots: Iterable[Path]) -> list[Runs]:
    """Find the runs at or below some folders and group them by configuration.

    Runs of oracles are left out, since they are not entries, and runs that were not tested, since
    they have no predictions. Raises UsageError if no run is left that is finished.
    """
    roots = list(roots)
    grouped: dict[str, list[tuple[Path, RunRecord]]] = {}
    folders = sorted({run for root in roots for run in find_runs(root)})
    for folder, record in read_records(folders):
        if record.configuration.train_domain == "train":
            grouped.setdefault(record.configuration.digest, []).append((folder, record))
    by_configuration = [_runs(group) for group in grouped.values()]
    tested = [runs for runs in by_configuration if not runs.configuration.development_only]
    if not any(runs.records for runs in tested):
        where = ", ".join(repr(str(root)) for root in roots)
        if len(tested) < len(by_configuration):
            raise UsageError(
                f"The runs at or below {where} were made with --development-only: no test domain "
                "was drawn, so they have no predictions to submit. Train without that option."
            )
        raise UsageError(
            f"There is no finished run at or below {where}. `dgbench train` makes some."
        )
    return [runs for runs in tested if runs.records]


def predictions_of(folder: Path, record: RunRecord, answers: Answers) -> Aligned:
    """Read the predictions of one run in the form that a bundle holds."""
    path = folder / PREDICTIONS
    if not path.is_file():
        raise DGBenchError(
            f"{str(folder)!r} has no {PREDICTIONS}. It holds counts only, but a submission needs "
            "predictions. `dgbench evaluate` makes them if the weights were kept."
        )
    if digest_of(path.read_bytes()) != record.predictions_digest:
        raise DGBenchError(
            f"{str(path)!r} was changed after the run. `dgbench evaluate` makes it again."
        )
    by_domain = list(read_predictions(path, key=answers))
    return aligned(_table(by_domain, record.seed), [record.seed], answers)


def _table(by_domain: Sequence[Predictions], seed: int) -> Table:
    sizes = [len(predictions.pred) for predictions in by_domain]
    parts = [p.probabilities for p in by_domain if p.probabilities is not None]
    probabilities: UInt16[np.ndarray, "k r"] | None = None
    if len(parts) == len(by_domain):
        units = np.concatenate(parts).T.astype(np.float64) * UNIT
        probabilities = np.ascontiguousarray(np.rint(units).astype(np.uint16))
    return Table(
        seed=np.full(sum(sizes), seed, np.uint16),
        domain=np.repeat(np.arange(len(by_domain)), sizes),
        domains=tuple(predictions.domain for predictions in by_domain),
        image_id=np.concatenate([p.image_id for p in by_domain]).astype(np.uint32),
        pred=np.concatenate([p.pred for p in by_domain]).astype(np.uint8),
        probabilities=probabilities,
    )


def _runs(group: Sequence[tuple[Path, RunRecord]]) -> Runs:
    done = {record.seed: (folder, record) for folder, record in group if record.status == "done"}
    diverged = {record.seed for _, record in group if record.status == "diverged"} - set(done)
    return Runs(
        configuration=group[0][1].configuration,
        folders={seed: done[seed][0] for seed in sorted(done)},
        records={seed: done[seed][1] for seed in sorted(done)},
        unfinished=tuple(sorted({record.seed for _, record in group} - set(done) - diverged)),
        diverged=tuple(sorted(diverged)),
    )
