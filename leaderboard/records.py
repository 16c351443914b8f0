"""What the service is asked and what it answers: frozen records, the same for UI, API and CLI."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from data_gen.foundation.errors import DGBenchError
from dgbench.results.selection import Selection

Role = Literal["submitter", "moderator", "verifier"]
Verification = Literal["received", "package", "replayed", "fresh-seed", "failed"]
"""How far a row's numbers were checked, from re-scored predictions to retraining on new data."""
Standing = Literal["full", "provisional", "unranked"]
State = Literal["shown", "hidden", "withdrawn"]
"""`hidden` by a moderator, `withdrawn` by its submitter; both keep their place in the history."""
Sort = Literal[
    "rank", "hps", "mps", "retention", "accuracy", "submitted", "method", "parameters", "seconds"
]

ROLES: tuple[Role, ...] = ("submitter", "moderator", "verifier")


class RefusedError(DGBenchError):
    """A request that the service does not grant; `status` is the HTTP status that fits."""

    def __init__(
        self, status: int, code: str, detail: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.retry_after = retry_after
        """Seconds after which the same request may be granted, where that is known."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who asks, and what that person may do."""

    name: str
    roles: frozenset[Role] = frozenset()
    token_id: str | None = None
    """The token that was shown; None for the operator of a local store."""
    daily_quota: int | None = None
    """Bundles in 24 hours; None for no limit."""


OPERATOR = Identity(name="operator", roles=frozenset(ROLES))
"""Whoever may write the store's files: the user of the command line."""
ANYONE = Identity(name="anyone")
"""A reader who shows no token."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """Which rows of the leaderboard, in which order."""

    benchmark: str
    uses: tuple[str, ...] | None = None
    """The track; None for the rows of every track, each ranked in its own."""
    selection: str | None = "fixed"
    """How hyper-parameters were chosen; None for all, each ranked in its own."""
    search: str = ""
    """Words that name, version, authors or id must contain."""
    verification: Verification | None = None
    standing: Standing | None = None
    as_of: str | None = None
    """A date or time, ISO 8601, UTC where it names no zone: the leaderboard as it was then."""
    sort: Sort = "rank"
    descending: bool = False

    @property
    def whole(self) -> "Query":
        """The same groups at the same time, with every row and in the order of the ranks."""
        return Query(
            benchmark=self.benchmark, uses=self.uses, selection=self.selection, as_of=self.as_of
        )


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the leaderboard."""

    submission_id: str
    rank: int | None
    """1 + the number of entries that are significantly better; None where it is not ranked."""
    rank_low: int | None
    rank_high: int | None
    """The interval in which the rank lies with a probability of 95 %."""
    method: str
    display_name: str
    version: str
    authors: tuple[str, ...]
    paper_url: str | None = None
    code_url: str | None = None
    benchmark: str
    uses: tuple[str, ...]
    selection: Selection
    n_seeds: int
    standing: Standing
    hps: float | None
    hps_low: float | None
    hps_high: float | None
    """The headline score; the mean over environments where the benchmark has environments."""
    mps: float | None
    retention: float | None
    pattern_found: Mapping[str, float]
    accuracy: float | None
    """Mean over the test domains whose label can be known."""
    worst_domain: str
    worst_accuracy: float | None
    parameters: int | None
    training_seconds: float | None
    energy_kwh: float | None
    verification: Verification
    submitted_at: str
    """UTC, ISO 8601."""
    submitter: str
    attempts: int
    """Submissions of this method by this submitter in this group, withdrawn ones among them."""
    flags: tuple[str, ...]
    """Codes of the flags that stand, such as `near-duplicate`: for a moderator to look at."""
    notes: tuple[str, ...] = ()
    """Codes of what a reader should know, such as `low-retention`; the score card has details."""


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Something about a submission that a moderator should look at; never a rejection."""

    id: str
    submission_id: str
    code: str
    detail: str
    raised_at: str
    cleared_at: str | None
    cleared_by: str | None


@dataclass(frozen=True, kw_only=True)
class Event:
    """One entry of the audit log; `digest` covers the entry and the digest before it."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]
    previous: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A signed record of one verification, as it was received."""

    submission_id: str
    level: str
    """`replayed` or `fresh-seed`."""
    verdict: str
    """`passed`, `failed` or `inconclusive`; the last changes no row."""
    at: str
    verifier: str
    document: str
    """The record, JSON, with its signature."""

    @property
    def passed(self) -> bool:
        """Whether the claim held."""
        return self.verdict == "passed"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """Everything about one submission."""

    id: str
    state: State
    reason: str
    """Why it was hidden or withdrawn."""
    row: Row
    is_superseded_by: str | None
    """The id of the later submission of the same method that is ranked in its place."""
    score_card: str
    """What the scorer found, canonical JSON."""
    manifest: str
    """What the submitter declared, JSON."""
    model_card: str
    bundle_digest: str
    """SHA-256 of the bundle as it was received."""
    bundle_bytes: int
    flags: tuple[Flag, ...]
    verifications: tuple[Verified, ...]
    history: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a submitter gets back."""

    submission_id: str
    is_new: bool
    """False where the same predictions had been submitted before: nothing was added."""
    row: Row
    flags: tuple[str, ...]
    revision: int


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows that are ranked against each other."""

    benchmark: str
    uses: tuple[str, ...]
    selection: Selection
    n_entries: int
    """Rows, without those that a later one stands in for."""
    last_submitted_at: str


@dataclass(frozen=True, kw_only=True)
class PairDifference:
    """Two submissions of one benchmark, compared on the same images."""

    first: str
    second: str
    difference: float
    """Headline score of the first less that of the second."""
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class DomainComparison:
    """What the compared submissions get right on one domain, by majority of their seeds."""

    domain: str
    n_images: int
    accuracy: Mapping[str, float]
    """Mean over seeds, by submission id."""
    overlap: Mapping[str, Mapping[str, float]]
    """Share of the errors of either that are errors of both, by id and id."""
    n_differing: int
    """Images that most seeds of some get right and most seeds of others do not."""
    differing: tuple[int, ...]
    """The first of them, at most a hundred, by their index in the domain."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two to six submissions of one benchmark side by side."""

    benchmark: str
    rows: tuple[Row, ...]
    pairs: tuple[PairDifference, ...]
    domains: tuple[DomainComparison, ...]


@dataclass(frozen=True, kw_only=True)
class MethodHistory:
    """All submissions of one method, oldest first."""

    method: str
    rows: tuple[Row, ...]
    withdrawn: int
    """How many more were withdrawn or hidden."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """How the store is doing."""

    revision: int
    database: str
    """`sqlite` or `postgresql`."""
    n_submissions: int
    n_rows: int
    n_withdrawn: int
    n_hidden: int
    n_flags: int
    """That no moderator has cleared."""
    last_submitted_at: str | None
    last_backup_at: str | None
    last_fsck_at: str | None
    last_fsck_problems: int | None
    schema: str
    """Revision of the tables."""
    versions: Mapping[str, str]
    """Of dgbench, python and the packages that decide what is shown."""
    audit_digest: str
    """Of the newest entry of the audit log: who keeps it can tell whether history was changed."""
