"""Makes bundles by hand, without run folders: good ones, and parts of them."""

import json
from functools import cache

import numpy as np

BENCHMARK = "mnist-color-5k@1"
"""Its source is embedded and small: 8 domains of 1,000 images."""
SEEDS = (0, 1, 2)


@cache
def predictions(seeds=SEEDS, *, with_probabilities=False):
    """Predictions that are often right, with probabilities that agree with them."""
    from dgbench.submission.answer_key.answers import answers_of

    answers = answers_of(BENCHMARK)
    random = np.random.default_rng(7)
    shape = len(seeds), answers.n
    guesses = random.integers(0, answers.n_classes, shape)
    is_right = random.random(shape) < 0.6
    pred = np.where(is_right, answers.labels, guesses).astype(np.uint8)
    if not with_probabilities:
        return pred, None
    units = random.dirichlet(np.full(answers.n_classes, 0.3), shape) * 65535
    top = units.argmax(axis=2)
    rows = np.indices(shape)
    units[(*rows, top)], units[(*rows, pred)] = (
        units[(*rows, pred)].copy(),
        units[(*rows, top)].copy(),
    )
    return pred, np.ascontiguousarray(np.rint(units).astype(np.uint16).transpose(2, 0, 1))


def good_manifest(seeds=SEEDS, *, with_probabilities=False):
    """The document of a manifest, ready to be changed."""
    from dgbench.submission.answer_key.answers import answers_of
    from dgbench.submission.format.alignment import predictions_digest

    answers = answers_of(BENCHMARK)
    pred, probabilities = predictions(tuple(seeds), with_probabilities=with_probabilities)
    splits = {
        name: record.model_dump(mode="json") for name, record in answers.published.splits.items()
    }
    train = splits.pop("train")
    return {
        "schema_version": 1,
        "benchmark": {
            "name": BENCHMARK,
            "spec_digest": answers.published.spec_digest,
            "sources": dict(answers.published.sources),
            "generator_seed": answers.published.generator_seed,
            "train": train,
            "domains": splits,
        },
        "method": {
            "name": "some-method",
            "version": "1.0",
            "distribution": "some-package",
            "entry_point": "some_package:Method",
            "source_digest": "ab" * 32,
            "uses": [],
        },
        "display_name": "Some method",
        "authors": ["A. Author"],
        "description": "Plain words.",
        "paper_url": "https://example.org/paper",
        "code_url": None,
        "licence": "MIT",
        "configuration": {
            "hyper_parameters": {"learning_rate": 0.001, "layers": [1, 2]},
            "backbone": "small-cnn",
            "steps": 3000,
            "batch_size": 128,
            "precision": "32-true",
        },
        "selection": {"rule": "fixed", "n_trials": 1},
        "seeds": [{"seed": seed, "cost": None} for seed in seeds],
        "hardware": {
            "accelerator": "cpu",
            "device": "A processor",
            "n_devices": 1,
            "strategy": "single",
            "cpu_cores": 2,
            "cpu_threads": 1,
        },
        "packages": {"python": "3.11", "dgbench": "0.1.0"},
        "predictions": {
            "digest": predictions_digest(pred, probabilities),
            "rows": pred.size,
            "has_probabilities": with_probabilities,
        },
        "conformance": {"status": "passed", "version": "0.1.0"},
        "demonstration": False,
    }


def good_table(seeds=SEEDS, *, with_probabilities=False):
    """The rows of predictions.parquet."""
    from dgbench.submission.answer_key.answers import answers_of
    from dgbench.submission.format.alignment import table_of

    pred, probabilities = predictions(tuple(seeds), with_probabilities=with_probabilities)
    return table_of(pred, probabilities, seeds, answers_of(BENCHMARK))


def good_members(seeds=SEEDS, *, with_probabilities=False):
    """The members of a good bundle, by name."""
    return dict(_members(tuple(seeds), with_probabilities))


@cache
def _members(seeds, with_probabilities):
    from dgbench.submission.format.predictions import write_table

    manifest = good_manifest(seeds, with_probabilities=with_probabilities)
    table = good_table(seeds, with_probabilities=with_probabilities)
    return (
        ("manifest.json", json.dumps(manifest).encode()),
        ("predictions.parquet", write_table(table)),
    )


def good_bundle(seeds=SEEDS, *, with_probabilities=False):
    """The bytes of a good bundle."""
    from dgbench.submission.format.archive import write_archive

    return write_archive(good_members(seeds, with_probabilities=with_probabilities))
