"""The score card: everything that is shown about the predictions of a submission."""

from typing import Literal

from data_gen.foundation.documents import Frozen
from dgbench.results.selection import Selection
from dgbench.standings.words import Standing

FlagCode = Literal[
    "above-ceiling",
    "above-chance",
    "equal-seeds",
    "low-retention",
    "older-benchmark",
    "other-backbone",
    "over-budget",
    "unchecked-method",
    "under-budget",
]


class Headline(Frozen):
    """The score that ranks."""

    name: Literal["hps", "worst_environment"]
    estimate: float | None
    """Null where the benchmark tests no pattern alone, as its older versions do not."""
    low: float | None
    high: float | None
    """Ends of the 95 % interval for other seeds and other images. Null for a single seed."""
    by_seed: tuple[float, ...]
    """The score of each seed, empty if the estimate is null."""


class DomainCalibration(Frozen):
    """Agreement of the probabilities with how often the predictions are right, over all seeds."""

    nll: float
    """Mean of -log of the label's probability, in nats."""
    brier: float
    ece: float
    """Expected calibration error over 15 equal bins."""


class Flag(Frozen):
    """A note for readers and moderators. It is never a rejection."""

    code: FlagCode
    detail: str


class ScoreCard(Frozen):
    """The scores of a submission.

    Numbers are rounded to nine decimals, so that every machine writes the same bytes.
    """

    schema_version: Literal[2] = 2
    submission_id: str
    predictions_digest: str
    benchmark: str
    spec_digest: str
    official: Literal[True] = True
    method: str
    method_version: str
    display_name: str
    uses: tuple[str, ...]
    """The track."""
    selection: Selection
    n_trials: int
    standing: Standing
    """By what the submission says of itself: its seeds, and whether it is a yardstick or diverged.

    On the leaderboard an entry whose ID retention is low is `gave-up`, whatever stands here.
    """
    seeds: tuple[int, ...]
    n_images: dict[str, int]
    """Number of images by test domain."""
    correct: dict[str, tuple[int, ...]]
    """Number of right predictions by test domain and seed."""
    follows: dict[str, tuple[int, ...]]
    """Number of predictions on `conflict` that follow each pattern, by pattern and seed."""
    chance: float
    headline: Headline
    accuracy: dict[str, float]
    """Accuracy by test domain. This and all scores below are means over seeds."""
    mean_accuracy: float
    """Mean over the test domains whose label can be inferred."""
    worst_domain: str
    worst_accuracy: float
    found: dict[str, float]
    """F of each pattern that has one."""
    trusted: dict[str, float]
    """T of each pattern that has one."""
    hps: float | None
    up: float | None
    mp: float | None
    retention: float | None
    reliance: dict[str, float] | None
    effective_patterns: float | None
    shapley: dict[str, float] | None
    mean_environment: float | None
    worst_environment: float | None
    calibration: dict[str, DomainCalibration] | None
    """Calibration by test domain. Null for a submission without probabilities."""
    flags: tuple[Flag, ...]
