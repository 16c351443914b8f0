"""The operations that change something. Each needs a token with a role."""

from http import HTTPStatus

from pydantic import ValidationError

from dgbench.submission.format.members import MAX_BUNDLE_BYTES
from dgbench.verification.record import VerificationRecord
from leaderboard.api.answers import BUNDLE_TYPE, JSON_TYPE, Answer, Nonce, as_json
from leaderboard.api.operations import Call, Operation
from leaderboard.api.parameters import WithdrawalParameters
from leaderboard.records import Receipt, RefusedError, Row

_LARGEST_RECORD = 2**18
_ONE = "/submissions/{submission_id}"


def _receive(call: Call) -> Answer:
    receipt = call.service.receive(call.body, call.identity)
    return as_json(
        receipt,
        status=HTTPStatus.CREATED if receipt.is_new else HTTPStatus.OK,
        headers={"Location": f"{call.root}/submissions/{receipt.submission_id}"},
    )


def _withdraw(call: Call) -> Answer:
    reason = call.asked(WithdrawalParameters).reason
    call.service.withdraw(call.path["submission_id"], call.identity, reason)
    return Answer(b"", status=HTTPStatus.NO_CONTENT)


def _reveal(call: Call) -> Answer:
    nonce = call.service.reveal_nonce(call.path["submission_id"], call.identity)
    return as_json(Nonce(nonce=nonce), status=HTTPStatus.CREATED)


def _verify(call: Call) -> Answer:
    try:
        record = VerificationRecord.model_validate_json(call.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "bad-record",
            f"This is not a verification record: {where}: {first['msg']}.",
        ) from error
    call.service.record_verification(record, call.identity)
    row = call.service.submission(record.submission_id).row
    return as_json(
        row,
        status=HTTPStatus.CREATED,
        headers={"Location": f"{call.root}/submissions/{row.submission_id}"},
    )


WRITERS = (
    Operation(
        method="POST",
        path="/submissions",
        name="submit",
        answer=Receipt,
        run=_receive,
        role="submitter",
        status=201,
        body_types=(BUNDLE_TYPE, "application/octet-stream"),
        max_body_bytes=MAX_BUNDLE_BYTES,
        problems=(408, 409, 413, 415),
        summary="Submit a bundle. The same predictions again give the same id and change nothing.",
    ),
    Operation(
        method="DELETE",
        path=_ONE,
        name="withdraw",
        answer=None,
        run=_withdraw,
        parameters=WithdrawalParameters,
        role="submitter",
        status=204,
        summary="Withdraw one's own submission; a tombstone stays.",
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/nonces",
        name="reveal",
        answer=Nonce,
        run=_reveal,
        role="verifier",
        status=201,
        summary="The nonce from which fresh seeds follow; its digest was published before.",
    ),
    Operation(
        method="POST",
        path="/verifications",
        name="verify",
        answer=Row,
        run=_verify,
        role="verifier",
        status=201,
        body_types=(JSON_TYPE,),
        body_schema=VerificationRecord,
        max_body_bytes=_LARGEST_RECORD,
        problems=(408, 413, 415),
        summary="Keep a signed record of a verification, passed or failed.",
    ),
)
