"""A row of the leaderboard, and the part of it that its bundle decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dgbench.metrics.ranking import PairVerdict
from dgbench.results.facts import Paper, Paradigm
from dgbench.results.selection import Selection
from dgbench.standings.headline import Headline
from dgbench.standings.words import Standing, Verification


@dataclass(frozen=True, kw_only=True)
class RowFacts:
    """The facts of a row that its bundle decides, which neither ranks nor moderators change."""

    submission_id: str
    method: str
    display_name: str
    version: str
    authors: tuple[str, ...]
    paper_url: str | None = None
    code_url: str | None = None
    paper: Paper | None = None
    """The publication that the method comes from, which need not be the submitter's."""
    benchmark: str
    uses: tuple[str, ...]
    """The track, sorted."""
    paradigm: Paradigm = "network"
    """The kind of learning system that the method trains."""
    selection: Selection
    n_seeds: int
    standing: Standing
    """By what the bundle says of itself. A row's standing is by its ID retention as well."""
    headline: Headline
    """The score that ranks, whichever it is."""
    hps: float | None
    hps_low: float | None
    hps_high: float | None
    """The hidden-pattern score, or null on benchmarks that are ranked by another score."""
    up: float | None
    mp: float | None
    retention: float | None
    found: Mapping[str, float]
    trusted: Mapping[str, float]
    accuracy: float | None
    """Mean over the test domains whose label can be known."""
    worst_domain: str
    worst_accuracy: float | None
    parameters: int | None
    training_seconds: float | None
    energy_kwh: float | None
    verification: Verification
    """How far the numbers were checked, by the bundle's own means or by a verifier."""
    notes: tuple[str, ...] = ()
    """Codes of what a reader should know, such as `low-retention`. The score card has details."""
    encoded: Mapping[str, float] = field(default_factory=dict)
    """By pattern, from the probes that the submitter declared. Empty where none are declared."""

    @property
    def fields(self) -> dict[str, object]:
        """Its fields as JSON has them."""
        paper = None if self.paper is None else vars(self.paper)
        return {**vars(self), "headline": vars(self.headline), "paper": paper}

    @property
    def paper_title(self) -> str | None:
        """The title of the publication."""
        return self.paper.title if self.paper else None

    @property
    def paper_authors(self) -> tuple[str, ...]:
        """The authors of the publication."""
        return self.paper.authors if self.paper else ()

    @property
    def year(self) -> int | None:
        """The year of the publication."""
        return self.paper.year if self.paper else None

    @property
    def paper_link(self) -> str | None:
        """The address of the publication."""
        return self.paper_url or (self.paper.url if self.paper else "") or None

    @property
    def code_link(self) -> str | None:
        """The address of the code."""
        return self.code_url or (self.paper.code if self.paper else "") or None

    @property
    def credited(self) -> tuple[str, ...]:
        """The authors of the method: of its publication, or else of the submission."""
        return self.paper_authors or self.authors


@dataclass(frozen=True, kw_only=True)
class Row(RowFacts):
    """One row of the leaderboard: what its bundle decides, its rank, and what people added."""

    rank: int | None
    """Its place in the order of the score, or None for an unranked row."""
    rank_low: int | None
    rank_high: int | None
    """The interval in which the rank lies with a probability of 95 %."""
    tier: int | None
    """Its tier, or None for an unranked row."""
    is_unstable: bool
    """Whether it is ranked and scatters too much to be the best of a tier."""
    against_best: PairVerdict | None
    """How it compares with the best of the first tier. None for that one and for unranked rows."""
    submitted_at: str
    """UTC, ISO 8601."""
    submitter: str
    attempts: int
    """Submissions of this method by this submitter in this group, including withdrawn ones."""
    flags: tuple[str, ...]
    """Codes of the flags that stand, such as `near-duplicate`: for a moderator to look at."""
