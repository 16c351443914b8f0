"""Bundles as a submitter could make them, and runs as trainings leave them."""

import json

import numpy as np

from tests.dgbench.submission.making import BENCHMARK, good_manifest

SEEDS = (0, 1, 2)


def bundle_of(pred, seeds=SEEDS, **changes):
    """Make the bytes of a bundle with these predictions and with `changes` to its manifest."""
    from dgbench.submission.answer_key.answers import answers_of
    from dgbench.submission.format.alignment import predictions_digest, table_of
    from dgbench.submission.format.archive import write_archive
    from dgbench.submission.format.predictions import write_table

    manifest = good_manifest(seeds)
    manifest["predictions"] = {
        "digest": predictions_digest(pred, None),
        "rows": pred.size,
        "has_probabilities": False,
    }
    for name, value in changes.items():
        manifest[name] = {**manifest[name], **value} if isinstance(value, dict) else value
    table = table_of(pred, None, seeds, answers_of(BENCHMARK))
    return write_archive(
        {"manifest.json": json.dumps(manifest).encode(), "predictions.parquet": write_table(table)}
    )


def guesses(share, key, *, generator_seed=None):
    """Predictions of one run that are right on just this share of the images of every domain."""
    from dgbench.submission.answer_key.answers import answers_of
    from dgbench.verification.fresh_answers import with_generator_seed

    answers = answers_of(BENCHMARK)
    if generator_seed is not None:
        answers = with_generator_seed(answers, generator_seed)
    random = np.random.default_rng(key)
    is_right = np.zeros(answers.n, bool)
    for name in answers.domains:
        n = answers.size(name)
        is_right[answers.within(name)] = random.permutation(n) < round(share * n)
    wrong = (answers.labels + random.integers(1, 10, answers.n)) % 10
    return np.where(is_right, answers.labels, wrong).astype(np.uint8)


def a_run(claim, pred, **hardware):
    """The outcome of a training of the claim's method that makes these predictions."""
    from dgbench.results.record import Configuration, DomainCounts, MethodRecord, RunRecord
    from dgbench.verification.retrain import Retrained
    from tests.dgbench.verification.records import a_record

    manifest = claim.bundle.manifest
    claimed = manifest.configuration
    record = RunRecord(
        status="done",
        configuration=Configuration(
            benchmark=BENCHMARK,
            spec_digest="",
            sources={},
            generator_seed=0,
            multiply=1,
            official=True,
            train_domain="train",
            backbone=claimed.backbone,
            steps=claimed.steps,
            method=MethodRecord(name=manifest.method.name, version="", source_digest=""),
            hyper_parameters=claimed.hyper_parameters,
            batch_size=claimed.batch_size,
            precision=claimed.precision,
        ),
        seed=0,
        process={"host": "", "pid": 1, "started": ""},
        hardware=manifest.hardware.model_copy(update=hardware),
        packages=manifest.packages,
        train=manifest.benchmark.train,
        domains={
            name: DomainCounts(data=split, n=1, correct=0, follows={}, nll=None, brier=None)
            for name, split in manifest.benchmark.domains.items()
        },
    )
    return Retrained(pred=pred, record=record, measures=a_record().measures)
