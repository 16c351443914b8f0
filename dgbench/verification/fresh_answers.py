"""Answers for freshly generated data, worked out without rendering an image."""

import numpy as np
from jaxtyping import UInt8

from data_gen.sampler import sample_images
from dgbench.metrics.headline import ranking_score
from dgbench.metrics.scores import scores
from dgbench.results.record import DomainCounts
from dgbench.submission.answer_key.answers import Answers, classes_of_tests
from dgbench.verification.record import Scores


def with_generator_seed(answers: Answers, seed: int) -> Answers:
    """Work out the answers for another generator seed: the same glyphs, new labels and values.

    The reference values stay, since every generator seed draws from the population in which the
    ceilings were measured.
    """
    spec = answers.spec
    classes = classes_of_tests(spec)
    labels: list[np.ndarray] = []
    values: list[dict[str, np.ndarray]] = []
    for test in spec.test_domains:
        images = answers.image_id[answers.within(test.name)]
        sample = sample_images(
            spec, seed=seed, pool="test", domain=test.domain, images=images, classes=classes[images]
        )
        labels.append(sample.labels)
        values.append(sample.values)
    return answers._replace(
        labels=np.concatenate(labels).astype(np.uint8),
        values={
            name: np.concatenate([domain_values[name] for domain_values in values]).astype(np.int8)
            for name in spec.entries
        },
    )


def scores_of(pred: UInt8[np.ndarray, " n"], answers: Answers) -> Scores:
    """Score one run. Its headline is the score that ranks."""
    correct = pred == answers.labels
    counts = {
        name: DomainCounts(
            data=answers.published.splits[name],
            n=answers.size(name),
            correct=int(correct[answers.within(name)].sum()),
            follows={},
            nll=None,
            brier=None,
        )
        for name in answers.domains
    }
    measured = scores(counts, answers.spec, answers.reference)
    headline = ranking_score(answers.spec).of(measured)
    if headline is None:
        raise ValueError(f"The predictions on {answers.spec.id} have no score that ranks.")
    return Scores(
        headline=headline,
        retention=measured.retention,
        accuracy=measured.accuracy,
    )
