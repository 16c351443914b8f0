"""From run folders to a bundle: the runs of one configuration, one a seed."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data_gen.foundation.errors import UsageError
from dgbench.results.folder import write_bytes
from dgbench.results.record import Configuration
from dgbench.submission.answer_key.answers import Answers, answers_of
from dgbench.submission.format.alignment import Aligned, table_of
from dgbench.submission.format.archive import write_archive
from dgbench.submission.format.bundle import Bundle, read_bundle
from dgbench.submission.format.manifest import Manifest
from dgbench.submission.format.members import MANIFEST, MODEL_CARD, PREDICTIONS
from dgbench.submission.format.predictions import write_table
from dgbench.submission.format.rejection import Code, rejected
from dgbench.submission.pack.claims import Details, manifest_of
from dgbench.submission.pack.runs import Runs, configurations, predictions_of
from dgbench.submission.scoring.card import FULL_SEEDS, PROVISIONAL_SEEDS

__all__ = ["Details", "Packed", "configurations", "pack", "pack_runs", "summary_line"]


class Packed(NamedTuple):
    """A bundle that was written."""

    path: Path
    bundle: Bundle
    """As a reader sees it."""
    warnings: tuple[str, ...]


def pack(
    run_folders: Iterable[Path],
    output: Path,
    *,
    details: Details | None = None,
    with_probabilities: bool = True,
) -> Packed:
    """Bundle the runs of one configuration into a file.

    RejectedError where the leaderboard would refuse the bundle; it is then not written.
    UsageError where the folders hold none, or several configurations.
    """
    found = configurations(run_folders)
    if len(found) > 1:
        names = "; ".join(
            f"{runs.configuration.method.name} in {_where(runs)}" for runs in found[:4]
        )
        more = f" and {len(found) - 4} more" if len(found) > 4 else ""
        raise UsageError(
            f"There are runs of {len(found)} configurations: {names}{more}. A bundle holds one: "
            "name its folder, or write one bundle each with --each -o FOLDER."
        )
    return pack_runs(
        found[0], output, details=details or Details(), with_probabilities=with_probabilities
    )


def pack_runs(
    runs: Runs, output: Path, *, details: Details, with_probabilities: bool = True
) -> Packed:
    """Bundle the runs of one configuration; see `pack`."""
    answers = _official(runs.configuration)
    seeds = list(runs.records)
    each = [predictions_of(runs.folders[seed], runs.records[seed], answers) for seed in seeds]
    pred = np.concatenate([one.pred for one in each])
    parts = [one.probabilities for one in each]
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
    write_bytes(output, data)
    return Packed(output, bundle, tuple(_warnings(runs, manifest)))


def _where(runs: Runs) -> str:
    return repr(str(next(iter(runs.folders.values())).parent))


def _official(configuration: Configuration) -> Answers:
    answers = answers_of(configuration.benchmark)
    if answers is None:
        raise rejected(
            Code.BENCHMARK, f"{configuration.benchmark!r} is not a benchmark that can be ranked."
        )
    if configuration.multiply != 1:
        raise rejected(Code.DATASET_DIGEST, "The training glyphs were drawn several times.")
    return answers


def _warnings(runs: Runs, manifest: Manifest) -> Iterator[str]:
    if runs.unfinished:
        yield f"Left out, not done: seed(s) {', '.join(map(str, runs.unfinished))}."
    if len(manifest.seeds) < PROVISIONAL_SEEDS and not manifest.demonstration:
        yield f"{len(manifest.seeds)} seed(s): below {PROVISIONAL_SEEDS} it is listed, not ranked."
    elif len(manifest.seeds) < FULL_SEEDS and not manifest.demonstration:
        yield f"{len(manifest.seeds)} seeds: a full entry has {FULL_SEEDS}."
    name = manifest.method.name
    if manifest.conformance.status != "passed":
        yield (
            f"`dgbench check-method {name}` was not green on the source that was trained. Run it "
            "and bundle again, or the entry is marked."
        )
    trials = {record.trial for record in runs.records.values()} - {None, 0}
    if trials and manifest.selection.rule == "fixed":
        yield "The runs are trials of a sweep: say how they were selected, with --selection."


def summary_line(bundle: Bundle) -> Mapping[str, object]:
    """What a bundle is, for a script."""
    manifest = bundle.manifest
    return {
        "submission_id": bundle.id,
        "benchmark": manifest.benchmark.name,
        "method": manifest.method.name,
        "seeds": list(bundle.seeds),
        "predictions": manifest.predictions.rows,
    }
