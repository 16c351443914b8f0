"""Answers are kept for one revision, found once, and within a bound."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from leaderboard.board.cache import AnswerCache


def test_concurrent_requests_get_the_same_answer():
    cache, calls = AnswerCache(), []

    def find():
        calls.append("once")
        time.sleep(0.05)
        return (1, 2, 3)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: cache(1, "rows", find), range(8)))
    assert answers == [(1, 2, 3)] * 8
    assert calls == ["once"]


def test_a_new_revision_clears_the_cache_and_each_question_has_its_own_answer():
    cache = AnswerCache()
    assert cache(1, "rows", lambda: ("old",)) == ("old",)
    assert cache(1, "groups", lambda: ("g",)) == ("g",)
    assert cache(1, "rows", lambda: ("never asked",)) == ("old",)
    assert cache(2, "rows", lambda: ("new",)) == ("new",)
    assert cache(1, "rows", lambda: ("old again",)) == ("old again",)


def test_an_empty_answer_is_kept_and_an_error_is_not():
    cache = AnswerCache()
    assert cache(1, "rows", tuple) == ()
    assert cache(1, "rows", lambda: ("never asked",)) == ()
    with pytest.raises(ZeroDivisionError):
        cache(1, "broken", lambda: 1 / 0)
    assert cache(1, "broken", lambda: ("mended",)) == ("mended",)


def test_answers_beyond_the_bound_of_rows_are_dropped():
    cache = AnswerCache()
    for question in range(4):
        cache(1, question, lambda: (0,) * 20_000)
    kept = [q for q in range(4) if cache(1, q, lambda: ("new",)) != ("new",)]
    assert kept == [2, 3]
