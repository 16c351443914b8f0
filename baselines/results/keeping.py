"""Stores finished runs beside this file, small and checked. `remake.py` calls it."""

import json
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Any

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import folder_whole, write_whole
from data_gen.spec_files import find_spec
from dgbench.registry import find_method, installed_method
from dgbench.results.folder import PREDICTIONS, RECORD, find_runs, read_record, run_folder
from dgbench.results.predictions import Predictions, read_predictions, write_shifts
from dgbench.results.record import RunRecord
from dgbench.submission.answer_key.answers import Answers, answers_of

STANDARD_BACKBONE = "small-cnn"


class NotAReferenceError(DGBenchError):
    """Raised for a run that cannot be a reference result."""


def keep(out: Path, target: Path) -> int:
    """Store the finished runs of a folder. Returns 1 if some can never be stored as they are.

    What is stored already is left alone, so that it may be called while runs are being made.
    """
    n_stored = n_there = n_unfinished = n_refused = 0
    for folder in find_runs(out):
        record = read_record(folder)
        if record.configuration.train_domain != "train":
            continue  # an oracle, which gives reference values and no result
        if record.status in ("running", "interrupted"):
            n_unfinished += 1
        elif is_stored(record, target):
            n_there += 1
        else:
            try:
                store(folder, record, target)
                n_stored += 1
            except NotAReferenceError as problem:
                n_refused += 1
                sys.stderr.write(f"{folder}: refused, {problem}\n")
    sys.stderr.write(
        f"{n_stored} runs stored, {n_there} were there, {n_unfinished} are unfinished, "
        f"{n_refused} refused.\n"
    )
    return min(n_refused, 1)


def is_stored(record: RunRecord, target: Path) -> bool:
    """Tell whether a run is stored with its predictions."""
    folder = run_folder(target, record.configuration, record.seed)
    return all((folder / name).is_file() for name in (RECORD, PREDICTIONS))


def store(folder: Path, record: RunRecord, target: Path) -> None:
    """Store one run: its predictions without labels, its record without white space.

    What was stored for the same method, benchmark and seed by another configuration goes.
    """
    check(record)
    answers = answers_of(record.configuration.benchmark)
    if answers is None:
        raise NotAReferenceError(
            f"{record.configuration.benchmark} has no published digests or references"
        )
    by_domain = predictions_in(folder, record, answers)
    place = run_folder(target, record.configuration, record.seed)
    with folder_whole(place) as draft:
        digest = write_shifts(draft / PREDICTIONS, by_domain, n_classes=answers.n_classes)
        document = json.loads((folder / RECORD).read_bytes()) | {"predictions_digest": digest}
        (draft / RECORD).write_text(json.dumps(document, separators=(",", ":")) + "\n")
    for other in place.parent.parent.glob(f"*/{place.name}"):
        if other != place:
            shutil.rmtree(other)
            if not any(other.parent.iterdir()):
                other.parent.rmdir()


def check(record: RunRecord) -> None:
    """Raise NotAReferenceError unless a run is a finished, official one of the present sources."""
    configuration = record.configuration
    digest = present_digest(configuration.method.name)
    spec = find_spec(configuration.benchmark)
    problems = {
        f"it is {record.status}": record.status != "done",
        "it is not official": not configuration.official or configuration.multiply != 1,
        "its method has another source now": digest != configuration.method.source_digest,
        f"{spec.id} has another spec now": spec.digest != configuration.spec_digest,
        "its backbone is another": configuration.backbone != STANDARD_BACKBONE,
        "its budget is another": configuration.steps != spec.budget.steps
        or configuration.batch_size != spec.budget.batch_size,
    }
    for problem, is_so in problems.items():
        if is_so:
            raise NotAReferenceError(problem)
    if configuration.hyper_parameters != defaults(configuration.method.name):
        raise NotAReferenceError("its hyper-parameters are not the defaults")


@cache
def defaults(method: str) -> dict[str, Any]:
    """The hyper-parameters of a method as it is declared. Imports the method."""
    from dgbench.training.learner import recipe

    return recipe(find_method(method).cls, {}).hyper_parameters


@cache
def present_digest(method: str) -> str:
    """The source digest of an installed method, empty where none has that name."""
    installed = installed_method(method)
    return installed.source_digest if installed else ""


def predictions_in(folder: Path, record: RunRecord, answers: Answers) -> list[Predictions]:
    """Read the predictions of a run, and check that they are those that its record counts."""
    path = folder / PREDICTIONS
    if not path.is_file():
        raise NotAReferenceError(f"it has no {PREDICTIONS}")
    if digest_of(path.read_bytes()) != record.predictions_digest:
        raise NotAReferenceError(f"its {PREDICTIONS} was changed")
    by_domain = list(read_predictions(path, key=answers))
    counted = {part.domain: int((part.pred == part.label).sum()) for part in by_domain}
    if counted != {name: counts.correct for name, counts in record.domains.items()}:
        raise NotAReferenceError("its predictions do not give its counts")
    for part in by_domain:
        if (part.label != answers.labels_of(part.domain, part.image_id)).any():
            raise NotAReferenceError(f"its labels in {part.domain} are not the benchmark's")
    return by_domain


def keep_records(out: Path, target: Path) -> None:
    """Store the record of every run of a folder, without white space."""
    for folder in find_runs(out):
        document = json.loads((folder / RECORD).read_bytes())
        text = json.dumps(document, separators=(",", ":")) + "\n"
        write_whole(target / folder.relative_to(out) / RECORD, text.encode())


def stored_seeds(target: Path) -> set[tuple[str, str, int]]:
    """Benchmark, method and seed of every stored run that a present source would give again."""
    seeds = set()
    for path in target.rglob(PREDICTIONS):
        document = json.loads((path.parent / RECORD).read_bytes())
        configuration = document["configuration"]
        method, spec = configuration["method"], find_spec(configuration["benchmark"])
        is_present = method["source_digest"] == present_digest(method["name"])
        if is_present and configuration["spec_digest"] == spec.digest:
            seeds.add((spec.id, method["name"], document["seed"]))
    return seeds
