"""The record of one verification: what was claimed, what came out, and under which conditions."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from data_gen.foundation.documents import Frozen

Level = Literal["replay", "fresh-seed"]
Verdict = Literal["passed", "failed", "inconclusive"]
"""`inconclusive`: a replay that differs, on another machine or version than the claim's."""

Share = Annotated[float, Field(ge=0, le=1)]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=2000)]
Word = Annotated[str, Field(max_length=200)]
Count = Annotated[int, Field(ge=0)]


class Verified(Frozen):
    """What was verified."""

    submission_id: Word
    bundle_digest: Hex32
    """SHA-256 of the bundle's file."""
    benchmark: Word
    """Full name."""
    spec_digest: Hex32
    method: Word
    method_version: Word
    source_digest: Hex32
    """SHA-256 of the method's file, the same in the claim and here."""
    configuration: dict[str, object] = {}
    """Hyper-parameters, backbone, budget and precision, as the bundle states them."""


class Environment(Frozen):
    """Where predictions were made."""

    accelerator: Word
    device: Word
    """Model of the processor or accelerator."""
    n_devices: Annotated[int, Field(ge=1)] = 1
    cpu_threads: Count | None
    packages: dict[Word, Word]
    """Versions of python, dgbench, torch and what else decides a result."""


class Measure(Frozen):
    """One thing that a training could have done, and whether it was kept from doing it."""

    name: Literal["network", "files", "memory", "time", "file size", "processes", "environment"]
    enforced: bool
    how: Text
    """The means and the limit, or the reason why it could not be enforced."""


class Scores(Frozen):
    """Scores of one run, or means of several; null where the benchmark has none."""

    headline: float
    """HPS, or worst accuracy over environments: what ranks the entry."""
    mps: float | None = None
    """The missing-pattern score of older records, which no record has any more."""
    retention: float | None = None
    accuracy: dict[Word, Share] = {}
    """By test domain."""


class Commitment(Frozen):
    """Where seeds came from that nobody could choose."""

    nonce: Hex32
    commitment: Hex32
    """SHA-256 of the nonce."""
    drawn_by: Literal["store", "verifier"]
    """The store, which had published the commitment before, or the verifier, for a bundle of their
    own. In that case nobody but the verifier knows that it was drawn once."""


class Replay(Frozen):
    """One declared seed, trained again."""

    seed: Count
    claimed_digest: Hex32
    """SHA-256 of the predicted classes of this seed."""
    reproduced_digest: Hex32
    agreement: dict[Word, Share]
    """Share of images with the same predicted class, by test domain."""
    total_agreement: Share
    needed: Share
    """Agreement from which predictions count as the same."""
    differing: tuple[Word, ...]
    """Differences of machine and versions from the claim's. Empty if there are no differences."""
    claimed: Scores
    reproduced: Scores


class FreshRun(Frozen):
    """One run on new data."""

    generator_seed: Count
    seed: Count
    scores: Scores


class Fresh(Frozen):
    """Runs on new data, against the claim."""

    runs: tuple[FreshRun, ...]
    score: Literal["hps", "worst_environment"]
    """The headline score: what ranks an entry of this benchmark."""
    claimed_by_seed: dict[Count, float]
    """The claim's headline score, by seed."""
    image_variance: Annotated[float, Field(ge=0)]
    """Of the claim's headline score, over its test images."""
    claimed: Scores
    """Means over the claim's seeds."""
    reproduced: Scores
    """Means over the runs."""
    low: float
    high: float
    """The claim's prediction interval for the reproduced headline score."""
    level: Share
    basis: Literal["re-run", "both"]
    """Which estimate of the spread gave the interval."""
    reference: Text
    """What the scores were normalised with."""


class VerificationRecord(Frozen):
    """One verification; its signature covers all other fields."""

    schema_version: Literal[1] = 1
    level: Level
    verdict: Verdict
    summary: Text
    """The verdict in one line."""
    at: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    """When it ended, UTC."""
    seconds: Annotated[float, Field(ge=0)]
    verified: Verified
    commitment: Commitment
    replay: Replay | None = None
    fresh: Fresh | None = None
    claimed_environment: Environment | None = None
    environment: Environment
    measures: tuple[Measure, ...]
    """What the trainings were kept from doing."""
    verifier: Annotated[str, Field(max_length=100)] = ""
    """Whom the key belongs to, as the verifier says."""
    public_key: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """Ed25519."""
    signature: Annotated[str, Field(pattern=r"^([0-9a-f]{128})?$")] = ""
    """Over the canonical JSON of this record with an empty signature."""

    @model_validator(mode="after")
    def _has_its_level(self) -> "VerificationRecord":
        has = {"replay": self.replay is not None, "fresh-seed": self.fresh is not None}
        if not has[self.level] or sum(has.values()) != 1:
            raise ValueError(f"a record of level {self.level!r} holds that level's finding alone")
        return self

    @property
    def passed(self) -> bool:
        """Whether the claim held."""
        return self.verdict == "passed"

    @property
    def submission_id(self) -> str:
        """The submission that was verified."""
        return self.verified.submission_id


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a record, as `record.v1.schema.json` publishes it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **VerificationRecord.model_json_schema(),
    }
