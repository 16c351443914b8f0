"""The operations that change something; each needs a token with the role for it."""

from http import HTTPStatus

from leaderboard.http.answers import Answer
from leaderboard.http.operations import Call, Operation
from leaderboard.http.parameters import WithdrawalParameters


def _withdraw(call: Call) -> Answer:
    asked = call.parameters
    if not isinstance(asked, WithdrawalParameters):
        raise TypeError(asked)
    call.service.withdraw(call.path["submission_id"], call.identity, asked.reason)
    return Answer(b"", status=HTTPStatus.NO_CONTENT)


WRITERS = (
    Operation(
        method="DELETE", path="/submissions/{submission_id}", name="withdraw", answer=None,
        run=_withdraw, parameters=WithdrawalParameters, role="submitter", status=204,
        problems=(404, 422),
        summary="Withdraw one's own submission; a tombstone stays.",
    ),
)  # fmt: skip
