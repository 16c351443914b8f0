"""Limits on how often one may ask, and keys of repeated uploads."""

import pytest


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_bucket_empties_and_fills():
    from leaderboard.api.limits import RateLimiter
    from leaderboard.api.problems import ProblemError

    clock = Clock()
    limiter = RateLimiter(per_minute=60, burst=3, clock=clock)
    for _ in range(3):
        limiter.take("a")
    with pytest.raises(ProblemError) as refused:
        limiter.take("a")
    assert refused.value.problem.status == 429
    assert refused.value.headers["Retry-After"] == "1"
    limiter.take("b")
    clock.now = 1.0
    limiter.take("a")
    with pytest.raises(ProblemError):
        limiter.take("a")


def test_a_flood_of_addresses_does_not_fill_the_memory():
    from leaderboard.api.limits import RateLimiter

    limiter = RateLimiter(per_minute=60, burst=3, clock=Clock(), remembered=100)
    for number in range(1000):
        limiter.take(str(number))
    assert len(limiter._buckets) == 100


def test_neighbours_in_one_ipv6_network_share_a_bucket():
    from leaderboard.api.limits import address_key

    assert address_key(("2001:db8::1", 1)) == address_key(("2001:db8::ffff:1", 2))
    assert address_key(("2001:db8:0:1::1", 1)) != address_key(("2001:db8::1", 1))
    assert address_key(("192.0.2.1", 1)) != address_key(("192.0.2.2", 1))
    assert address_key(None) == "unknown"
    assert address_key(("testclient", 1)) == "testclient"


@pytest.fixture
def frozen(service, monkeypatch):
    """A client of an API for whose limits no time passes."""
    from functools import partial

    from starlette.testclient import TestClient

    from leaderboard.api import shared_state
    from leaderboard.api.limits import RateLimiter
    from tests.leaderboard.api.servers import asgi

    monkeypatch.setattr(shared_state, "RateLimiter", partial(RateLimiter, clock=Clock()))
    with TestClient(asgi(service), base_url="http://localhost") as client:
        yield client


def test_too_many_requests_are_refused_with_a_time_to_wait(frozen):
    statuses = [frozen.get("/api/v1/health").status_code for _ in range(600)]
    assert set(statuses) == {200}
    answer = frozen.get("/api/v1/health")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert answer.json()["code"] == "too-many-requests"


def test_guessing_tokens_is_slowed_down(frozen):
    statuses = [
        frozen.delete(
            "/api/v1/submissions/x", headers={"Authorization": f"Bearer dgb_{number}"}
        ).status_code
        for number in range(61)
    ]
    assert statuses == [*[401] * 60, 429]
