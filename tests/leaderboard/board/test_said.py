"""Answers of submissions on single images, compared with a count by hand."""

from collections import Counter

import numpy as np
import pytest

from leaderboard.board.said import Said, answers_in, differing, said_of

CLASSES = ("a", "b", "c", "d")


def said(answers: list[int], labels: list[int]) -> Said:
    arrays = (np.array(values, np.uint8) for values in (labels, answers))
    return Said(classes=CLASSES, labels=next(arrays), answers=next(arrays))


def slow_answer(votes: list[int], label: int) -> int:
    """The label if more than half of the seeds say it, else the most frequent wrong class."""
    if 2 * votes.count(label) > len(votes):
        return label
    counts = Counter(vote for vote in votes if vote != label)
    return min(counts, key=lambda value: (-counts[value], value))


@pytest.mark.parametrize("n_seeds", [1, 2, 3, 5])
def test_the_answer_that_counts_is_that_of_most_seeds(n_seeds: int) -> None:
    draw = np.random.default_rng(n_seeds)
    labels = draw.integers(0, 4, 300).astype(np.uint8)
    pred = draw.integers(0, 4, (n_seeds, 300)).astype(np.uint8)
    expected = [
        slow_answer(pred[:, place].tolist(), int(label)) for place, label in enumerate(labels)
    ]
    assert answers_in(pred, labels, n_classes=4).tolist() == expected


def test_images_are_chosen_by_class_and_by_who_is_right() -> None:
    labels = [0, 0, 1, 1, 2]
    both = {"x": said([0, 0, 1, 3, 2], labels), "y": said([0, 1, 2, 1, 2], labels)}
    assert differing(both).tolist() == [1, 2, 3]
    assert differing(both, label=1).tolist() == [2, 3]
    assert differing(both, right="x").tolist() == [1, 2]
    assert differing(both, label=1, right="y").tolist() == [3]
    assert differing({"x": both["x"]}).tolist() == []


def test_answers_are_read_from_a_bundle() -> None:
    from dgbench.submission.format.bundle import read_bundle
    from tests.dgbench.verification.bundles import SEEDS, bundle_of, guesses
    from tests.dgbench.verification.trainings import ERM

    data = bundle_of(np.stack([guesses(0.6, seed) for seed in SEEDS]), method=ERM)
    bundle = read_bundle(data)
    domain = bundle.answers.domains[1]
    right = bundle.pred == bundle.answers.labels
    expected = 2 * right[:, bundle.answers.within(domain)].sum(axis=0) > len(SEEDS)
    assert said_of(data, domain).is_right.tolist() == expected.tolist()
