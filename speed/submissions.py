"""The time to check and score a submission of 400,000 predictions, and the cost of a child.

    python speed/submissions.py [--repeats N]

Five seeds, eight domains, 10,000 images. Figures are the best of several, in processor time, of
this run on this machine; the ratio to checking and scoring the same file with pandas, the way it is
usually written, is what can be compared between machines.
"""

import argparse
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import psutil
from rich.console import Console
from rich.table import Table

from dgbench.submission.answer_key.answers import Answers, answers_of
from dgbench.submission.format.alignment import predictions_digest, table_of
from dgbench.submission.format.archive import write_archive
from dgbench.submission.format.bundle import read_bundle
from dgbench.submission.format.members import MANIFEST, PREDICTIONS
from dgbench.submission.format.predictions import Table as Rows
from dgbench.submission.format.predictions import write_table
from dgbench.submission.isolated.scorer import Scorer
from dgbench.submission.scoring.evidence import evidence_of
from dgbench.submission.scoring.score import score

BENCHMARK = "mnist-color@1"
SEEDS = range(5)


def main() -> None:
    """Measure bundles with and without probabilities, in order and shuffled."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    repeats = parser.parse_args().repeats
    answers = answers_of(BENCHMARK)
    if answers is None:
        raise SystemExit(f"{BENCHMARK} has no answers.")
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("bundle", no_wrap=True)
    for heading in (
        "MB",
        "check ms",
        "score ms",
        "both ms",
        "pandas ms",
        "ratio",
        "child ms (wall)",
    ):
        table.add_column(heading, justify="right")
    for name, with_probabilities, is_shuffled in (
        ("labels", False, False),
        ("labels, rows shuffled", False, True),
        ("with probabilities", True, False),
    ):
        data = make_bundle(answers, with_probabilities=with_probabilities, is_shuffled=is_shuffled)
        table.add_row(name, *_row(data, answers, repeats))
    console = Console(width=120)
    console.print(table)
    console.print(_child_line(make_bundle(answers), repeats))


def _row(data: bytes, answers: Answers, repeats: int) -> list[str]:
    bundle = read_bundle(data)
    check = best(lambda: read_bundle(data), repeats)
    scoring = best(lambda: score(bundle), repeats)
    both = best(lambda: score(read_bundle(data)), repeats)
    naive = best(lambda: naive_score(data, answers), repeats)
    with Scorer() as scorer:
        scorer.score(data)
        child = best(lambda: scorer.score(data), repeats, clock=time.perf_counter)
    figures = (check, scoring, both, naive)
    milliseconds = [f"{1e3 * seconds:.1f}" for seconds in figures]
    return [
        f"{len(data) / 1e6:.2f}",
        *milliseconds,
        f"{naive / both:.0f} x",
        f"{1e3 * child:.0f}",
    ]


def _child_line(data: bytes, repeats: int) -> str:
    evidence = best(lambda: evidence_of(read_bundle(data)), repeats)
    started = time.perf_counter()
    with Scorer() as scorer:
        scorer.score(data)
        first = time.perf_counter() - started
        process = psutil.Process(scorer._process.pid if scorer._process else None)
        memory = process.memory_info().rss / 2**20
    return (
        f"evidence with replicates {1e3 * evidence:.0f} ms; first answer of a new child process "
        f"{first:.2f} s; its clean parent takes {memory:.0f} MB"
    )


def best(
    work: Callable[[], Any], repeats: int, clock: Callable[[], float] = time.process_time
) -> float:
    """The shortest time in seconds."""
    times = []
    for _ in range(repeats):
        started = clock()
        work()
        times.append(clock() - started)
    return min(times)


def make_bundle(
    answers: Answers, *, with_probabilities: bool = False, is_shuffled: bool = False
) -> bytes:
    """A bundle of random predictions that are often right."""
    random = np.random.default_rng(0)
    shape = len(SEEDS), answers.n
    is_right = random.random(shape) < 0.7
    guesses = random.integers(0, answers.n_classes, shape)
    pred = np.where(is_right, answers.labels, guesses).astype(np.uint8)
    probabilities = None
    if with_probabilities:
        probabilities = np.rint(random.dirichlet(np.full(10, 0.2), shape).T * 65535)
        probabilities = np.ascontiguousarray(probabilities.transpose(0, 2, 1)).astype(np.uint16)
        pred = probabilities.argmax(axis=0).astype(np.uint8)
    rows = table_of(pred, probabilities, list(SEEDS), answers)
    if is_shuffled:
        order = random.permutation(pred.size)
        rows = Rows(
            rows.seed[order],
            rows.domain[order],
            rows.domains,
            rows.image_id[order],
            rows.pred[order],
            None,
        )
    manifest = _manifest(answers, predictions_digest(pred, probabilities), with_probabilities)
    return write_archive({MANIFEST: json.dumps(manifest).encode(), PREDICTIONS: write_table(rows)})


METHOD = {
    "name": "speed",
    "version": "1",
    "distribution": None,
    "entry_point": None,
    "source_digest": "0" * 64,
    "uses": [],
}
CONFIGURATION = {
    "hyper_parameters": {},
    "backbone": "small-cnn",
    "steps": 3000,
    "batch_size": 128,
    "precision": "32-true",
}
HARDWARE = {
    "accelerator": "cpu",
    "device": "cpu",
    "n_devices": 1,
    "strategy": "single",
    "cpu_cores": 1,
    "cpu_threads": 1,
}


def _manifest(answers: Answers, digest: str, with_probabilities: bool) -> dict[str, Any]:
    splits = {
        name: record.model_dump(mode="json") for name, record in answers.published.splits.items()
    }
    return {
        "benchmark": {
            "name": BENCHMARK,
            "spec_digest": answers.published.spec_digest,
            "sources": answers.published.sources,
            "generator_seed": answers.published.generator_seed,
            "train": splits.pop("train"),
            "domains": splits,
        },
        "method": METHOD,
        "display_name": "Speed",
        "configuration": CONFIGURATION,
        "selection": {"rule": "fixed"},
        "seeds": [{"seed": seed, "cost": None} for seed in SEEDS],
        "hardware": HARDWARE,
        "packages": {},
        "predictions": {
            "digest": digest,
            "rows": len(SEEDS) * answers.n,
            "has_probabilities": with_probabilities,
        },
        "conformance": {"status": "unknown"},
    }


def naive_score(data: bytes, answers: Answers) -> dict[str, float]:
    """The same checks of keys and classes and the same accuracies, as a notebook would do it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        frame = pd.read_parquet(io.BytesIO(archive.read(PREDICTIONS)))
    names = np.repeat(answers.domains, np.diff(answers.starts))
    labels = pd.DataFrame({"domain": names, "image_id": answers.image_id, "label": answers.labels})
    keys = ["seed", "domain", "image_id"]
    if frame.duplicated(keys).any() or not frame["pred"].between(0, 9).all():
        raise ValueError
    frame["domain"] = frame["domain"].astype(str)
    joined = frame.merge(labels, on=["domain", "image_id"], how="left")
    if joined["label"].isna().any() or len(joined) != manifest["predictions"]["rows"]:
        raise ValueError
    joined["correct"] = joined["pred"] == joined["label"]
    if "p0" in joined:
        p = joined[[f"p{k}" for k in range(10)]].to_numpy() / 65535
        of_label = p[np.arange(len(p)), joined["label"].to_numpy()]
        joined["nll"] = -np.log(np.clip(of_label, 1e-12, None))
        joined["brier"] = ((p - np.eye(10)[joined["label"].to_numpy()]) ** 2).sum(axis=1)
    by_run = joined.groupby(["seed", "domain"])["correct"].mean()
    return {str(name): value for name, value in by_run.groupby("domain").mean().items()}


if __name__ == "__main__":
    main()
