"""Frozen records of the service's questions and answers, the same for web, API and CLI."""

from dgbench.standings.words import Standing, Verification
from leaderboard.records.comparison import (
    Comparison,
    DomainComparison,
    EstimatedScore,
    PairDifference,
    ScoreComparison,
)
from leaderboard.records.identity import ANYONE, OPERATOR, ROLES, Identity, Role
from leaderboard.records.query import Query, Sort
from leaderboard.records.refusal import RefusedError
from leaderboard.records.row import Row, RowFacts
from leaderboard.records.site_facts import Site
from leaderboard.records.status import Filling, Group, Status
from leaderboard.records.submission import (
    Event,
    Flag,
    MethodHistory,
    Receipt,
    State,
    Submission,
    Verified,
)

__all__ = [
    "ANYONE",
    "OPERATOR",
    "ROLES",
    "Comparison",
    "DomainComparison",
    "EstimatedScore",
    "Event",
    "Filling",
    "Flag",
    "Group",
    "Identity",
    "MethodHistory",
    "PairDifference",
    "Query",
    "Receipt",
    "RefusedError",
    "Role",
    "Row",
    "RowFacts",
    "ScoreComparison",
    "Site",
    "Sort",
    "Standing",
    "State",
    "Status",
    "Submission",
    "Verification",
    "Verified",
]
