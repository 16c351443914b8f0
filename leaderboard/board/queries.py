"""Queries over the whole leaderboard: its groups, its rows, its state."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from operator import attrgetter
from platform import python_version
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from dgbench.standings.standing import part_of
from leaderboard.board.documents import read_rows
from leaderboard.records import Filling, Group, Query, Row, Status
from leaderboard.store import audit, meta
from leaderboard.store.models import (
    SCHEMA,
    BoardRow,
    FlagRow,
    SubmissionRow,
    track_from,
    track_text,
)

_SORT_FIELDS: Mapping[str, str] = {
    "score": "headline.estimate",
    "up": "up",
    "mp": "mp",
    "retention": "retention",
    "accuracy": "accuracy",
    "submitted": "submitted_at",
    "method": "method",
    "parameters": "parameters",
    "seconds": "training_seconds",
    "energy": "energy_kwh",
    "seeds": "n_seeds",
    "attempts": "attempts",
    "year": "year",
}
_YARDSTICK = '%"standing":"yardstick"%'
"""Part of the document of a row that is never counted. In a text, JSON escapes the quotes."""
_SMALLEST_FIRST = ("method", "parameters", "seconds", "energy", "attempts")
_PACKAGES = ("dgbench", "numpy", "sqlalchemy", "streamlit")


def groups(session: Session) -> list[Group]:
    """List the groups that have rows, sorted."""
    counts = (
        select(
            BoardRow.benchmark,
            BoardRow.uses,
            BoardRow.selection,
            func.sum(case((BoardRow.document.like(_YARDSTICK), 0), else_=1)),
            func.max(SubmissionRow.received_at),
        )
        .join(SubmissionRow, SubmissionRow.id == BoardRow.submission_id)
        .where(BoardRow.superseded_by.is_(None))
        .group_by(BoardRow.benchmark, BoardRow.uses, BoardRow.selection)
    )
    return sorted(
        (
            Group(
                benchmark=benchmark,
                uses=track_from(uses),
                selection=selection,
                n_entries=int(n_entries),
                last_submitted_at=last_submitted_at,
            )
            for benchmark, uses, selection, n_entries, last_submitted_at in session.execute(counts)
        ),
        key=lambda group: (group.benchmark, len(group.uses), group.uses, group.selection),
    )


def current_rows(session: Session, query: Query) -> list[Row]:
    """List the rows of the groups that a query names, group by group, as they are now."""
    return read_rows(current_documents(session, query))


def current_documents(session: Session, query: Query) -> Sequence[str]:
    """List the same rows as the store keeps them, in canonical JSON."""
    documents = (
        select(BoardRow.document)
        .where(BoardRow.benchmark == query.benchmark, BoardRow.superseded_by.is_(None))
        .order_by(BoardRow.uses, BoardRow.selection, BoardRow.position)
    )
    if query.uses is not None:
        documents = documents.where(BoardRow.uses == track_text(query.uses))
    if query.selection is not None:
        documents = documents.where(BoardRow.selection == query.selection)
    # The connection reads ten thousand texts in half the time that the session takes.
    return session.connection().scalars(documents).all()


def newest(session: Session, limit: int) -> list[Row]:
    """List the submissions that are shown, on all benchmarks, the newest first."""
    documents = (
        select(BoardRow.document)
        .join(SubmissionRow, SubmissionRow.id == BoardRow.submission_id)
        .order_by(SubmissionRow.received_at.desc(), SubmissionRow.id)
        .limit(limit)
    )
    return read_rows(session.scalars(documents).all())


def matching(rows: Iterable[Row], query: Query) -> tuple[Row, ...]:
    """Select and sort rows as a query asks. Ranks and tiers stay those of the whole group."""
    words = query.search.casefold().split()
    selected = [
        row
        for row in rows
        if (query.verification is None or row.verification == query.verification)
        and (query.standing is None or row.standing == query.standing)
        and (query.paradigm is None or row.paradigm == query.paradigm)
        and _is_within(row, query)
        and (not words or _has_words(row, words))
    ]
    if query.sort == "rank":
        return tuple(reversed(selected) if query.descending else selected)
    key = _key_of(query.sort)
    with_value = [row for row in selected if key(row) is not None]
    without_value = [row for row in selected if key(row) is None]
    is_reversed = (query.sort not in _SMALLEST_FIRST) != query.descending
    with_value.sort(key=key, reverse=is_reversed)
    return _by_part((*with_value, *without_value))


def _key_of(sort: str) -> Callable[[Row], Any]:
    """The value by which rows are sorted, None where a row has none."""
    score, _, pattern = sort.partition(".")
    if not pattern:
        return attrgetter(_SORT_FIELDS[sort])
    by_pattern: Callable[[Row], Mapping[str, float]] = attrgetter(score)
    return lambda row: by_pattern(row).get(pattern)


def _is_within(row: Row, query: Query) -> bool:
    """Whether a row keeps all limits. A row that does not say keeps none."""
    at_most = ((row.parameters, query.max_parameters), (row.training_seconds, query.max_seconds))
    at_least = ((row.retention, query.min_retention), (row.year, query.since_year))
    return all(
        limit is None or (value is not None and value <= limit) for value, limit in at_most
    ) and all(limit is None or (value is not None and value >= limit) for value, limit in at_least)


def _by_part(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Keep the rows that are listed only below the others, however they are sorted."""
    return tuple(sorted(rows, key=lambda row: part_of(row.standing)))


def filling(session: Session) -> Filling | None:
    """Tell how far the import of the reference results is, or None if it was never begun."""
    text = meta.read(session, meta.FILLING)
    return Filling(**json.loads(text)) if text else None


def status(session: Session) -> Status:
    """Tell how the store is doing."""
    counts = select(SubmissionRow.state, func.count()).group_by(SubmissionRow.state)
    by_state = {row[0]: row[1] for row in session.execute(counts)}
    standing_flags = select(func.count()).where(FlagRow.cleared_at.is_(None))
    problems = meta.read(session, "last_fsck_problems")
    return Status(
        revision=meta.revision(session),
        database=session.get_bind().dialect.name,
        n_submissions=sum(by_state.values()),
        n_rows=sum(group.n_entries for group in groups(session)),
        n_withdrawn=by_state.get("withdrawn", 0),
        n_hidden=by_state.get("hidden", 0),
        n_flags=session.scalar(standing_flags) or 0,
        last_submitted_at=session.scalar(select(func.max(SubmissionRow.received_at))),
        last_backup_at=meta.read(session, "last_backup_at"),
        last_fsck_at=meta.read(session, "last_fsck_at"),
        last_fsck_problems=None if problems is None else int(problems),
        schema=SCHEMA,
        versions={"python": python_version(), **_versions()},
        audit_digest=audit.head(session),
    )


def _has_words(row: Row, words: Sequence[str]) -> bool:
    told = (row.method, row.display_name, row.version, *row.authors, row.submission_id)
    if row.paper is not None:
        told += (row.paper.title, *row.paper.authors, str(row.paper.year or ""))
    text = " ".join(told).casefold()
    return all(word in text for word in words)


def _versions() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
