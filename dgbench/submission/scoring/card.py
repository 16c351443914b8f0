"""The score card: all that is shown of a submission's predictions, and the arrays behind it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from dgbench.results.selection import Selection
from dgbench.submission.format.manifest import canonical_json

Standing = Literal["full", "provisional", "unranked"]
FULL_SEEDS, PROVISIONAL_SEEDS = 5, 3
FlagCode = Literal[
    "above-ceiling",
    "above-chance",
    "equal-seeds",
    "low-retention",
    "other-backbone",
    "over-budget",
    "unchecked-method",
    "under-budget",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Headline(_Frozen):
    """The score that ranks."""

    name: Literal["hps", "worst_environment"]
    estimate: float
    low: float | None
    high: float | None
    """Ends of the 95 % interval for other seeds and other images; null for a single seed."""
    by_seed: tuple[float, ...]


class DomainCalibration(_Frozen):
    """Do the probabilities say how often the predictions are right? Over all seeds."""

    nll: float
    """Mean of -log of the label's probability, in nats."""
    brier: float
    ece: float
    """Expected calibration error over 15 equal bins."""


class Flag(_Frozen):
    """Something that a reader should know or a moderator look at; never a rejection."""

    code: FlagCode
    detail: str


class ScoreCard(_Frozen):
    """What the scorer found.

    Numbers are rounded to nine decimals, so its bytes are the same on every machine.
    """

    schema_version: Literal[1] = 1
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
    """`full` with five seeds or more, `provisional` with three or four, else `unranked`."""
    seeds: tuple[int, ...]
    n_images: dict[str, int]
    """By test domain."""
    correct: dict[str, tuple[int, ...]]
    """Right predictions by test domain, one count a seed."""
    follows: dict[str, tuple[int, ...]]
    """Predictions on `conflict` that follow each pattern, one count a seed."""
    chance: float
    headline: Headline
    accuracy: dict[str, float]
    """By test domain, the mean over seeds; so are all that follow."""
    mean_accuracy: float
    """Over the test domains whose label can be known."""
    worst_domain: str
    worst_accuracy: float
    pattern_found: dict[str, float] | None
    hps: float | None
    mps: float | None
    retention: float | None
    reliance: dict[str, float] | None
    effective_patterns: float | None
    shapley: dict[str, float] | None
    mean_environment: float | None
    worst_environment: float | None
    calibration: dict[str, DomainCalibration] | None
    """By test domain; null where no probabilities were given."""
    flags: tuple[Flag, ...]

    @property
    def canonical(self) -> bytes:
        """The card as JSON: client and server make the same bytes of the same bundle."""
        return canonical_json(self.model_dump(mode="json"))
