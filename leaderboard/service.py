"""The leaderboard's one door: web app, HTTP API and command line call nothing else."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from dgbench.submission.format.rejection import RejectedError
from dgbench.verification.record import VerificationRecord
from leaderboard import clock, fsck
from leaderboard.access import permissions, tokens
from leaderboard.access.tokens import IssuedToken, TokenInfo
from leaderboard.board import as_of, queries
from leaderboard.board.cache import Remembered
from leaderboard.board.compare import compare
from leaderboard.board.documents import document_of
from leaderboard.board.ranker import Ranker
from leaderboard.intake import preview, receive
from leaderboard.intake.scoring import Pool, Score
from leaderboard.moderation import verifications, verifier_keys
from leaderboard.moderation.changes import Action, Changes
from leaderboard.records import (
    ANYONE,
    Comparison,
    Event,
    Flag,
    Group,
    Identity,
    MethodHistory,
    Query,
    Receipt,
    RefusedError,
    Row,
    Status,
    Submission,
)
from leaderboard.store import audit, backup
from leaderboard.store.database import Store


class Service:
    """Questions and changes; every change asks for the role that it needs."""

    def __init__(
        self,
        store: Store,
        *,
        score: Score | None = None,
        now: Callable[[], str] = clock.now,
    ) -> None:
        self.store = store
        self._pool = Pool()
        self._score, self._now = score or self._pool, now
        self._rank, self._allowance = Ranker(), preview.Allowance()
        self._remembered = Remembered()

    def close(self) -> None:
        """End the scoring processes and let go of the database."""
        self._pool.close()
        self.store.close()

    # What readers ask; nobody needs a token for it.

    def revision(self) -> int:
        """A number that grows whenever what is shown changes."""
        with self.store.read() as session:
            return queries.revision(session)

    def benchmarks(self) -> tuple[Group, ...]:
        """The groups that have rows: benchmark, track and selection."""
        with self.store.read() as session:
            return self._remembered(
                queries.revision(session), "groups", lambda: tuple(queries.groups(session))
            )

    def rows(self, query: Query) -> tuple[Row, ...]:
        """The rows that a query asks for, in its order."""
        whole = query.whole
        with self.store.read() as session:
            now = queries.revision(session)
            rows = self._remembered(now, whole, lambda: self._whole(session, whole))
        if query == whole:
            return rows
        return self._remembered(now, query, lambda: queries.chosen(rows, query))

    def documents(self, query: Query) -> tuple[str, ...]:
        """The same rows, each as canonical JSON; those of whole groups as they are kept."""
        if query != query.whole or query.as_of is not None:
            return tuple(map(document_of, self.rows(query)))
        with self.store.read() as session:
            return tuple(queries.current_documents(session, query))

    def submission(self, identifier: str) -> Submission:
        """Everything about one submission, withdrawn ones among them."""
        with self.store.read() as session:
            return queries.submission(session, identifier)

    def bundle(self, identifier: str) -> bytes:
        """A submission's bundle as it was received; RefusedError where it was taken off."""
        with self.store.read() as session:
            one = queries.find(session, identifier)
            if one.state != "shown":
                raise RefusedError(410, one.state, f"{identifier!r} is {one.state}.")
            return self.store.blobs.read(one.bundle_digest)

    def compare(self, identifiers: Sequence[str]) -> Comparison:
        """Two to six submissions of one benchmark side by side."""
        with self.store.read() as session:
            return compare(session, self.store.blobs, identifiers)

    def method(self, name: str) -> MethodHistory:
        """All submissions of one method, oldest first."""
        with self.store.read() as session:
            return queries.method(session, name)

    def submissions_of(self, submitter: str) -> tuple[Submission, ...]:
        """A person's submissions, newest first."""
        with self.store.read() as session:
            return queries.submissions_of(session, submitter)

    def status(self) -> Status:
        """How the store is doing."""
        with self.store.read() as session:
            return queries.status(session)

    def flags(self, *, standing_only: bool = True) -> tuple[Flag, ...]:
        """The flags of all submissions, newest first."""
        with self.store.read() as session:
            return tuple(queries.flags(session, standing_only=standing_only))

    def moment(self) -> str | None:
        """The time of the newest change; None before the first."""
        with self.store.read() as session:
            return audit.newest(session)

    def events(self, subject: str | None = None) -> tuple[Event, ...]:
        """The audit log, or the part about one submission, oldest first."""
        with self.store.read() as session:
            return tuple(queries.events(session, subject=subject))

    def audit_breaks(self) -> tuple[str, ...]:
        """What is wrong with the audit chain; empty where it is whole."""
        with self.store.read() as session:
            return tuple(audit.breaks(session))

    def identifiers(self) -> tuple[str, ...]:
        """The ids of all submissions, sorted, withdrawn ones among them."""
        with self.store.read() as session:
            return queries.identifiers(session)

    # What the operator does on the machine of the store.

    def audit(self) -> fsck.Report:
        """Check the audit chain, and every shown number against the stored bundles."""
        return fsck.check(self.store, self._score)

    def remove_orphans(self) -> int:
        """Delete files that killed processes left a day ago or before; returns their number."""
        return fsck.remove_orphans(self.store)

    def fsck(self, *, sample: int = 20) -> fsck.Report:
        """Check every file and row, score a sample again, and remove what killed processes left."""
        removed = self.remove_orphans()
        report = fsck.check(self.store, self._score, sample=sample)._replace(removed=removed)
        with self.store.write() as session:
            queries.set_meta(session, "last_fsck_at", self._now())
            queries.set_meta(session, "last_fsck_problems", str(len(report.problems)))
        return report

    def backup(self, archive: Path) -> backup.Contents:
        """Write the whole store to one archive."""
        found = backup.backup(self.store, archive)
        with self.store.write() as session:
            queries.set_meta(session, "last_backup_at", self._now())
        return found

    # What people with a token do.

    def identity(self, secret: str | None) -> Identity:
        """Who holds a token; anyone without one."""
        if not secret:
            return ANYONE
        with self.store.read() as session:
            return tokens.identity_of(session, secret, at=self._now())

    def receive(self, data: bytes, identity: Identity) -> Receipt:
        """Score a bundle and rank it; the same predictions again give the same receipt.

        Raises RejectedError where the bundle is not as it should be, RefusedError where it may not
        be sent: no role, too large, over the quota.
        """
        tokens.require(identity, "submitter")
        receive.check_size(data)
        with self.store.read() as session:
            there = receive.known_upload(session, data)
            if there is not None:
                return receive.receipt_of(session, there, is_new=False)
            receive.check_quota(session, identity, at=self._now())
        try:
            scored = self._score(data)
        except RejectedError as error:
            with self.store.write() as session:
                receive.log_refusal(session, data, error, at=self._now(), identity=identity)
            raise
        self.store.blobs.write(data)
        self.store.blobs.write(scored.evidence)
        with self.store.write() as session:
            changes = self._changes(session, identity)
            return receive.keep(changes, data, scored)

    def check(self, data: bytes, identity: Identity) -> preview.Preview:
        """Look at a bundle and raise what `receive` raises; keep nothing and tell no score."""
        tokens.require(identity, "submitter")
        receive.check_size(data)
        with self.store.read() as session:
            self._allowance.take(session, identity, at=self._now())
        scored = self._score(data)
        with self.store.read() as session:
            return preview.preview_of(session, scored)

    def withdraw(self, identifier: str, identity: Identity, reason: str = "") -> None:
        """Take one's own submission off the board; a tombstone stays."""
        with self.store.write() as session:
            self._changes(session, identity).withdraw(identifier, reason)

    def moderate(self, identifier: str, action: Action, reason: str, identity: Identity) -> None:
        """Hide or show a submission, flag it, or clear its flags."""
        with self.store.write() as session:
            self._changes(session, identity).moderate(identifier, action, reason)

    def reveal_nonce(self, identifier: str, identity: Identity) -> str:
        """The nonce from which a verifier's seeds follow; its digest was published before."""
        with self.store.write() as session:
            return verifications.reveal(self._changes(session, identity), identifier)

    def record_verification(self, record: VerificationRecord, identity: Identity) -> None:
        """Keep a verifier's signed record, passed or failed, and set the row's level."""
        with self.store.write() as session:
            verifications.record(self._changes(session, identity), record)

    def trusted_keys(self) -> tuple[verifier_keys.TrustedKey, ...]:
        """The keys of verifiers whose records count."""
        with self.store.read() as session:
            return verifier_keys.trusted(session)

    def trust_key(self, public_key: str, name: str, identity: Identity) -> None:
        """Let the records count that a verifier's key signs."""
        with self.store.write() as session:
            verifier_keys.trust(self._changes(session, identity), public_key, name)

    def distrust_key(self, public_key: str, identity: Identity) -> None:
        """Take no more records of a key."""
        with self.store.write() as session:
            verifier_keys.distrust(self._changes(session, identity), public_key)

    # Tokens; whoever moderates hands them out, others make further ones for themselves.

    def issue_token(
        self,
        name: str,
        roles: Sequence[str],
        identity: Identity,
        *,
        days: float | None = 365,
        daily_quota: int | None = tokens.DEFAULT_QUOTA,
    ) -> IssuedToken:
        """Make a token; its secret is in the answer and nowhere else."""
        with self.store.write() as session:
            return permissions.issue(
                session,
                identity,
                name=name,
                roles=roles,
                days=days,
                daily_quota=daily_quota,
                at=self._now(),
            )

    def revoke_token(self, token_id: str, identity: Identity) -> TokenInfo:
        """Make a token worthless; everyone may revoke their own."""
        with self.store.write() as session:
            return permissions.revoke(session, identity, token_id, at=self._now())

    def tokens(self, identity: Identity) -> tuple[TokenInfo, ...]:
        """All tokens for a moderator, one's own for others; never their secrets."""
        with self.store.read() as session:
            return tokens.listed(session, identity)

    def _changes(self, session: Session, identity: Identity) -> Changes:
        return Changes(session, self._rank, at=self._now(), identity=identity)

    def _whole(self, session: Session, query: Query) -> tuple[Row, ...]:
        if query.as_of is None:
            return tuple(queries.current_rows(session, query))
        return tuple(as_of.rows_at(session, query, self._rank))
