"""Everything that can be asked of the leaderboard."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from dgbench.lists.family import Family
from dgbench.lists.suite import Suite
from leaderboard.access import tokens
from leaderboard.access.tokens import TokenInfo
from leaderboard.board import across, as_of, queries, submissions
from leaderboard.board.cache import AnswerCache
from leaderboard.board.compare import compare
from leaderboard.board.documents import document_of
from leaderboard.board.materialize import Rank
from leaderboard.moderation import verifier_keys
from leaderboard.moderation.verifier_keys import TrustedKey
from leaderboard.records import (
    ANYONE,
    Comparison,
    Event,
    Filling,
    Flag,
    Group,
    Identity,
    MethodHistory,
    Query,
    RefusedError,
    Row,
    Status,
    Submission,
)
from leaderboard.records.across import FamilyStanding, ProfileLine, SuiteStanding
from leaderboard.store import audit, meta
from leaderboard.store.database import Store


class Questions:
    """Answers questions. Only the list of tokens needs a token."""

    def __init__(self, store: Store, *, rank: Rank, now: Callable[[], str]) -> None:
        self.store = store
        self._rank, self._now = rank, now
        self._answers = AnswerCache()

    def revision(self) -> int:
        """Return a number that grows whenever what is shown changes."""
        with self.store.read() as session:
            return meta.revision(session)

    def moment(self) -> str | None:
        """Return the time of the newest change, or None before the first."""
        with self.store.read() as session:
            return audit.newest(session)

    def benchmarks(self) -> tuple[Group, ...]:
        """List the groups that have rows: benchmark, track and selection."""
        with self.store.read() as session:
            return self._answers(
                meta.revision(session), "groups", lambda: tuple(queries.groups(session))
            )

    def rows(self, query: Query) -> tuple[Row, ...]:
        """List the rows that match a query, in the order that it names."""
        whole = query.whole
        with self.store.read() as session:
            revision = meta.revision(session)
            rows = self._answers(revision, whole, lambda: self._whole(session, whole))
        if query == whole:
            return rows
        return self._answers(revision, query, lambda: queries.matching(rows, query))

    def newest(self, limit: int) -> tuple[Row, ...]:
        """List the submissions that are shown, on all benchmarks, the newest first."""
        with self.store.read() as session:
            return tuple(queries.newest(session, limit))

    def documents(self, query: Query) -> tuple[str, ...]:
        """List the same rows as canonical JSON. Whole groups come as the store keeps them."""
        if query != query.whole or query.as_of is not None:
            return tuple(map(document_of, self.rows(query)))
        with self.store.read() as session:
            return tuple(queries.current_documents(session, query))

    def submission(self, identifier: str) -> Submission:
        """Tell everything about one submission, even if it was withdrawn."""
        with self.store.read() as session:
            return submissions.submission(session, identifier)

    def submissions_of(self, submitter: str) -> tuple[Submission, ...]:
        """List a person's submissions, newest first."""
        with self.store.read() as session:
            return submissions.submissions_of(session, submitter)

    def identifiers(self) -> tuple[str, ...]:
        """List the ids of all submissions, sorted, withdrawn ones included."""
        with self.store.read() as session:
            return submissions.identifiers(session)

    def method(self, name: str) -> MethodHistory:
        """List all submissions of one method, oldest first."""
        with self.store.read() as session:
            return submissions.method(session, name)

    def overview(self, suite: Suite) -> SuiteStanding:
        """Tell how methods do on the benchmarks of a suite, and over all of them."""
        rows = self._of_all(suite.members)
        with self.store.read() as session:
            return self._answers(
                meta.revision(session), suite, lambda: across.suite_standing(session, suite, rows)
            )

    def curves(self, family: Family) -> FamilyStanding:
        """Tell how methods do along a family of benchmarks, and where they go blind."""
        rows = self._of_all(family.benchmarks)
        with self.store.read() as session:
            return self._answers(
                meta.revision(session),
                family,
                lambda: across.family_standing(session, family, rows),
            )

    def _of_all(self, benchmarks: Sequence[str]) -> list[Row]:
        """List the rows of several benchmarks. Rules of selection are never mixed."""
        return [row for name in benchmarks for row in self.rows(Query(benchmark=name))]

    def profile(self, name: str) -> tuple[ProfileLine, ...]:
        """List all shown entries of a method, each with the size of its ranking, oldest first."""
        lines = []
        for row in self.method(name).rows:
            group = self.rows(
                Query(benchmark=row.benchmark, uses=row.uses, selection=row.selection)
            )
            n_ranked = sum(other.rank is not None for other in group)
            is_current = any(other.submission_id == row.submission_id for other in group)
            lines.append(ProfileLine(row, n_ranked, not is_current))
        return tuple(lines)

    def bundle(self, identifier: str) -> bytes:
        """Return a submission's bundle as it was received.

        Raises RefusedError if the submission was withdrawn or is hidden.
        """
        with self.store.read() as session:
            submission = submissions.find(session, identifier)
            if submission.state != "shown":
                raise RefusedError(410, submission.state, f"{identifier!r} is {submission.state}.")
            return self.store.blobs.read(submission.bundle_digest)

    def compare(self, identifiers: Sequence[str]) -> Comparison:
        """Set two to six submissions of one benchmark side by side."""
        with self.store.read() as session:
            return compare(session, self.store.blobs, identifiers)

    def filling(self) -> Filling | None:
        """Tell how far the import of the reference results is, or None if it was never begun."""
        with self.store.read() as session:
            return queries.filling(session)

    def status(self) -> Status:
        """Tell how the store is doing."""
        with self.store.read() as session:
            return queries.status(session)

    def n_bundle_bytes(self) -> int:
        """Return the bytes of all bundles."""
        with self.store.read() as session:
            return submissions.n_bundle_bytes(session)

    def flags(self, *, standing_only: bool = True) -> tuple[Flag, ...]:
        """List the flags of all submissions, newest first."""
        with self.store.read() as session:
            return tuple(submissions.flags(session, standing_only=standing_only))

    def events(self, subject: str | None = None) -> tuple[Event, ...]:
        """List the audit log, or the part about one submission, oldest first."""
        with self.store.read() as session:
            return tuple(audit.events(session, subject=subject))

    def identity(self, secret: str | None) -> Identity:
        """Tell who holds a token. Without a token it is anyone."""
        if not secret:
            return ANYONE
        with self.store.read() as session:
            return tokens.identity_of(session, secret, now=self._now())

    def identity_by_id(self, token_id: str) -> Identity:
        """Tell whose a token is, for somebody who has shown its secret before."""
        with self.store.read() as session:
            return tokens.identity_by_id(session, token_id, now=self._now())

    def tokens(self, identity: Identity) -> tuple[TokenInfo, ...]:
        """List all tokens for a moderator and their own for others, never the secrets."""
        with self.store.read() as session:
            return tokens.listed(session, identity)

    def trusted_keys(self) -> tuple[TrustedKey, ...]:
        """List the keys of verifiers whose records count."""
        with self.store.read() as session:
            return verifier_keys.trusted(session)

    def _whole(self, session: Session, query: Query) -> tuple[Row, ...]:
        if query.as_of is None:
            return tuple(queries.current_rows(session, query))
        return tuple(as_of.rows_at(session, query, self._rank))
