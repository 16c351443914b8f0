"""The operations that read, without a token."""

from functools import cache
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from data_gen.foundation.errors import suggestion
from data_gen.spec_files import find_spec, registered
from leaderboard.api.admission import PathName, each_once, limited_read, nothing_asked
from leaderboard.api.answers import (
    BUNDLE_TYPE,
    JSON_TYPE,
    Alive,
    Answer,
    FullSpec,
    FullSubmission,
    History,
    Leaderboard,
    Ready,
    Specs,
    SpecSummary,
    as_json,
    full,
    with_rows,
)
from leaderboard.api.openapi import NOT_MODIFIED, files, problems
from leaderboard.api.parameters import ComparisonParameters, LeaderboardParameters
from leaderboard.api.shared_state import State
from leaderboard.api.unchanged import Unchanged, fresh
from leaderboard.export.feed import MEDIA_TYPE, N_ENTRIES, feed
from leaderboard.export.tables import FORMATS
from leaderboard.records import Comparison, RefusedError
from leaderboard.records import Query as RowQuery
from leaderboard.service import Service

READS = APIRouter(dependencies=[Depends(limited_read), Depends(each_once)])
_NOTHING_ASKED = [Depends(nothing_asked)]
_ONE = "/submissions/{submission_id}"
_TABLES = tuple(form.media_type for form in FORMATS.values() if form.media_type != JSON_TYPE)


@READS.get("/health", operation_id="health", response_model=Alive, dependencies=_NOTHING_ASKED)
async def health() -> Response:
    """Tell whether the process answers."""
    return fresh(as_json(Alive()))


@READS.get(
    "/ready",
    operation_id="ready",
    response_model=Ready,
    responses=problems(507),
    dependencies=_NOTHING_ASKED,
)
async def ready(state: State) -> Response:
    """Tell whether the store answers, has the tables of this version, and room for bundles."""
    return fresh(await state.read(lambda: _ready(state.service)))


@READS.get(
    "/leaderboard",
    operation_id="leaderboard",
    response_model=Leaderboard,
    responses={304: NOT_MODIFIED, **files(*_TABLES)},
)
async def leaderboard(
    state: State, unchanged: Unchanged, asked: Annotated[LeaderboardParameters, Query()]
) -> Response:
    """List the rows of a benchmark, ranked."""
    return await unchanged(
        lambda revision: _leaderboard(state.service, asked, revision), asked=asked
    )


@READS.get(
    "/feed",
    operation_id="feed",
    response_class=Response,
    responses=files(MEDIA_TYPE),
    dependencies=_NOTHING_ASKED,
)
async def newest(request: Request, state: State) -> Response:
    """List the newest entries of all benchmarks, as an Atom feed."""
    site = state.site(request)
    rows = await state.read(lambda: state.service.newest(N_ENTRIES))
    return fresh(Answer(feed(rows, site=site), MEDIA_TYPE))


@READS.get(
    "/compare",
    operation_id="compare",
    response_model=Comparison,
    responses={304: NOT_MODIFIED, **problems(410)},
)
async def compare(
    state: State, unchanged: Unchanged, asked: Annotated[ComparisonParameters, Query()]
) -> Response:
    """Set two submissions of one benchmark side by side."""
    return await unchanged(
        lambda _: as_json(state.service.compare((asked.a, asked.b))), asked=asked
    )


@READS.get("/specs", operation_id="specs", response_model=Specs, dependencies=_NOTHING_ASKED)
async def specs(state: State) -> Response:
    """List the benchmarks."""
    return fresh(await state.read(_specs))


@READS.get(
    "/specs/{spec}", operation_id="spec", response_model=FullSpec, dependencies=_NOTHING_ASKED
)
async def spec(state: State, spec: PathName) -> Response:
    """Show one benchmark. A bare name means its newest version."""
    return fresh(await state.read(lambda: _spec(spec)))


@READS.get(
    _ONE,
    operation_id="submission",
    response_model=FullSubmission,
    responses={304: NOT_MODIFIED},
    dependencies=_NOTHING_ASKED,
)
async def submission(state: State, unchanged: Unchanged, submission_id: PathName) -> Response:
    """Show one submission, even if it was withdrawn."""
    return await unchanged(lambda _: as_json(full(state.service.submission(submission_id))))


@READS.get(
    f"{_ONE}/scores",
    operation_id="scores",
    response_model=dict[str, object],
    responses={304: NOT_MODIFIED},
    dependencies=_NOTHING_ASKED,
)
async def scores(state: State, unchanged: Unchanged, submission_id: PathName) -> Response:
    """Show what the scorer found, in the canonical JSON whose digest the history holds."""
    return await unchanged(
        lambda _: Answer(state.service.submission(submission_id).score_card.encode())
    )


@READS.get(
    f"{_ONE}/audit",
    operation_id="history",
    response_model=History,
    responses={304: NOT_MODIFIED},
    dependencies=_NOTHING_ASKED,
)
async def history(state: State, unchanged: Unchanged, submission_id: PathName) -> Response:
    """Tell what happened to a submission."""

    def make(_: int) -> Answer:
        submission = state.service.submission(submission_id)
        return as_json(History(submission_id=submission.id, events=submission.history))

    return await unchanged(make)


@READS.get(
    f"{_ONE}/bundle",
    operation_id="bundle",
    response_class=Response,
    responses={304: NOT_MODIFIED, **files(BUNDLE_TYPE), **problems(410)},
    dependencies=_NOTHING_ASKED,
)
async def bundle(state: State, unchanged: Unchanged, submission_id: PathName) -> Response:
    """Hand out the bundle as it was received."""
    headers = {"Content-Disposition": f'attachment; filename="{submission_id}.dgsub"'}
    return await unchanged(
        lambda _: Answer(state.service.bundle(submission_id), BUNDLE_TYPE, headers=headers)
    )


def _ready(service: Service) -> Answer:
    service.store.check_ready()
    status = service.status()
    return as_json(
        Ready(revision=status.revision, n_submissions=status.n_submissions, schema=status.schema)
    )


def _leaderboard(service: Service, asked: LeaderboardParameters, revision: int) -> Answer:
    query: RowQuery = asked.query(_full_name(asked.benchmark))
    if asked.format == "json":
        head = Leaderboard(revision=revision, query=query, rows=())
        return with_rows(head, service.documents(query))
    form = FORMATS[asked.format]
    name = f"{query.benchmark}{form.suffix}"
    return Answer(
        form.write(service.rows(query)),
        form.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _specs() -> Answer:
    return as_json(
        Specs(
            specs=tuple(
                SpecSummary(
                    name=name,
                    summary=spec.get("summary", ""),
                    source=str(spec.get("source", "")),
                    hidden=tuple(spec.get("hidden", ())),
                )
                for name, spec in _benchmarks().items()
            )
        )
    )


def _spec(name: str) -> Answer:
    spec = find_spec(_full_name(name))
    return as_json(FullSpec(digest=spec.digest, spec=spec.model_dump(mode="json")))


@cache
def _benchmarks() -> dict[str, dict[str, Any]]:
    """Return the registered benchmarks, as they were installed when the process began."""
    return registered()


def _full_name(name: str) -> str:
    """Complete a benchmark's name with its version."""
    newest = {str(spec["name"]): full_name for full_name, spec in _benchmarks().items()}
    full_name = newest.get(name, name)
    if full_name not in _benchmarks():
        raise RefusedError(
            HTTPStatus.NOT_FOUND,
            "unknown-benchmark",
            f"There is no benchmark {name!r}. {suggestion(name, newest)}",
        )
    return full_name
