"""The operations that read, without a token."""

from functools import cache
from http import HTTPStatus
from typing import Any

from data_gen.foundation.errors import suggestion
from data_gen.spec_files import find_spec, registered
from leaderboard.api.answers import (
    BUNDLE_TYPE,
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
from leaderboard.api.operations import Call, Operation
from leaderboard.api.parameters import ComparisonParameters, LeaderboardParameters
from leaderboard.export.feed import MEDIA_TYPE, N_ENTRIES, feed
from leaderboard.export.tables import FORMATS
from leaderboard.records import Comparison, RefusedError

_ONE = "/submissions/{submission_id}"


def _health(_: Call) -> Answer:
    return as_json(Alive())


def _ready(call: Call) -> Answer:
    try:
        status = call.service.status()
    except Exception as error:  # whatever the database's driver raises
        raise RefusedError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "store-unavailable",
            "The store does not answer.",
            retry_after=10,
        ) from error
    return as_json(
        Ready(revision=status.revision, n_submissions=status.n_submissions, schema=status.schema)
    )


def _leaderboard(call: Call) -> Answer:
    asked = call.asked(LeaderboardParameters)
    query = asked.query(_full_name(asked.benchmark))
    if asked.format == "json":
        head = Leaderboard(revision=call.revision, query=query, rows=())
        return with_rows(head, call.service.documents(query))
    form = FORMATS[asked.format]
    name = f"{query.benchmark}{form.suffix}"
    return Answer(
        form.write(call.service.rows(query)),
        form.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _feed(call: Call) -> Answer:
    rows = call.service.newest(N_ENTRIES)
    return Answer(feed(rows, site=call.site), MEDIA_TYPE)


def _compare(call: Call) -> Answer:
    asked = call.asked(ComparisonParameters)
    return as_json(call.service.compare((asked.a, asked.b)))


def _submission(call: Call) -> Answer:
    return as_json(full(call.service.submission(call.path["submission_id"])))


def _scores(call: Call) -> Answer:
    return Answer(call.service.submission(call.path["submission_id"]).score_card.encode())


def _history(call: Call) -> Answer:
    submission = call.service.submission(call.path["submission_id"])
    return as_json(History(submission_id=submission.id, events=submission.history))


def _bundle(call: Call) -> Answer:
    identifier = call.path["submission_id"]
    return Answer(
        call.service.bundle(identifier),
        BUNDLE_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{identifier}.dgsub"'},
    )


def _specs(_: Call) -> Answer:
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


def _spec(call: Call) -> Answer:
    spec = find_spec(_full_name(call.path["spec"]))
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


READERS = (
    Operation(
        method="GET",
        path="/health",
        name="health",
        answer=Alive,
        run=_health,
        summary="Whether the process answers.",
    ),
    Operation(
        method="GET",
        path="/ready",
        name="ready",
        answer=Ready,
        run=_ready,
        problems=(503,),
        summary="Whether the store answers.",
    ),
    Operation(
        method="GET",
        path="/leaderboard",
        name="leaderboard",
        answer=Leaderboard,
        run=_leaderboard,
        parameters=LeaderboardParameters,
        is_cacheable=True,
        media_types=tuple(form.media_type for form in FORMATS.values()),
        summary="The rows of a benchmark, ranked.",
    ),
    Operation(
        method="GET",
        path="/feed",
        name="feed",
        answer=bytes,
        run=_feed,
        media_types=(MEDIA_TYPE,),
        summary="The newest entries of all benchmarks, as an Atom feed.",
    ),
    Operation(
        method="GET",
        path="/compare",
        name="compare",
        answer=Comparison,
        run=_compare,
        parameters=ComparisonParameters,
        is_cacheable=True,
        problems=(410,),
        summary="Two submissions of one benchmark side by side.",
    ),
    Operation(
        method="GET",
        path="/specs",
        name="specs",
        answer=Specs,
        run=_specs,
        summary="The benchmarks.",
    ),
    Operation(
        method="GET",
        path="/specs/{spec}",
        name="spec",
        answer=FullSpec,
        run=_spec,
        summary="One benchmark; a bare name means its newest version.",
    ),
    Operation(
        method="GET",
        path=_ONE,
        name="submission",
        answer=FullSubmission,
        run=_submission,
        is_cacheable=True,
        summary="One submission, withdrawn ones among them.",
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/scores",
        name="scores",
        answer=dict[str, object],
        run=_scores,
        is_cacheable=True,
        summary="What the scorer found, in the canonical JSON whose digest the history holds.",
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/audit",
        name="history",
        answer=History,
        run=_history,
        is_cacheable=True,
        summary="What happened to a submission.",
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/bundle",
        name="bundle",
        answer=bytes,
        run=_bundle,
        is_cacheable=True,
        media_types=(BUNDLE_TYPE,),
        problems=(410,),
        summary="The bundle as it was received.",
    ),
)
