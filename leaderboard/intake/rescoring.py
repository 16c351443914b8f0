"""Scores kept bundles again where formulas or reference values have changed since."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from dgbench.submission.scoring.version import scoring_version
from leaderboard.board.documents import document_of
from leaderboard.board.materialize import Rank, group_of, refresh
from leaderboard.intake.scoring import Score, Scored
from leaderboard.moderation.changes import Changes
from leaderboard.records import OPERATOR
from leaderboard.store import meta
from leaderboard.store.database import Store
from leaderboard.store.models import EvidenceRow, SubmissionRow

_KEY = "scoring of "


class Again(NamedTuple):
    """A bundle that was scored again, or why that failed."""

    identifier: str
    scored: Scored | None
    problem: str = ""


def remember(session: Session, benchmark: str) -> None:
    """Write down by which scoring the submissions of a benchmark have their scores."""
    version = scoring_version(benchmark)
    if version is not None and meta.read(session, _KEY + benchmark) != version:
        meta.write(session, _KEY + benchmark, version)


def bring_up_to_date(store: Store, *, score: Score, rank: Rank, now: Callable[[], str]) -> int:
    """Score all bundles of benchmarks whose scoring has changed, and return how many.

    A bundle that can no longer be scored keeps what it had, and the audit log says why.
    """
    with store.read() as session:
        outdated = _outdated(session)
    n_rescored = 0
    for benchmark in outdated:
        again = _scored_again(store, benchmark, score)
        with store.write() as session:
            # Another process may have done it while this one was scoring.
            if benchmark in _outdated(session):
                changes = Changes(session, rank, now=now(), identity=OPERATOR)
                n_rescored += _keep(changes, again)
                remember(session, benchmark)
    return n_rescored


def _outdated(session: Session) -> list[str]:
    """List the benchmarks with submissions whose scores follow another scoring."""
    benchmarks = session.scalars(select(SubmissionRow.benchmark).distinct())
    versions = {benchmark: scoring_version(benchmark) for benchmark in benchmarks}
    return sorted(
        benchmark
        for benchmark, version in versions.items()
        if version is not None and meta.read(session, _KEY + benchmark) != version
    )


def _scored_again(store: Store, benchmark: str, score: Score) -> list[Again]:
    """Score the bundles of a benchmark, and put their evidence on the disk."""
    with store.read() as session:
        submissions = session.execute(
            select(SubmissionRow.id, SubmissionRow.bundle_digest)
            .where(SubmissionRow.benchmark == benchmark)
            .order_by(SubmissionRow.id)
        ).all()
    again = []
    for identifier, bundle_digest in submissions:
        try:
            scored = score(store.blobs.read(bundle_digest))
        except DGBenchError as error:
            again.append(Again(identifier, None, str(error)))
            continue
        store.blobs.write(scored.evidence)
        again.append(Again(identifier, scored))
    return again


def _keep(changes: Changes, again: Sequence[Again]) -> int:
    """Rewrite what follows from the scores, within the transaction of `changes`."""
    session = changes.session
    groups = set()
    for identifier, scored, problem in again:
        submission = session.get_one(SubmissionRow, identifier)
        groups.add(group_of(submission))
        if scored is None:
            changes.log("not rescored", identifier, {"reason": problem})
            continue
        submission.facts, submission.card = document_of(scored.facts), scored.card
        submission.evidence_digest = digest_of(scored.evidence)
        _replace_evidence(session, identifier, scored)
        changes.log("rescored", identifier, {"card": digest_of(scored.card)})
        for code, detail in scored.flags:
            changes.flag(identifier, code, detail)
    session.flush()
    for key in sorted(groups):
        refresh(session, key, changes.rank)
    meta.count_revision(session)
    return sum(scored is not None for _, scored, _ in again)


def _replace_evidence(session: Session, identifier: str, scored: Scored) -> None:
    """Write the arrays of a submission in place of those before."""
    arrays = session.get_one(EvidenceRow, identifier)
    new = scored.evidence_row()
    arrays.summary, arrays.image_means = new.summary, new.image_means
    arrays.replicates, arrays.bitmap = new.replicates, new.bitmap
