"""Changes to submissions, each of which re-ranks its group and is logged."""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy.orm import Session

from data_gen.foundation.documents import digest_of
from leaderboard.access.tokens import require
from leaderboard.board import submissions
from leaderboard.board.materialize import Rank, group_of, refresh
from leaderboard.records import Identity, RefusedError, State
from leaderboard.store import audit, meta
from leaderboard.store.models import FlagRow, SubmissionRow

Action = Literal["hide", "show", "flag", "clear-flags"]
_LONGEST_REASON = 500


class Changes:
    """One transaction's changes, by one person at one time."""

    def __init__(self, session: Session, rank: Rank, *, now: str, identity: Identity) -> None:
        self.session, self.rank, self.now, self.identity = session, rank, now, identity

    def withdraw(self, identifier: str, reason: str) -> None:
        """Take one's own submission, or as a moderator any, off the board. A tombstone stays."""
        submission = submissions.find(self.session, identifier)
        if submission.submitter != self.identity.name:
            require(self.identity, "moderator")
        else:
            require(self.identity, "submitter")
        if submission.state == "withdrawn":
            return
        submission.state, submission.reason = "withdrawn", _checked(reason)
        self.settle(submission, "withdrawn", {"reason": submission.reason})

    def moderate(self, identifier: str, action: Action, reason: str) -> None:
        """Hide or show a submission, flag it, or clear its flags."""
        require(self.identity, "moderator")
        submission = submissions.find(self.session, identifier)
        reason = _checked(reason)
        if not reason:
            raise RefusedError(422, "no-reason", "Say why: a moderator's reason is public.")
        if action in ("hide", "show"):
            self._set_state(submission, "hidden" if action == "hide" else "shown", reason)
        elif action == "flag":
            self.flag(submission.id, "moderator", reason)
        else:
            self._clear_flags(submission)
        self.settle(submission, f"moderated: {action}", {"reason": reason})

    def flag(self, identifier: str, code: str, detail: str) -> None:
        """Raise a flag. One that is raised already stays as it is."""
        key = digest_of(f"{identifier}\n{code}\n{detail}")[:16]
        if self.session.get(FlagRow, key) is None:
            self.session.add(
                FlagRow(
                    id=key,
                    submission_id=identifier,
                    code=code,
                    detail=detail,
                    raised_at=self.now,
                    cleared_at=None,
                    cleared_by=None,
                )
            )
            self.session.flush()

    def settle(self, submission: SubmissionRow, action: str, detail: Mapping[str, object]) -> None:
        """Log a change, rewrite the rows that it affects, and raise the revision."""
        self.log(action, submission.id, detail)
        self.session.flush()
        refresh(self.session, group_of(submission), self.rank)
        meta.count_revision(self.session)

    def log(self, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """Append to the audit log."""
        audit.append(
            self.session,
            time=self.now,
            actor=self.identity.name,
            action=action,
            subject=subject,
            detail=detail,
        )

    def _set_state(self, submission: SubmissionRow, state: State, reason: str) -> None:
        if submission.state == "withdrawn":
            raise RefusedError(
                409,
                "withdrawn",
                f"{submission.id!r} was withdrawn; only a new submission brings it back.",
            )
        submission.state, submission.reason = state, reason if state == "hidden" else ""

    def _clear_flags(self, submission: SubmissionRow) -> None:
        for flag in self.session.query(FlagRow).filter(
            FlagRow.submission_id == submission.id, FlagRow.cleared_at.is_(None)
        ):
            flag.cleared_at, flag.cleared_by = self.now, self.identity.name


def _checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if len(reason) > _LONGEST_REASON or not reason.isprintable():
        raise RefusedError(
            422, "bad-reason", f"A reason has at most {_LONGEST_REASON} printable characters."
        )
    return reason
