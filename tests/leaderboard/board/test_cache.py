"""Answers are kept for one revision, found once, and within a bound."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from leaderboard.board.cache import AnswerCache


def test_whoever_asks_at_the_same_time_gets_the_one_answer_that_is_found():
    answers, found = AnswerCache(), []

    def find():
        found.append("once")
        time.sleep(0.05)
        return (1, 2, 3)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: answers(1, "rows", find), range(8)))
    assert answers == [(1, 2, 3)] * 8
    assert found == ["once"]


def test_a_new_revision_forgets_and_another_question_has_its_own_answer():
    answers = AnswerCache()
    assert answers(1, "rows", lambda: ("old",)) == ("old",)
    assert answers(1, "groups", lambda: ("g",)) == ("g",)
    assert answers(1, "rows", lambda: ("never asked",)) == ("old",)
    assert answers(2, "rows", lambda: ("new",)) == ("new",)
    assert answers(1, "rows", lambda: ("old again",)) == ("old again",)


def test_an_empty_answer_is_kept_and_an_error_is_not():
    answers = AnswerCache()
    assert answers(1, "rows", tuple) == ()
    assert answers(1, "rows", lambda: ("never asked",)) == ()
    with pytest.raises(ZeroDivisionError):
        answers(1, "broken", lambda: 1 / 0)
    assert answers(1, "broken", lambda: ("mended",)) == ("mended",)


def test_more_rows_than_the_bound_are_not_kept_beside_each_other():
    answers = AnswerCache()
    for question in range(4):
        answers(1, question, lambda: (0,) * 20_000)
    kept = [q for q in range(4) if answers(1, q, lambda: ("new",)) != ("new",)]
    assert kept == [2, 3]
