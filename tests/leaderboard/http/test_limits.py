"""Limits on how often one may ask, and keys of repeated uploads."""

import pytest


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_bucket_empties_and_fills():
    from leaderboard.http.limits import RateLimiter
    from leaderboard.http.problems import ProblemError

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
    from leaderboard.http.limits import RateLimiter

    limiter = RateLimiter(per_minute=60, burst=3, clock=Clock(), remembered=100)
    for number in range(1000):
        limiter.take(str(number))
    assert len(limiter._buckets) == 100


def test_neighbours_in_one_ipv6_network_share_a_bucket():
    from leaderboard.http.limits import address_key

    assert address_key(("2001:db8::1", 1)) == address_key(("2001:db8::ffff:1", 2))
    assert address_key(("2001:db8:0:1::1", 1)) != address_key(("2001:db8::1", 1))
    assert address_key(("192.0.2.1", 1)) != address_key(("192.0.2.2", 1))
    assert address_key(None) == "unknown"
    assert address_key(("testclient", 1)) == "testclient"


def test_reading_the_api_too_often_is_answered_with_a_time(api):
    statuses = []
    for _ in range(700):
        answer = api.get("/api/v1/health")
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            break
    assert statuses[0] == 200
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["code"] == "too-many-requests"


def test_guessing_tokens_is_slowed_down(api):
    statuses = [
        api.delete(
            "/api/v1/submissions/x", headers={"Authorization": f"Bearer dgb_{number}"}
        ).status_code
        for number in range(80)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429
