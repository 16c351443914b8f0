"""Preview of a bundle before it counts: whether it is valid and what it says, without its scores.

Scores on the test domains would let somebody try many settings on them and submit the best one.
"""

from collections import deque
from dataclasses import dataclass
from threading import Lock

from sqlalchemy.orm import Session

from dgbench.submission.format.manifest import Manifest
from leaderboard.clock import later
from leaderboard.intake import receive
from leaderboard.intake.scoring import Scored
from leaderboard.records import Identity, RefusedError, Standing, Verification
from leaderboard.store.models import SubmissionRow

_MOST_NAMES = 10_000


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A bundle that would be accepted, with all that it says of itself and nothing measured."""

    submission_id: str
    standing: Standing
    verification: Verification
    """Its first level of verification."""
    notes: tuple[tuple[str, str], ...]
    """Codes and details of the notes on its training that readers would see."""
    manifest: Manifest
    model_card: str
    is_known: bool
    """Whether the same predictions were submitted before: sending them again changes nothing."""


def preview_of(session: Session, scored: Scored) -> Preview:
    """Preview a scored bundle, or raise RefusedError: it was withdrawn, or is hidden."""
    earlier = session.get(SubmissionRow, scored.facts.submission_id)
    if earlier is not None:
        receive.receipt_of(session, earlier, is_new=False)
    return Preview(
        submission_id=scored.facts.submission_id,
        standing=scored.facts.standing,
        verification=scored.facts.verification,
        notes=scored.claims,
        manifest=scored.manifest,
        model_card=scored.model_card,
        is_known=earlier is not None,
    )


class Allowance:
    """Limits how often a name may look: as many bundles in 24 hours as its token may send.

    It is kept in memory, since looking leaves no trace in the store. A restart forgets it.
    """

    def __init__(self) -> None:
        self._looks: dict[str, deque[str]] = {}
        self._lock = Lock()

    def take(self, session: Session, identity: Identity, *, now: str) -> None:
        """Count one look, or raise RefusedError: there were too many, or the quota is used up."""
        if identity.daily_quota is None:
            return
        receive.check_quota(session, identity, now=now)
        with self._lock:
            looks = self._looks.pop(identity.name, deque())
            while looks and looks[0] <= later(now, days=-1):
                looks.popleft()
            self._looks[identity.name] = looks
            if len(self._looks) > _MOST_NAMES:
                del self._looks[next(iter(self._looks))]
            if len(looks) >= identity.daily_quota:
                raise RefusedError(
                    429,
                    "quota",
                    f"{identity.name!r} has had {len(looks)} bundles checked here in 24 hours, as "
                    "many as the token allows. `dgbench validate` checks for free.",
                    retry_after=3600,
                )
            looks.append(now)
