"""A signal lets a run end with a checkpoint, from which it goes on anywhere."""

import os
import signal

import pytest

from dgbench.results.folder import CHECKPOINT, read_record
from dgbench.training.errors import StoppedError
from dgbench.training.plan import Plan
from dgbench.training.processes import run_on_several
from dgbench.training.stopping import is_asked, stoppable
from dgbench.training.weights import steps_in
from tests.dgbench.runs import assert_same_weights, run, weights_of

SIGNALLED = """
def loss(self, batch):
    import os
    from pathlib import Path
    mark = Path({mark!r})
    if batch.step == 3 and self.global_rank == 0 and not mark.exists():
        mark.touch()
        os.kill({pid}, {number})
    return {{"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}}
"""


@pytest.fixture
def signalled(method_file, tmp_path):
    """Makes a method that sends this process a signal once, during its fourth step."""

    def make(number):
        body = SIGNALLED.format(mark=str(tmp_path / "mark"), pid=os.getpid(), number=int(number))
        return method_file(body)

    return make


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_keeps_the_step_and_the_run_goes_on(request_for, signalled, tmp_path, number):
    before = signal.getsignal(number)
    request = request_for(method=signalled(number), checkpoint_every=500)
    with stoppable(), pytest.raises(StoppedError, match=f"Stopped by {number.name} after step 4"):
        run(request)
    folder = Plan(request).folder(0)
    assert read_record(folder).status == "interrupted"
    assert "--resume goes on" in read_record(folder).message
    assert steps_in(folder / CHECKPOINT) == 4
    assert signal.getsignal(number) == before
    assert not is_asked()
    resumed = request_for(method=request.method, checkpoint_every=500, resume=True)
    assert run(resumed).resumed == 1
    whole = request_for(method=request.method, checkpoint_every=500, out=tmp_path / "whole")
    run(whole)
    assert_same_weights(weights_of(request), weights_of(whole))


@pytest.mark.usefixtures("forked")
def test_several_devices_stop_at_the_same_step_and_one_goes_on(request_for, signalled):
    request = request_for(
        method=signalled(signal.SIGUSR1), steps=40, devices=2, strategy="ddp", checkpoint_every=500
    )
    with stoppable(), pytest.raises(StoppedError, match="after step"):
        run_on_several(Plan(request), 0)
    folder = Plan(request).folder(0)
    record = read_record(folder)
    assert record.status == "interrupted"
    assert 4 <= steps_in(folder / CHECKPOINT) < 40
    last = run(request_for(method=request.method, steps=40, resume=True))
    assert (last.status, last.resumed, last.hardware.n_devices) == ("done", 1, 1)
