"""Keys of the verifiers whose records count, as moderators name them."""

import json
import re
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data_gen.foundation.documents import canonical_json
from leaderboard.access.tokens import require
from leaderboard.moderation.changes import Changes
from leaderboard.records import RefusedError
from leaderboard.store import meta
from leaderboard.store.models import MetaRow

_PREFIX = "verifier-key:"
_KEY = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME = 100


@dataclass(frozen=True, kw_only=True)
class TrustedKey:
    """The public half of a verifier's Ed25519 key."""

    public_key: str
    name: str
    """The public name of its owner."""
    at: str
    """Since when it is trusted, UTC."""


def trust(changes: Changes, public_key: str, name: str) -> None:
    """Let records that this key signs count. A key that is trusted already stays as it is."""
    require(changes.identity, "moderator")
    if _KEY.fullmatch(public_key) is None:
        raise RefusedError(
            422,
            "bad-key",
            "A verifier's public key is 64 hexadecimal digits; `dgbench verify` prints it.",
        )
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise RefusedError(
            422, "bad-name", f"Say in at most {_LONGEST_NAME} printable characters whose key it is."
        )
    if not is_trusted(changes.session, public_key):
        value = canonical_json({"name": name, "at": changes.now}, ensure_ascii=False)
        meta.write(changes.session, _PREFIX + public_key, value)
        changes.log("key trusted", public_key, {"name": name})


def distrust(changes: Changes, public_key: str) -> None:
    """Accept no more records that a key signs. Those that were kept stay."""
    require(changes.identity, "moderator")
    if not is_trusted(changes.session, public_key):
        raise RefusedError(404, "unknown-key", f"The key {public_key[:80]!r} is not trusted.")
    changes.session.execute(delete(MetaRow).where(MetaRow.key == _PREFIX + public_key))
    changes.log("key distrusted", public_key, {})


def trusted(session: Session) -> tuple[TrustedKey, ...]:
    """List the trusted keys, sorted."""
    rows = session.execute(
        select(MetaRow.key, MetaRow.value)
        .where(MetaRow.key.startswith(_PREFIX, autoescape=True))
        .order_by(MetaRow.key)
    )
    return tuple(
        TrustedKey(public_key=row.key.removeprefix(_PREFIX), **json.loads(row.value))
        for row in rows
    )


def is_trusted(session: Session, public_key: str) -> bool:
    """Tell whether records that a key signed count."""
    return meta.read(session, _PREFIX + public_key) is not None
