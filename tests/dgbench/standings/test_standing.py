"""The gate holds back who gave up the task, and nobody else."""

from typing import get_args

import pytest

from dgbench.standings.limits import FULL_SEEDS, RANKED_SEEDS, RETAINED
from dgbench.standings.standing import (
    LINES,
    RANKED,
    claimed_standing,
    gated,
    lines_above,
    part_of,
)
from dgbench.standings.words import Standing


class Listed:
    def __init__(self, standing):
        self.standing = standing


def test_seeds_decide_the_standing_of_an_entry_that_says_nothing_else():
    by_seeds = {n: claimed_standing(n) for n in range(7)}
    assert {n for n, standing in by_seeds.items() if standing in RANKED} == {3, 4, 5, 6}
    assert by_seeds[RANKED_SEEDS] == "provisional"
    assert by_seeds[FULL_SEEDS] == "full"


def test_yardsticks_come_first_and_demonstrations_last_among_the_reasons():
    everything = {"is_yardstick": True, "has_diverged": True, "is_demonstration": True}
    assert claimed_standing(5, **everything) == "yardstick"
    assert claimed_standing(5, **everything | {"is_yardstick": False}) == "gave-up"
    assert claimed_standing(5, is_demonstration=True) == "unranked"
    assert claimed_standing(5, has_score=False) == "unranked"


@pytest.mark.parametrize("standing", ["full", "provisional", "unranked", "gave-up"])
def test_low_retention_holds_back_every_competitor(standing):
    assert gated(standing, RETAINED - 1e-6) == "gave-up"
    assert gated(standing, RETAINED) == standing
    # Benchmarks with environments have no retention.
    assert gated(standing, None) == standing


def test_yardsticks_pass_no_gate():
    assert gated("yardstick", 0.0) == "yardstick"


def test_every_part_but_the_first_two_has_a_line_above_it():
    standings = sorted(get_args(Standing), key=part_of)
    assert standings[-2:] == list(LINES)
    rows = [Listed(standing) for standing in [*standings, "yardstick"]]
    assert lines_above(rows) == {3: "Gave up the task", 4: "Yardsticks"}
    assert lines_above([]) == {}
