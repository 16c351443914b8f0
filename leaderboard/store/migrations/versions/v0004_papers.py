"""Rows name the paper that their method comes from, which only the manifest knew."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_SUBMISSION = sa.table("submission", sa.column("id"), sa.column("manifest"), sa.column("facts"))
_BOARD = sa.table("board_view", sa.column("submission_id"), sa.column("document"))


def upgrade() -> None:
    """Copy the paper of each manifest to the submission's facts and to its row."""
    connection = op.get_bind()
    for identifier, manifest, facts in connection.execute(sa.select(_SUBMISSION)).all():
        paper = _paper(json.loads(manifest).get("paper"))
        connection.execute(
            sa.update(_SUBMISSION)
            .where(_SUBMISSION.c.id == identifier)
            .values(facts=_with_paper(facts, paper))
        )
        document = connection.scalar(
            sa.select(_BOARD.c.document).where(_BOARD.c.submission_id == identifier)
        )
        if document is not None:
            connection.execute(
                sa.update(_BOARD)
                .where(_BOARD.c.submission_id == identifier)
                .values(document=_with_paper(document, paper))
            )


def _paper(claim: dict[str, Any] | None) -> dict[str, Any] | None:
    """Write the manifest's paper as rows have it, where an absent address is an empty text."""
    return claim and {**claim, "url": claim.get("url") or "", "code": claim.get("code") or ""}


def _with_paper(text: str, paper: dict[str, Any] | None) -> str:
    fields = json.loads(text) | {"paper": paper}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
