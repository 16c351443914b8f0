"""`run.json`: everything about one run that its predictions cannot tell.

It holds raw counts and facts. Scores are computed from it on reading (`dgbench.metrics`), so that
mending a metric rewrites no history.

A field that is added later is marked LATER, with a default that says nothing: records and
configurations without it keep their JSON and their digests.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from data_gen.foundation.documents import Frozen, Upgrade, digest_of
from data_gen.manifest import SourceRecord, SplitRecord
from dgbench.results.facts import Paper, Paradigm
from dgbench.results.growing import LATER, Growing
from dgbench.results.instruments import (
    Amount,
    Count,
    Finding,
    Latency,
    Localisation,
    Look,
    Measure,
)

Status = Literal["running", "done", "failed", "diverged", "interrupted"]
"""Only `done` counts. A run whose process was killed stays `running`: see `Process`."""

UPGRADES: dict[int, Upgrade] = {1: lambda document: {**document, "schema_version": 2}}
"""By schema version, what makes the next one of a record: version 2 only adds fields."""


class MethodRecord(Frozen):
    """The method that was trained."""

    name: str
    version: str
    """Of the package that registers it, empty for a method from a file."""
    source_digest: str
    """Digest of the file that defines it and of what that imports of its own package."""
    uses: tuple[str, ...] = ()
    """Extra information that it was given, sorted."""


class Configuration(Growing):
    """The settings that determine a run's result, apart from the seed and the machine."""

    benchmark: str
    """Full name, such as `mnist-color@1`."""
    spec_digest: str
    sources: dict[str, SourceRecord]
    generator_seed: Count
    multiply: Annotated[int, Field(ge=1)]
    """How often each training glyph was drawn."""
    official: bool
    """Whether spec, sources and generator seed are the published ones."""
    train_domain: str
    """The split that was trained on: `train`, or `train.only.<pattern>` for an oracle."""
    method: MethodRecord
    hyper_parameters: dict[str, Any]
    backbone: str
    steps: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]
    """Images a step, over all devices."""
    precision: str
    """As Lightning names it, such as `32-true`."""
    backbone_options: Annotated[dict[str, JsonValue], LATER] = {}
    """Options of the backbone, where it has any."""
    backbone_digest: Annotated[str, LATER] = ""
    """Source digest of a backbone that dgbench does not provide."""
    evaluation_batch_size: Annotated[int | None, Field(ge=1), LATER] = None
    """Images in a forward pass of the evaluation. Null: dgbench's own choice."""
    development_only: Annotated[bool, LATER] = False
    """Whether no test domain is drawn, so that the development domains speak for the run."""

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of all fields."""
        return digest_of(self.canonical)


class Process(Frozen):
    """The process that works on a run, so that a killed run can be told from one at work."""

    host: str
    pid: Count
    started: str
    """UTC, ISO 8601."""


class Hardware(Frozen):
    """The machine of a run."""

    accelerator: str
    device: str
    """Model of the processor or accelerator."""
    n_devices: Annotated[int, Field(ge=1)]
    strategy: str
    cpu_cores: Count
    cpu_threads: Count
    """Threads that torch used on each process."""


class Energy(Frozen):
    """Energy of the session that ended a run, by codecarbon in its offline mode."""

    kwh: Amount
    method: Literal["measured", "estimated"]
    """`measured` by counters of the hardware, or `estimated` from load and nominal power."""
    country: str | None
    """ISO 3166-1 alpha-3 code of the grid's country, where one was given."""
    co2_kg: Amount | None
    """From the country's mean carbon intensity. Null without a country."""


class Cost(Growing):
    """Size, time, memory and energy of a run."""

    parameters: Count
    flops_per_image: Count | None
    """Floating-point operations of one forward pass (a multiply-add is two), where counted."""
    training_seconds: Amount
    """Of all sessions, without what a later one repeated. The other times are of the last one."""
    evaluation_seconds: Amount
    loading_seconds: Amount
    training_images_per_second: Amount
    evaluation_images_per_second: Amount
    peak_memory_bytes: Count
    """Of the process."""
    peak_device_memory_bytes: Count | None
    """Of the accelerator. Null on a CPU."""
    energy: Energy | None
    """Null where codecarbon is not installed, was not asked, or failed."""
    counted_images: Annotated[Count | None, LATER] = None
    """Fixed images over which the operations below are averaged."""
    active_macs_per_image: Annotated[Amount | None, LATER] = None
    """Multiply-adds with no zero among their operands."""
    additions_per_image: Annotated[Amount | None, LATER] = None
    """Those of them whose input holds only 0 and 1, so that an addition is enough."""
    operation_microjoules_per_image: Annotated[Amount | None, LATER] = None
    """Energy of these operations, estimated from nominal energies of an operation."""
    nonzero_weights: Annotated[Count | None, LATER] = None
    saved_activation_bytes_per_image: Annotated[Amount | None, LATER] = None
    """What the backward pass needs to be kept, without parameters."""
    model_bytes: Annotated[Count | None, LATER] = None
    """Of the saved state."""
    energy_problem: Annotated[str, LATER] = ""
    """Why codecarbon failed."""
    latencies: Annotated[tuple[Latency, ...], Field(max_length=16), LATER] = ()
    """By batch size."""


class DomainCounts(Frozen):
    """Raw counts of one split."""

    data: SplitRecord
    """Size and digests of what was evaluated."""
    n: Count
    correct: Count
    follows: dict[str, Count]
    """Predictions equal to the value that each pattern shows."""
    nll: float | None
    """Sum over images of -log of the label's probability. Null without probabilities."""
    brier: float | None
    """Sum over images of the squared distance of the probabilities to the one-hot label."""
    confidence_bins: tuple["ConfidenceBin", ...] = ()
    """Fifteen equal bins of the predicted class's probability, for the calibration error."""


class ConfidenceBin(Frozen):
    """Images whose confidence is in one bin."""

    n: Count
    correct: Count
    confidence: float
    """Sum of the confidences."""


class ProbeCounts(Frozen):
    """A linear probe of one pattern's value, on images in which nothing correlates."""

    n: Count
    correct: Count
    """With the trained network's features."""
    correct_untrained: Count
    """With the features of the same network before training."""


class RunRecord(Growing):
    """The contents of `run.json`."""

    schema_version: Literal[2] = 2
    status: Status
    message: str = ""
    """Why the run ended, where it did not end as it should."""
    configuration: Configuration
    seed: Count
    trial: Count | None = None
    """Number of the trial in its sweep. 0 has the defaults. Null outside sweeps."""
    regularisation: tuple[str, ...] = ()
    """The method's order of trials by regularisation: hyper-parameters, the most important one
    first, with `-` before those of which less is stronger. Empty where it declares none."""
    paradigm: Annotated[Paradigm, LATER] = "network"
    """The kind of learning system that the method trains."""
    uses_backbone: Annotated[bool, LATER] = True
    """Whether the method trains the backbone, and not only a network of its own."""
    is_yardstick: Annotated[bool, LATER] = False
    """Whether the method only shows what a score means, and is never ranked."""
    paper: Annotated[Paper | None, LATER] = None
    """The publication that the method comes from."""
    process: Process
    hardware: Hardware
    packages: dict[str, str]
    """Versions of python, dgbench and the libraries that decide a result."""
    steps_done: Count = 0
    resumed: Count = 0
    """How often the run went on from a checkpoint."""
    train: SplitRecord | None = None
    validation: DomainCounts | None = None
    """Held-out training digits in the training domain: what selection by `id-val` and
    `constrained-id` may read."""
    development: dict[str, DomainCounts] = {}
    """The same digits in the states of the test domains, by the test domain's canonical name, where
    asked for: what `oracle` and `leave-one-pattern-out` may read."""
    domains: dict[str, DomainCounts] = {}
    """Test domains by canonical name."""
    predictions_digest: str | None = None
    """SHA-256 of the file `predictions.parquet`."""
    probes: dict[str, ProbeCounts] = {}
    probe_problem: Annotated[str, LATER] = ""
    """Why the features were not probed, where they should have been."""
    cost: Cost | None = None
    measures: Annotated[dict[str, Measure], LATER] = {}
    """Quantities from the theory of generalisation, by name."""
    localisation: Annotated[dict[str, Localisation], LATER] = {}
    """Where the method looks, by pattern."""
    findings: Annotated[tuple[Finding, ...], LATER] = ()
    """What the method has learnt."""
    findings_digest: Annotated[str | None, LATER] = None
    """SHA-256 of the file that holds the findings."""
    looks: Annotated[tuple[Look, ...], LATER] = ()
    """The course of the training on development domains."""

    @property
    def evaluated(self) -> dict[str, DomainCounts]:
        """The domains that speak for the run: its test domains, or else its development domains."""
        return self.development if self.configuration.development_only else self.domains
