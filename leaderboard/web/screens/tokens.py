"""Lists, makes and revokes tokens on the pages, as far as the service allows."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from data_gen.foundation.errors import UsageError
from dgbench.standings.number_format import day
from leaderboard import clock
from leaderboard.access.tokens import DEFAULT_QUOTA, IssuedToken, TokenInfo
from leaderboard.records import ROLES, Identity, RefusedError
from leaderboard.web.markdown import plain
from leaderboard.web.session import service, sign_out

_PERIODS = {"30 days": 30.0, "90 days": 90.0, "a year": 365.0}
_MOST_A_DAY = 100_000


def own_tokens(who: Identity) -> None:
    """Draw a person's tokens, and how to make and revoke them."""
    listed = st.container()
    with st.expander("Make another token"):
        st.markdown(
            "For another machine, or one that can do less. It carries your name, and its "
            "submissions count with yours. It ends with the token that you use now at the latest."
        )
        _make(who, for_others=False)
    with listed:
        _list([token for token in service().tokens(who) if token.name == who.name], who)


def all_tokens(who: Identity) -> None:
    """Draw everyone's tokens for a moderator, and how to make and revoke them."""
    listed = st.container()
    with st.expander("Make a token for somebody"):
        _make(who, for_others=True)
    with listed:
        _list(service().tokens(who), who)


def _list(tokens: Sequence[TokenInfo], who: Identity) -> None:
    if not tokens:
        st.info("There is no token yet.")
        return
    now = clock.now()
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Token": token.id,
                    "Name": token.name,
                    "Roles": ", ".join(token.roles),
                    "Bundles a day": token.daily_quota,
                    "Issued": day(token.issued_at),
                    "Expires": day(token.expires_at) if token.expires_at else "never",
                    "State": _state(token, who, now=now),
                }
                for token in tokens
            ]
        ),
        hide_index=True,
        height="content" if len(tokens) <= 16 else 600,
        column_config={
            "Bundles a day": st.column_config.NumberColumn(help="Empty where there is no limit.")
        },
        alt="Tokens, without their secrets.",
    )
    valid = [token for token in tokens if _is_valid(token, now=now)]
    if valid:
        _revoke({f"{token.id} of {token.name}": token for token in valid}, who)


def _is_valid(token: TokenInfo, *, now: str) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now)


def _state(token: TokenInfo, who: Identity, *, now: str) -> str:
    if token.revoked_at is not None:
        return f"revoked {day(token.revoked_at)}"
    if not _is_valid(token, now=now):
        return "expired"
    return "valid, in use here" if token.id == who.token_id else "valid"


def _revoke(valid: dict[str, TokenInfo], who: Identity) -> None:
    with st.popover("Revoke a token"), st.form("revoke-token", border=False):
        chosen = st.selectbox("Token to revoke", list(valid))
        st.caption("It is worthless at once, everywhere, and cannot be made valid again.")
        if not st.form_submit_button("Revoke it for good"):
            return
        try:
            service().revoke_token(valid[chosen].id, who)
        except RefusedError as refused:
            st.error(plain(refused.detail))
            return
        if valid[chosen].id == who.token_id:
            sign_out()
        st.rerun()


def _make(who: Identity, *, for_others: bool) -> None:
    allowed = [role for role in ROLES if for_others or role in who.roles]
    periods: dict[str, float | None] = {**_PERIODS, **({"never": None} if for_others else {})}
    limit = None if for_others else who.daily_quota
    with st.form("make-token", border=False, width=640):
        name = st.text_input("Name, shown to everyone", max_chars=80) if for_others else who.name
        roles = st.multiselect("Roles", allowed, default=allowed[:1])
        ends = st.selectbox("Expires after", list(periods), index=1)
        quota = st.number_input(
            "Bundles a day",
            min_value=1,
            max_value=limit or _MOST_A_DAY,
            value=min(DEFAULT_QUOTA, limit or DEFAULT_QUOTA),
            help="Bundles that this name may send in 24 hours, by all its tokens together.",
        )
        if not st.form_submit_button("Make it"):
            return
    try:
        made = service().issue_token(name, roles, who, days=periods[ends], daily_quota=int(quota))
    except (RefusedError, UsageError) as refused:
        st.error(plain(str(refused)))
    else:
        _show(made)


def _show(made: IssuedToken) -> None:
    ends = day(made.info.expires_at) if made.info.expires_at else "never"
    st.success(f"Made {made.info.id} for {plain(made.info.name)}; expires: {ends}.")
    st.markdown("**Copy it now.** It is not kept and cannot be shown again.")
    st.code(made.secret, language=None, wrap_lines=True)
