"""The run folders are the only state of a sweep."""

import os

import pytest

from data_gen.foundation.errors import DGBenchError
from dgbench.results.declaration import Declaration
from dgbench.results.folder import RECORD, read_record, write_record
from dgbench.results.lease import LEASE
from dgbench.sweep.grid import expand
from dgbench.sweep.pace import Pace
from dgbench.sweep.state import locked, settled_states, states_of
from dgbench.sweep.work import Workbench
from dgbench.training.plan import Plan
from dgbench.training.runner import Runner
from tests.dgbench.leases import write_lease


@pytest.fixture
def job(request_for):
    declared = Declaration(
        methods=("erm",), benchmarks=("mnist-color-5k@1",), steps=12, batch_size=32, probes=False
    )
    return expand(declared, request_for()).jobs[0]


@pytest.fixture
def done(job):
    """The record of the run, which is done."""
    Workbench().work(job)
    return read_record(job.folder)


def state_after(job, record, **changes):
    write_record(job.folder, record.model_copy(update=changes))
    return states_of([job])[0].name


def test_every_state_is_derived_from_the_record(job, done):
    assert states_of([job])[0].name == "done"
    assert done.trial == 0
    assert done.development
    dead = done.process.model_copy(update={"pid": 2**22 + 1})
    living = done.process.model_copy(update={"pid": os.getpid(), "started": "2200-01-01T00:00:00"})
    assert state_after(job, done, status="running", process=dead) == "stopped"
    assert settled_states([job])[0].record.status == "interrupted"
    assert state_after(job, done, status="running", process=living) == "at work"
    assert state_after(job, done, status="interrupted") == "stopped"
    assert state_after(job, done, status="diverged") == "diverged"
    assert state_after(job, done, status="failed") == "failed"
    (job.folder / RECORD).write_text("{")
    assert states_of([job])[0].name == "failed"
    (job.folder / RECORD).unlink()
    assert states_of([job])[0].name == "missing"


def test_a_run_left_on_another_machine_goes_on_here(job, done):
    elsewhere = done.process.model_copy(update={"host": "another"})
    write_lease(job.folder)
    assert state_after(job, done, status="running", process=elsewhere) == "at work"
    os.utime(job.folder / LEASE, (0, 0))
    assert settled_states([job])[0].name == "stopped"
    assert read_record(job.folder).message == (
        f"Process {done.process.pid} on another did not finish it."
    )


def test_a_run_of_train_is_taken_over_and_not_repeated(job):
    from dataclasses import replace

    plain = Plan(replace(job.request, trial=None, with_development=False))
    before = Runner(plain).run(job.seed)
    assert before.trial is None
    assert states_of([job])[0].name == "stopped"
    Workbench().work(job)
    after = read_record(job.folder)
    assert states_of([job])[0].name == "done"
    assert after.trial == 0
    assert set(after.development) == set(after.domains)
    assert after.process == before.process
    assert after.predictions_digest == before.predictions_digest


def test_only_one_sweep_works_in_a_folder(tmp_path):
    with (
        locked(tmp_path),
        pytest.raises(DGBenchError, match="Another sweep is at work"),
        locked(tmp_path),
    ):
        pass
    with locked(tmp_path):
        pass


def test_the_time_left_follows_from_measured_times(job, done):
    from dataclasses import replace

    assert Pace().left([job], n_parallel=1) is None
    pace = Pace(states_of([job]))
    cost = done.cost
    expected = cost.loading_seconds + cost.training_seconds + cost.evaluation_seconds
    assert pace.of(job) == pytest.approx(expected)
    longer = replace(job, method="other", steps=24)
    assert pace.of(longer) == pytest.approx(2 * expected)
    assert pace.left([job] * 4, n_parallel=2) == pytest.approx(2 * expected)
    assert pace.left([], n_parallel=2) == 0
