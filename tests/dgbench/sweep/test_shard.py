"""Shards of a sweep share its runs between them, and its work evenly."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_gen.foundation.errors import UsageError
from dgbench.results.declaration import Declaration
from dgbench.sweep.grid import Job, expand
from dgbench.sweep.shard import Shard, parse_shard
from dgbench.sweep.state import locked
from dgbench.training.plan import Request


def job(number, *, cost, method="erm"):
    return Job(
        request=Request(method=method, benchmark="b"),
        seed=number,
        method=method,
        benchmark="b",
        trial=0,
        steps=1,
        cost=cost,
        folder=Path(f"{method}-{number}"),
    )


@given(st.lists(st.integers(1, 1000), max_size=40), st.integers(1, 12))
def test_every_run_is_in_exactly_one_shard_and_none_has_much_more_work(costs, count):
    jobs = tuple(job(number, cost=cost) for number, cost in enumerate(costs))
    shards = [Shard(number, count).jobs(jobs) for number in range(1, count + 1)]
    assert sorted(run.seed for shard in shards for run in shard) == list(range(len(jobs)))
    loads = [sum(run.cost for run in shard) for shard in shards]
    # Twice the best division is the classic bound; dealing the costliest first is within 4/3.
    best = max(max(costs, default=0), -(-sum(costs) // count))
    assert max(loads) <= sum(costs) / count + max(costs, default=0)
    assert 3 * max(loads) <= 4 * best + 2 * max(costs, default=0)
    for shard in shards:
        assert [run.seed for run in shard] == sorted(run.seed for run in shard)


def test_a_slow_method_is_spread_over_all_shards():
    jobs = [
        job(seed, cost=5, method=name) for name in ("erm", "me-ada", "sam") for seed in range(4)
    ]
    for number in range(1, 5):
        shard = Shard(number, 4).jobs(jobs)
        assert sorted(run.method for run in shard) == ["erm", "me-ada", "sam"]


def test_longer_trainings_and_larger_sets_cost_more(request_for):
    short = Declaration(methods=("erm",), benchmarks=("mnist-color-5k",), steps=10, batch_size=32)
    long = short.model_copy(update={"steps": 30})
    costs = [expand(declared, request_for()).jobs[0].cost for declared in (short, long)]
    assert costs[1] - costs[0] == 20 * 32 * 3 * 28 * 28


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/4/2", "-1/4", "²/4", "1/0"])
def test_no_other_shards_are_understood(text):
    with pytest.raises(UsageError, match="Write K/N"):
        parse_shard(text)
    assert parse_shard(" 3/4 ") == Shard(3, 4)


def test_shards_do_not_lock_each_other_out(tmp_path):
    with locked(tmp_path, Shard(1, 2)), locked(tmp_path, Shard(2, 2)):
        pass
