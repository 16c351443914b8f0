"""The operations that change something. Each needs a token with a role."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from dgbench.submission.format.members import MAX_BUNDLE_BYTES
from dgbench.verification.record import VerificationRecord
from leaderboard.api.admission import PathName, Submitter, Verifier, limited_write, nothing_asked
from leaderboard.api.answers import BUNDLE_TYPE, JSON_TYPE, Answer, Nonce, as_json
from leaderboard.api.openapi import body_of, problems
from leaderboard.api.parameters import WithdrawalParameters
from leaderboard.api.shared_state import ApiState, State
from leaderboard.api.unchanged import fresh
from leaderboard.api.uploads import KEY_PATTERN, check_media_type, read_body
from leaderboard.records import Identity, Receipt, RefusedError, Row

WRITES = APIRouter(dependencies=[Depends(limited_write)])
_BUNDLE_TYPES = (BUNDLE_TYPE, "application/octet-stream")
_LARGEST_RECORD = 2**18
_NEEDS_TOKEN = problems(401, 403)
_NOTHING_ASKED = [Depends(nothing_asked)]
_ONE = "/submissions/{submission_id}"
_Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="Another body under a key that was used is refused.",
    ),
]


@WRITES.post(
    "/submissions",
    operation_id="submit",
    status_code=HTTPStatus.CREATED,
    response_model=Receipt,
    responses={
        200: {"model": Receipt, "description": "It was there already."},
        **_NEEDS_TOKEN,
        **problems(408, 409, 413, 415, 507),
    },
    openapi_extra=body_of(*_BUNDLE_TYPES),
    dependencies=_NOTHING_ASKED,
)
async def submit(request: Request, state: State, identity: Submitter, key: _Key = None) -> Response:
    """Submit a bundle, with a token with the role `submitter`.

    The same predictions again give the same id and change nothing.
    """
    check_media_type(request, _BUNDLE_TYPES)
    body = await read_body(request, MAX_BUNDLE_BYTES)
    state.keys.check(f"{identity.token_id} submit", key, body)
    return fresh(await state.write(lambda: _receive(state, identity, body)))


@WRITES.delete(
    _ONE,
    operation_id="withdraw",
    status_code=HTTPStatus.NO_CONTENT,
    response_class=Response,
    responses=_NEEDS_TOKEN,
)
async def withdraw(
    state: State,
    identity: Submitter,
    submission_id: PathName,
    asked: Annotated[WithdrawalParameters, Query()],
) -> Response:
    """Withdraw one's own submission, with the role `submitter`. A tombstone stays."""
    await state.write(lambda: state.service.withdraw(submission_id, identity, asked.reason))
    return fresh(Answer(b"", status=HTTPStatus.NO_CONTENT))


@WRITES.post(
    f"{_ONE}/nonces",
    operation_id="reveal",
    status_code=HTTPStatus.CREATED,
    response_model=Nonce,
    responses=_NEEDS_TOKEN,
    dependencies=_NOTHING_ASKED,
)
async def reveal(state: State, identity: Verifier, submission_id: PathName) -> Response:
    """Reveal the nonce from which fresh seeds follow, with a token with the role `verifier`.

    Its digest was published before.
    """
    nonce = await state.write(lambda: state.service.reveal_nonce(submission_id, identity))
    return fresh(as_json(Nonce(nonce=nonce), status=HTTPStatus.CREATED))


@WRITES.post(
    "/verifications",
    operation_id="verify",
    status_code=HTTPStatus.CREATED,
    response_model=Row,
    responses={**_NEEDS_TOKEN, **problems(408, 413, 415, 507)},
    openapi_extra=body_of(JSON_TYPE, schema="VerificationRecord"),
    dependencies=_NOTHING_ASKED,
)
async def verify(request: Request, state: State, identity: Verifier, key: _Key = None) -> Response:
    """Keep a signed record of a verification, passed or failed, with the role `verifier`."""
    check_media_type(request, (JSON_TYPE,))
    body = await read_body(request, _LARGEST_RECORD)
    state.keys.check(f"{identity.token_id} verify", key, body)
    return fresh(await state.write(lambda: _record(state, identity, body)))


def _receive(state: ApiState, identity: Identity, data: bytes) -> Answer:
    receipt = state.service.receive(data, identity)
    return as_json(
        receipt,
        status=HTTPStatus.CREATED if receipt.is_new else HTTPStatus.OK,
        headers=_location(state, receipt.submission_id),
    )


def _record(state: ApiState, identity: Identity, body: bytes) -> Answer:
    try:
        record = VerificationRecord.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "bad-record",
            f"This is not a verification record: {where}: {first['msg']}.",
        ) from error
    state.service.record_verification(record, identity)
    row = state.service.submission(record.submission_id).row
    return as_json(row, status=HTTPStatus.CREATED, headers=_location(state, row.submission_id))


def _location(state: ApiState, submission_id: str) -> dict[str, str]:
    return {"Location": f"{state.root}/v1/submissions/{submission_id}"}
