"""Answers to the questions of readers, from the tables."""

from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_gen.foundation.errors import suggestion
from leaderboard.board.documents import read_facts, read_rows
from leaderboard.board.materialize import levels
from leaderboard.records import (
    Event,
    Flag,
    Group,
    MethodHistory,
    Query,
    RefusedError,
    Row,
    Sort,
    Status,
    Submission,
    Verified,
)
from leaderboard.store import audit
from leaderboard.store.models import (
    SCHEMA,
    AuditRow,
    BoardRow,
    FlagRow,
    MetaRow,
    SubmissionRow,
    VerificationRow,
    track_from,
    track_text,
)

_SORT_FIELDS: dict[Sort, str] = {
    "hps": "hps",
    "mps": "mps",
    "retention": "retention",
    "accuracy": "accuracy",
    "submitted": "submitted_at",
    "method": "method",
    "parameters": "parameters",
    "seconds": "training_seconds",
}
_BEST_FIRST = ("hps", "mps", "retention", "accuracy", "submitted")
_PACKAGES = ("dgbench", "numpy", "sqlalchemy", "streamlit")


def revision(session: Session) -> int:
    """A number that grows whenever what is shown changes."""
    return int(meta(session, "revision") or 0)


def meta(session: Session, key: str) -> str | None:
    """A single value of the store."""
    return session.scalar(select(MetaRow.value).where(MetaRow.key == key))


def set_meta(session: Session, key: str, value: str) -> None:
    """Keep a single value."""
    session.merge(MetaRow(key=key, value=value))


def groups(session: Session, benchmark: str | None = None) -> list[Group]:
    """The groups that have rows, sorted."""
    wanted = (
        select(
            BoardRow.benchmark,
            BoardRow.uses,
            BoardRow.selection,
            func.count(),
            func.max(SubmissionRow.received_at),
        )
        .join(SubmissionRow, SubmissionRow.id == BoardRow.submission_id)
        .where(BoardRow.superseded_by.is_(None))
        .group_by(BoardRow.benchmark, BoardRow.uses, BoardRow.selection)
    )
    if benchmark is not None:
        wanted = wanted.where(BoardRow.benchmark == benchmark)
    return sorted(
        (
            Group(
                benchmark=name,
                uses=track_from(uses),
                selection=selection,
                n_entries=n,
                last_submitted_at=last,
            )
            for name, uses, selection, n, last in session.execute(wanted)
        ),
        key=lambda group: (group.benchmark, len(group.uses), group.uses, group.selection),
    )


def current_rows(session: Session, query: Query) -> list[Row]:
    """The rows of the groups that a query names, group by group, as they stand now."""
    return read_rows(current_documents(session, query))


def current_documents(session: Session, query: Query) -> Sequence[str]:
    """The same rows, each as it is kept: canonical JSON."""
    wanted = (
        select(BoardRow.document)
        .where(BoardRow.benchmark == query.benchmark, BoardRow.superseded_by.is_(None))
        .order_by(BoardRow.uses, BoardRow.selection, BoardRow.position)
    )
    if query.uses is not None:
        wanted = wanted.where(BoardRow.uses == track_text(query.uses))
    if query.selection is not None:
        wanted = wanted.where(BoardRow.selection == query.selection)
    # The connection reads ten thousand texts in half the time that the session takes.
    return session.connection().scalars(wanted).all()


def chosen(rows: Iterable[Row], query: Query) -> tuple[Row, ...]:
    """The rows that a query asks for, in its order; ranks stay those of the whole group."""
    words = query.search.casefold().split()
    kept = [
        row
        for row in rows
        if (query.verification is None or row.verification == query.verification)
        and (query.standing is None or row.standing == query.standing)
        and (not words or _has(row, words))
    ]
    if query.sort == "rank":
        return tuple(reversed(kept) if query.descending else kept)
    field = _SORT_FIELDS[query.sort]
    known = [row for row in kept if getattr(row, field) is not None]
    unknown = [row for row in kept if getattr(row, field) is None]
    is_reversed = (query.sort in _BEST_FIRST) != query.descending
    known.sort(key=lambda row: getattr(row, field), reverse=is_reversed)
    return (*known, *unknown)


def submission(session: Session, identifier: str) -> Submission:
    """Everything about one submission."""
    one = find(session, identifier)
    shown = session.get(BoardRow, identifier)
    flags = [
        flag_of(row)
        for row in session.scalars(
            select(FlagRow)
            .where(FlagRow.submission_id == identifier)
            .order_by(FlagRow.raised_at, FlagRow.id)
        )
    ]
    records = session.scalars(
        select(VerificationRow)
        .where(VerificationRow.submission_id == identifier)
        .order_by(VerificationRow.at, VerificationRow.digest)
    ).all()
    return Submission(
        id=one.id,
        state=one.state,
        reason=one.reason,
        row=read_rows([shown.document])[0] if shown else _row_of_gone(one, flags, records),
        is_superseded_by=shown.superseded_by if shown else None,
        score_card=one.card,
        manifest=one.manifest,
        model_card=one.model_card,
        bundle_digest=one.bundle_digest,
        bundle_bytes=one.bundle_bytes,
        flags=tuple(flags),
        verifications=tuple(map(_verified, records)),
        history=tuple(events(session, subject=identifier)),
    )


def identifiers(session: Session) -> tuple[str, ...]:
    """The ids of all submissions, sorted."""
    return tuple(session.scalars(select(SubmissionRow.id).order_by(SubmissionRow.id)))


def submissions_of(session: Session, submitter: str) -> tuple[Submission, ...]:
    """A person's submissions, newest first."""
    wanted = (
        select(SubmissionRow.id)
        .where(SubmissionRow.submitter == submitter)
        .order_by(SubmissionRow.received_at.desc(), SubmissionRow.id)
    )
    return tuple(submission(session, identifier) for identifier in session.scalars(wanted).all())


def find(session: Session, identifier: str) -> SubmissionRow:
    """The submission of an id; RefusedError where there is none."""
    found = session.get(SubmissionRow, identifier)
    if found is None:
        raise RefusedError(404, "unknown-submission", f"There is no submission {identifier!r}.")
    return found


def method(session: Session, name: str) -> MethodHistory:
    """All submissions of one method, oldest first."""
    shown = session.scalars(
        select(BoardRow.document)
        .join(SubmissionRow, SubmissionRow.id == BoardRow.submission_id)
        .where(SubmissionRow.method == name)
        .order_by(SubmissionRow.received_at, SubmissionRow.id)
    ).all()
    every = session.scalar(
        select(func.count()).select_from(SubmissionRow).where(SubmissionRow.method == name)
    )
    if not every:
        known = session.scalars(select(SubmissionRow.method).distinct())
        raise RefusedError(
            404, "unknown-method", f"No submission is of {name!r}. {suggestion(name, known)}"
        )
    return MethodHistory(method=name, rows=tuple(read_rows(shown)), withdrawn=every - len(shown))


def events(session: Session, *, subject: str | None = None) -> list[Event]:
    """The audit log, or the part about one subject, oldest first."""
    wanted = select(AuditRow).order_by(AuditRow.number)
    if subject is not None:
        wanted = wanted.where(AuditRow.subject == subject)
    return [audit.event_of(row) for row in session.scalars(wanted)]


def flags(session: Session, *, standing_only: bool = True) -> list[Flag]:
    """The flags of all submissions, newest first."""
    wanted = select(FlagRow).order_by(FlagRow.raised_at.desc(), FlagRow.id)
    if standing_only:
        wanted = wanted.where(FlagRow.cleared_at.is_(None))
    return [flag_of(row) for row in session.scalars(wanted)]


def status(session: Session) -> Status:
    """How the store is doing."""
    counts = select(SubmissionRow.state, func.count()).group_by(SubmissionRow.state)
    by_state = {row[0]: row[1] for row in session.execute(counts)}
    problems = meta(session, "last_fsck_problems")
    return Status(
        revision=revision(session),
        database=session.get_bind().dialect.name,
        n_submissions=sum(by_state.values()),
        n_rows=sum(group.n_entries for group in groups(session)),
        n_withdrawn=by_state.get("withdrawn", 0),
        n_hidden=by_state.get("hidden", 0),
        n_flags=len(flags(session)),
        last_submitted_at=session.scalar(select(func.max(SubmissionRow.received_at))),
        last_backup_at=meta(session, "last_backup_at"),
        last_fsck_at=meta(session, "last_fsck_at"),
        last_fsck_problems=None if problems is None else int(problems),
        schema=SCHEMA,
        versions={"python": python_version(), **_versions()},
        audit_digest=audit.head(session),
    )


def flag_of(row: FlagRow) -> Flag:
    """A flag as the service shows it."""
    return Flag(
        id=row.id,
        submission_id=row.submission_id,
        code=row.code,
        detail=row.detail,
        raised_at=row.raised_at,
        cleared_at=row.cleared_at,
        cleared_by=row.cleared_by,
    )


def _row_of_gone(
    one: SubmissionRow, flags: Sequence[Flag], records: Sequence[VerificationRow]
) -> Row:
    """The row of a submission that is hidden or withdrawn: never ranked."""
    (facts,) = read_facts([one.facts])
    verified = levels((row.submission_id, row.level, row.verdict) for row in records)
    return Row.of(
        facts,
        rank=None,
        rank_low=None,
        rank_high=None,
        verification=verified.get(one.id, facts.verification),
        submitted_at=one.received_at,
        submitter=one.submitter,
        attempts=0,
        flags=tuple(sorted({flag.code for flag in flags if flag.cleared_at is None})),
    )


def _verified(row: VerificationRow) -> Verified:
    return Verified(
        submission_id=row.submission_id,
        level=row.level,
        verdict=row.verdict,
        at=row.at,
        verifier=row.verifier,
        document=row.document,
    )


def _has(row: Row, words: Sequence[str]) -> bool:
    text = " ".join(
        (row.method, row.display_name, row.version, *row.authors, row.submission_id)
    ).casefold()
    return all(word in text for word in words)


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
