"""Later changes to a leaderboard: entries are submitted, withdrawn, hidden and flagged."""

import hashlib
import json
from dataclasses import replace
from typing import Any

from sqlalchemy import insert

from leaderboard.board.documents import document_of
from leaderboard.intake.scoring import Scored
from leaderboard.moderation.changes import Changes
from leaderboard.records import OPERATOR, Query
from leaderboard.service import Service
from leaderboard.store.models import EvidenceRow, SubmissionRow, VerificationRow, track_text
from tests.leaderboard.synthetic import bundle, score

BENCHMARK = "mnist-color@1"
ENVIRONMENTS = ("environments",)
N_LATER = 1000


def submit(service: Service, method: str, **fields: Any) -> str:
    return service.receive(bundle(method, **fields), OPERATOR).submission_id


def verified(service: Service, identifier: str, verdict: str) -> None:
    """A verifier's verdict, entered as the service does after it has checked the record."""
    with service.store.write() as session:
        changes = Changes(session, service._rank, now=service._now(), identity=OPERATOR)
        submission = session.get(SubmissionRow, identifier)
        assert submission is not None
        document = json.dumps([identifier, verdict, changes.now])
        session.add(
            VerificationRow(
                digest=hashlib.sha256(document.encode()).hexdigest(),
                submission_id=identifier,
                level="fresh-seed",
                verdict=verdict,
                at=changes.now,
                verifier="v",
                document=document,
            )
        )
        changes.settle(submission, "verified", {"verdict": verdict})


def live_on(service: Service) -> None:
    """A thousand later submissions, and everything else that can happen to the old ones."""
    current = {row.method: row.submission_id for row in service.rows(Query(benchmark=BENCHMARK))}
    verified(service, current["m0"], "failed")
    verified(service, current["m7"], "passed")
    with service.store.read() as session:
        hidden = [row.id for row in session.query(SubmissionRow).filter_by(state="hidden")]
    service.moderate(hidden[0], "show", "Good after all.", OPERATOR)
    service.moderate(current["m5"], "clear-flags", "Not odd.", OPERATOR)
    service.moderate(current["m6"], "flag", "Odd after all.", OPERATOR)
    service.moderate(current["m3"], "hide", "Copied.", OPERATOR)
    service.withdraw(current["m1"], OPERATOR, "Wrong.")
    submit(service, "m7", version="2.0", level=0.95)
    submit(service, "m0", like=current["m0"], level=0.2, note="a copy")
    _many(service)
    for uses in (ENVIRONMENTS, ()):
        for row in service.rows(Query(benchmark=BENCHMARK, uses=uses, selection="oracle")):
            service.withdraw(row.submission_id, OPERATOR)
    # The last change ranks all of them.
    submit(service, "last", level=0.9)


def _many(service: Service) -> None:
    """Later rows as the service writes them, by old and new names, some with shared predictions."""
    drawn = [score(bundle(f"d{n}", level=0.1 + 0.008 * n)) for n in range(100)]
    made = []
    for n in range(N_LATER):
        name = f"m{n}" if n < 20 else f"later{n}"
        identifier = hashlib.sha256(f"later {n}".encode()).hexdigest()[:32]
        old = drawn[n % len(drawn)]
        facts = replace(old.facts, submission_id=identifier, method=name, display_name=name)
        made.append(replace(old, facts=facts))
    with service.store.write() as session:
        session.execute(
            insert(SubmissionRow),
            [_submission(scored, received_at=service._now()) for scored in made],
        )
        evidence = [scored.evidence_row() for scored in made]
        keys = [column.key for column in EvidenceRow.__table__.columns]
        session.execute(insert(EvidenceRow), [{k: getattr(e, k) for k in keys} for e in evidence])


def _submission(scored: Scored, *, received_at: str) -> dict[str, Any]:
    identifier = scored.facts.submission_id
    return {
        "id": identifier,
        "received_at": received_at,
        "submitter": "operator",
        "benchmark": scored.facts.benchmark,
        "uses": track_text(scored.facts.uses),
        "selection": scored.facts.selection,
        "method": scored.facts.method,
        "facts": document_of(scored.facts),
        "card": scored.card,
        "manifest": scored.manifest.canonical.decode(),
        "model_card": "",
        "bundle_digest": identifier,
        "bundle_bytes": 1,
        "evidence_digest": identifier,
        "state": "shown",
        "reason": "",
    }
