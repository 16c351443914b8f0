"""Confusions of a submission, compared to a slow count, with the images behind them."""

from collections import Counter

import numpy as np
import pytest

from dgbench.submission.answer_key.answers import answers_of
from leaderboard.board.confusion import (
    MOST_SHOWN,
    DomainErrors,
    confusion_frame,
    errors_in,
    errors_of,
)

CLASSES = ("zero", "one", "two", "three")


def slow(pred: list[list[int]], labels: list[int]) -> DomainErrors:
    """The same by loops over seeds and images."""
    k, n_seeds = len(CLASSES), len(pred)
    confusion = np.zeros((k, k), int)
    wrong = [
        [seed[image] for seed in pred if seed[image] != label] for image, label in enumerate(labels)
    ]
    for seed in pred:
        for answer, label in zip(seed, labels, strict=True):
            confusion[label, answer] += 1
    by_class: dict[int, list[int]] = {}
    for image in sorted(range(len(labels)), key=lambda image: (-len(wrong[image]), image)):
        if len(wrong[image]) > n_seeds / 2:
            by_class.setdefault(labels[image], []).append(image)
    hardest = []
    for turn in range(len(labels)):
        hardest += sorted(
            (places[turn] for places in by_class.values() if turn < len(places)),
            key=lambda image: (-len(wrong[image]), image),
        )
    hardest = hardest[:MOST_SHOWN]
    said = []
    for image in hardest:
        counts = Counter(wrong[image])
        said.append(min(counts, key=lambda answer: (-counts[answer], answer)))
    return DomainErrors(
        classes=CLASSES,
        confusion=confusion,
        hardest=tuple(hardest),
        answers=tuple(CLASSES[answer] for answer in said),
        n_wrong=sum(map(len, by_class.values())),
    )


@pytest.mark.parametrize("n_seeds", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("n_images", [1, 7, 60])
@pytest.mark.parametrize("skill", [0.0, 0.5, 1.0])
def test_errors_are_those_of_a_slow_count(n_seeds: int, n_images: int, skill: float) -> None:
    draw = np.random.default_rng(n_seeds + n_images)
    labels = draw.integers(0, 4, n_images).astype(np.uint8)
    pred = np.where(
        draw.random((n_seeds, n_images)) < skill, labels, draw.integers(0, 4, (n_seeds, n_images))
    ).astype(np.uint8)
    errors, expected = errors_in(pred, labels, CLASSES), slow(pred.tolist(), labels.tolist())
    assert errors.confusion.tolist() == expected.confusion.tolist()
    assert (errors.hardest, errors.answers) == (expected.hardest, expected.answers)
    assert errors.n_wrong == expected.n_wrong
    assert errors.n_wrong == (0 if skill == 1.0 else len(errors.hardest)) or n_images > MOST_SHOWN


def test_an_image_is_never_shown_as_mistaken_for_its_own_class() -> None:
    # Two of five seeds are right, the others each say something else.
    pred = np.array([[0], [0], [1], [2], [3]], np.uint8)
    errors = errors_in(pred, np.array([0], np.uint8), CLASSES)
    assert (errors.hardest, errors.answers, errors.n_wrong) == ((0,), ("one",), 1)


def test_each_class_has_its_turn() -> None:
    labels = np.array([0] * 30 + [1] * 2 + [2], np.uint8)
    errors = errors_in(np.full((1, 33), 3, np.uint8), labels, CLASSES)
    assert errors.hardest[:5] == (0, 30, 32, 1, 31)
    assert len(errors.hardest) == MOST_SHOWN
    assert errors.n_wrong == 33


def test_the_frame_has_the_shares_of_each_label() -> None:
    labels = np.array([0, 0, 1], np.uint8)
    table = confusion_frame(errors_in(np.array([[0, 1, 1], [0, 0, 1]], np.uint8), labels, CLASSES))
    shares = {(line.label, line.said): (line.share, line.n) for line in table.itertuples()}
    assert len(shares) == 16
    assert shares["zero", "zero"] == (0.75, 3)
    assert shares["zero", "one"] == (0.25, 1)
    assert shares["one", "one"] == (1.0, 2)
    assert shares["three", "zero"] == (0.0, 0)


def test_a_bundles_errors_are_those_of_its_predictions() -> None:
    from tests.dgbench.verification.bundles import SEEDS, bundle_of, guesses
    from tests.dgbench.verification.trainings import ERM

    data = bundle_of(np.stack([guesses(0.6, seed) for seed in SEEDS]), method=ERM)
    from dgbench.submission.format.bundle import read_bundle

    bundle = read_bundle(data)
    for domain in bundle.answers.domains[:3]:
        part = bundle.answers.within(domain)
        errors = errors_of(data, domain)
        right = (bundle.pred[:, part] == bundle.answers.labels[part]).sum()
        assert np.trace(errors.confusion) == right
        assert errors.confusion.sum() == bundle.pred[:, part].size


@pytest.mark.parametrize("benchmark", ["mnist-color@1", "mnist-color-5k@1", "colored-mnist@1"])
def test_the_images_that_are_drawn_have_the_labels_that_were_scored(benchmark: str) -> None:
    from leaderboard.web.pictures import draw

    answers = answers_of(benchmark)
    assert answers is not None
    for domain in answers.domains:
        labels = answers.labels[answers.within(domain)]
        places = np.random.default_rng(0).choice(len(labels), 12, replace=False).tolist()
        shown = draw(benchmark, domain, places)
        assert shown is not None
        assert shown.labels == tuple(answers.spec.classes[labels[place]] for place in places)
        assert len({image.tobytes() for image in shown.images}) > 6
