"""Rows tell apart what a method has found and what it trusts, and HPS is of what it has found.

The old HPS, which was of trust, is removed. The bundles are scored again when the service opens.
"""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_SUBMISSION = sa.table("submission", sa.column("id"), sa.column("card"), sa.column("facts"))
_BOARD = sa.table("board_view", sa.column("submission_id"), sa.column("document"))
_NO_HPS = {"hps": None, "hps_low": None, "hps_high": None}
_NO_RANK = {"rank": None, "rank_low": None, "rank_high": None}


def upgrade() -> None:
    """Rewrite each submission's score card and facts, and its row."""
    connection = op.get_bind()
    for identifier, card, facts in connection.execute(sa.select(_SUBMISSION)).all():
        connection.execute(
            sa.update(_SUBMISSION)
            .where(_SUBMISSION.c.id == identifier)
            .values(card=_changed(card, _card), facts=_changed(facts, _facts))
        )
    for identifier, document in connection.execute(sa.select(_BOARD)).all():
        connection.execute(
            sa.update(_BOARD)
            .where(_BOARD.c.submission_id == identifier)
            .values(document=_changed(document, _row))
        )


def _changed(text: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    fields = change(json.loads(text))
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _scores(fields: dict[str, Any]) -> dict[str, Any]:
    """Change the scores that cards and facts have in common."""
    trusted = fields.pop("pattern_found", None) or {}
    fields.pop("mps", None)
    headline = fields["headline"]
    if headline["name"] == "hps":
        headline |= {"estimate": None, "low": None, "high": None}
    return fields | {"found": {}, "trusted": trusted, "up": None, "mp": None, "headline": headline}


def _card(fields: dict[str, Any]) -> dict[str, Any]:
    card = _scores(fields) | {"schema_version": 2, "hps": None}
    if card["headline"]["name"] == "hps":
        card["headline"]["by_seed"] = []
    return card


def _facts(fields: dict[str, Any]) -> dict[str, Any]:
    return _scores(fields) | _NO_HPS


def _row(fields: dict[str, Any]) -> dict[str, Any]:
    row = _facts(fields)
    return row | _NO_RANK if row["headline"]["name"] == "hps" else row
