"""Writes a bundle from the runs of one configuration, which differ in their seeds only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data_gen.foundation.errors import UsageError
from data_gen.foundation.files import write_whole
from dgbench.results.record import Configuration
from dgbench.standings.limits import FULL_SEEDS, RANKED_SEEDS
from dgbench.submission.answer_key.answers import Answers
from dgbench.submission.format.alignment import Aligned, table_of
from dgbench.submission.format.archive import write_archive
from dgbench.submission.format.bundle import Bundle, read_bundle, target_answers
from dgbench.submission.format.manifest import Manifest
from dgbench.submission.format.members import MANIFEST, MODEL_CARD, PREDICTIONS
from dgbench.submission.format.predictions import write_table
from dgbench.submission.format.rejection import Code, rejected
from dgbench.submission.pack.claims import Details, manifest_of
from dgbench.submission.pack.runs import Runs, configurations, predictions_of

__all__ = ["Details", "Packed", "configurations", "pack", "pack_runs", "summary_line"]


class Packed(NamedTuple):
    """A bundle that was written to a file."""

    path: Path
    bundle: Bundle
    """The bundle as the leaderboard reads it."""
    warnings: tuple[str, ...]


def pack(
    run_folders: Iterable[Path],
    output: Path,
    *,
    details: Details | None = None,
    with_probabilities: bool = True,
) -> Packed:
    """Bundle the runs of one configuration into a file.

    Raises RejectedError, and writes nothing, if the leaderboard would refuse the bundle. Raises
    UsageError if the folders hold no finished run, or runs of several configurations.
    """
    by_configuration = configurations(run_folders)
    if len(by_configuration) > 1:
        names = "; ".join(
            f"{runs.configuration.method.name} in {_where(runs)}" for runs in by_configuration[:4]
        )
        n_more = len(by_configuration) - 4
        more = f" and {n_more} more" if n_more > 0 else ""
        raise UsageError(
            f"There are runs of {len(by_configuration)} configurations: {names}{more}. A bundle "
            "holds one: name its folder, or write a bundle for each with --each -o FOLDER."
        )
    return pack_runs(
        by_configuration[0],
        output,
        details=details or Details(),
        with_probabilities=with_probabilities,
    )


def pack_runs(
    runs: Runs, output: Path, *, details: Details, with_probabilities: bool = True
) -> Packed:
    """Bundle the runs of one configuration into a file, like `pack`."""
    answers = _official(runs.configuration)
    seeds = list(runs.records)
    by_seed = [predictions_of(runs.folders[seed], runs.records[seed], answers) for seed in seeds]
    pred = np.concatenate([predictions.pred for predictions in by_seed])
    parts = [predictions.probabilities for predictions in by_seed]
    probabilities = None
    if with_probabilities and not any(part is None for part in parts):
        probabilities = np.concatenate([part for part in parts if part is not None], axis=1)
    manifest = manifest_of(runs, details, Aligned(pred, probabilities))
    members = {
        MANIFEST: manifest.canonical,
        PREDICTIONS: write_table(table_of(pred, probabilities, seeds, answers)),
    }
    if details.model_card:
        members[MODEL_CARD] = details.model_card.encode()
    data = write_archive(members)
    bundle = read_bundle(data)
    write_whole(output, data)
    return Packed(output, bundle, tuple(_warnings(runs, manifest)))


def _where(runs: Runs) -> str:
    return repr(str(next(iter(runs.folders.values())).parent))


def _official(configuration: Configuration) -> Answers:
    answers = target_answers(configuration.benchmark)
    if configuration.multiply != 1:
        raise rejected(Code.DATASET_DIGEST, "The training glyphs were drawn more than once.")
    return answers


def _warnings(runs: Runs, manifest: Manifest) -> Iterator[str]:
    if runs.unfinished:
        yield f"Left out because unfinished: seed(s) {_listed(runs.unfinished)}."
    yield from _about_standing(manifest)
    name = manifest.method.name
    if manifest.conformance.status != "passed":
        yield (
            f"`dgbench check-method {name}` has not passed on the source that was trained. Run it "
            "and bundle again, or the entry is marked as unchecked."
        )
    trials = {record.trial for record in runs.records.values()} - {None, 0}
    if trials and manifest.selection.rule == "fixed":
        yield "The runs are trials of a sweep: use --selection to say how they were selected."


def _about_standing(manifest: Manifest) -> Iterator[str]:
    n_seeds = len(manifest.seeds)
    if manifest.method.is_yardstick:
        yield f"{manifest.method.name} is a yardstick: it is drawn, not ranked."
    elif manifest.diverged:
        yield (
            f"Seed(s) {_listed(manifest.diverged)} diverged: the entry is listed among those that "
            "gave up the task, not ranked."
        )
    elif n_seeds < RANKED_SEEDS and not manifest.demonstration:
        yield f"{n_seeds} seed(s): an entry with fewer than {RANKED_SEEDS} is listed, not ranked."
    elif n_seeds < FULL_SEEDS and not manifest.demonstration:
        yield f"{n_seeds} seeds: a full entry has {FULL_SEEDS}."


def _listed(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))


def summary_line(bundle: Bundle) -> Mapping[str, object]:
    """Return the main facts of a bundle, for a script."""
    manifest = bundle.manifest
    return {
        "submission_id": bundle.id,
        "benchmark": manifest.benchmark.name,
        "method": manifest.method.name,
        "seeds": list(bundle.seeds),
        "predictions": manifest.predictions.rows,
    }
