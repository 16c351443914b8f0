"""Rows name the score that ranks them, have an HPS only if that is HPS, and are in tiers."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SUBMISSION = sa.table("submission", sa.column("id"), sa.column("card"), sa.column("facts"))
_BOARD = sa.table("board_view", sa.column("submission_id"), sa.column("document"))
_META = sa.table("meta", sa.column("key"), sa.column("value"))


def upgrade() -> None:
    """Write each submission's headline, as its score card has it, into its facts and its row."""
    connection = op.get_bind()
    submissions = connection.execute(sa.select(_SUBMISSION)).all()
    rows = {row.submission_id: row.document for row in connection.execute(sa.select(_BOARD))}
    for identifier, card, facts in submissions:
        score = json.loads(card)["headline"]
        connection.execute(
            sa.update(_SUBMISSION)
            .where(_SUBMISSION.c.id == identifier)
            .values(facts=_with_headline(facts, score))
        )
        if identifier in rows:
            connection.execute(
                sa.update(_BOARD)
                .where(_BOARD.c.submission_id == identifier)
                .values(document=_unranked(_with_headline(rows[identifier], score)))
            )
    if rows:
        # The service computes ranks and tiers, when it opens the store.
        op.execute(sa.insert(_META).values(key="stale_ranks", value="0002"))


def _with_headline(text: str, score: dict[str, Any]) -> str:
    name = score["name"]
    fields = json.loads(text)
    fields["headline"] = {
        "name": name,
        "estimate": score["estimate"],
        "low": score["low"],
        "high": score["high"],
    }
    if name != "hps":
        fields |= {"hps": None, "hps_low": None, "hps_high": None}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _unranked(document: str) -> str:
    places = {"rank": None, "rank_low": None, "rank_high": None, "tier": None}
    fields = {**json.loads(document), **places, "is_unstable": False, "against_best": None}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
