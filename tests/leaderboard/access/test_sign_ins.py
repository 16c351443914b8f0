"""A sign-in survives a reload by a signed cookie, which nobody else can make."""

import pytest

from data_gen.foundation.errors import UsageError
from leaderboard.access.sign_ins import LIFETIME_SECONDS, TICKET_SECONDS, SignIns


class Seconds:
    """A clock that a test turns."""

    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def sign_ins(seconds):
    return SignIns(seconds)


def test_a_ticket_is_taken_once_for_a_cookie_that_names_the_token(sign_ins):
    ticket = sign_ins.ticket("token-1")
    cookie = sign_ins.redeem(ticket)
    assert sign_ins.token_of(cookie) == "token-1"
    assert sign_ins.redeem(ticket) is None
    assert ticket not in cookie


def test_tickets_and_cookies_end(sign_ins, seconds):
    late = sign_ins.ticket("token-1")
    cookie = sign_ins.redeem(sign_ins.ticket("token-1"))
    seconds.now += TICKET_SECONDS
    assert sign_ins.redeem(late) is None
    assert sign_ins.token_of(cookie) == "token-1"
    seconds.now += LIFETIME_SECONDS
    assert sign_ins.token_of(cookie) is None


def test_signing_out_ends_this_cookie_and_no_other(sign_ins):
    first, second = (sign_ins.redeem(sign_ins.ticket("token-1")) for _ in range(2))
    sign_ins.end(first)
    assert sign_ins.token_of(first) is None
    assert sign_ins.token_of(second) == "token-1"


def test_a_forged_cookie_is_worth_nothing(sign_ins):
    cookie = sign_ins.redeem(sign_ins.ticket("token-1"))
    _, nonce, ends, signature = cookie.split(".")
    forged = (
        None, "", ".", "...", "a.b.c.d", cookie[:-1], f"{cookie}0", "é" * 80,
        f"token-2.{nonce}.{ends}.{signature}",
        f"token-1.{nonce}.{int(ends) + 1}.{signature}",
        f"token-1.{nonce}.{ends}.",
    )  # fmt: skip
    for value in forged:
        assert sign_ins.token_of(value) is None
        sign_ins.end(value)
    assert sign_ins.token_of(cookie) == "token-1"
    assert SignIns().token_of(cookie) is None, "the key of another process"


def test_servers_that_share_a_key_take_the_cookies_of_each_other():
    first, second, stranger = SignIns(), SignIns(), SignIns()
    for sign_ins in (first, second):
        sign_ins.share_key("k" * 32)
    stranger.share_key(None)
    cookie = first.redeem(first.ticket("a-token"))
    assert second.token_of(cookie) == "a-token"
    assert stranger.token_of(cookie) is None
    with pytest.raises(UsageError, match="at least 32"):
        stranger.share_key("short")
