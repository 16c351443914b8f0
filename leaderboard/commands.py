"""Everything that changes the leaderboard. Each command asks for the role that it needs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dgbench.submission.format.rejection import RejectedError
from dgbench.verification.record import VerificationRecord
from leaderboard import fsck
from leaderboard.access import permissions, tokens
from leaderboard.access.tokens import IssuedToken, TokenInfo
from leaderboard.board.materialize import Rank
from leaderboard.intake import preview, receive
from leaderboard.intake.scoring import Score
from leaderboard.moderation import verifications, verifier_keys
from leaderboard.moderation.changes import Action, Changes
from leaderboard.records import Identity, Receipt
from leaderboard.store import backup, meta
from leaderboard.store.database import Store


class Commands:
    """Changes the leaderboard for people with a token, and looks after it for its operator."""

    def __init__(self, store: Store, *, score: Score, rank: Rank, now: Callable[[], str]) -> None:
        self.store = store
        self._score, self._rank, self._now = score, rank, now
        self._allowance = preview.Allowance()

    def receive(self, data: bytes, identity: Identity) -> Receipt:
        """Score a bundle and rank it. The same predictions again get the same receipt.

        Raises RejectedError for an invalid bundle, and RefusedError when this person
        may not send it: the role is missing, it is too large, or the quota is used up.
        """
        tokens.require(identity, "submitter")
        receive.check_size(data)
        with self.store.read() as session:
            earlier = receive.earlier_upload(session, data)
            if earlier is not None:
                return receive.receipt_of(session, earlier, is_new=False)
            receive.check_quota(session, identity, now=self._now())
        try:
            scored = self._score(data)
        except RejectedError as error:
            with self.store.write() as session:
                receive.log_refusal(session, data, error, now=self._now(), identity=identity)
            raise
        self.store.blobs.write(data)
        self.store.blobs.write(scored.evidence)
        with self._changes(identity) as changes:
            return receive.keep(changes, data, scored)

    def check(self, data: bytes, identity: Identity) -> preview.Preview:
        """Look at a bundle and raise what `receive` would raise, but keep nothing.

        The preview tells no score.
        """
        tokens.require(identity, "submitter")
        receive.check_size(data)
        with self.store.read() as session:
            self._allowance.take(session, identity, now=self._now())
        scored = self._score(data)
        with self.store.read() as session:
            return preview.preview_of(session, scored)

    def withdraw(self, identifier: str, identity: Identity, reason: str = "") -> None:
        """Take one's own submission off the board. A tombstone stays."""
        with self._changes(identity) as changes:
            changes.withdraw(identifier, reason)

    def moderate(self, identifier: str, action: Action, reason: str, identity: Identity) -> None:
        """Hide or show a submission, flag it, or clear its flags."""
        with self._changes(identity) as changes:
            changes.moderate(identifier, action, reason)

    def reveal_nonce(self, identifier: str, identity: Identity) -> str:
        """Return the nonce that decides a verifier's seeds, whose digest was published before."""
        with self._changes(identity) as changes:
            return verifications.reveal(changes, identifier)

    def record_verification(self, record: VerificationRecord, identity: Identity) -> None:
        """Keep a verifier's signed record, passed or failed, and set the row's level."""
        with self._changes(identity) as changes:
            verifications.record(changes, record)

    def trust_key(self, public_key: str, name: str, identity: Identity) -> None:
        """Let the records count that a verifier's key signs."""
        with self._changes(identity) as changes:
            verifier_keys.trust(changes, public_key, name)

    def distrust_key(self, public_key: str, identity: Identity) -> None:
        """Accept no more records that a key signs."""
        with self._changes(identity) as changes:
            verifier_keys.distrust(changes, public_key)

    def issue_token(
        self,
        name: str,
        roles: Sequence[str],
        identity: Identity,
        *,
        days: float | None = 365,
        daily_quota: int | None = tokens.DEFAULT_QUOTA,
    ) -> IssuedToken:
        """Make a token. Its secret is in the answer and nowhere else."""
        with self.store.write() as session:
            return permissions.issue(
                session,
                identity,
                name=name,
                roles=roles,
                days=days,
                daily_quota=daily_quota,
                now=self._now(),
            )

    def revoke_token(self, token_id: str, identity: Identity) -> TokenInfo:
        """Make a token worthless. People may revoke their own."""
        with self.store.write() as session:
            return permissions.revoke(session, identity, token_id, now=self._now())

    def audit(self) -> fsck.Report:
        """Check the audit chain, and every shown number against the stored bundles."""
        return fsck.check(self.store, self._score)

    def fsck(self, *, sample: int = 20) -> fsck.Report:
        """Check every file and row, score a sample again, and remove orphaned files."""
        removed = self.remove_orphans()
        report = fsck.check(self.store, self._score, sample=sample)._replace(removed=removed)
        with self.store.write() as session:
            meta.write(session, "last_fsck_at", self._now())
            meta.write(session, "last_fsck_problems", str(len(report.problems)))
        return report

    def remove_orphans(self) -> int:
        """Delete files that killed processes left at least a day ago, and return how many."""
        return fsck.remove_orphans(self.store)

    def backup(self, archive: Path) -> backup.Contents:
        """Write the whole store to one archive."""
        contents = backup.backup(self.store, archive)
        with self.store.write() as session:
            meta.write(session, "last_backup_at", self._now())
        return contents

    @contextmanager
    def _changes(self, identity: Identity) -> Iterator[Changes]:
        """Open the transaction of one person's changes at the present time."""
        with self.store.write() as session:
            yield Changes(session, self._rank, now=self._now(), identity=identity)
