"""A run that was stopped goes on bit for bit, and one that is done or busy is not touched."""

import os

import pytest

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.results.folder import read_record, write_record
from dgbench.training.plan import Plan
from dgbench.training.weights import FINAL
from tests.dgbench.runs import assert_same_weights, rows_of, run, weights_of


def test_a_finished_run_is_not_repeated(request_for):
    first = run(request_for())
    folder = Plan(request_for()).folder(0)
    before = (folder / "run.json").stat().st_mtime_ns
    assert run(request_for()) == first
    assert run(request_for(resume=True)) == first
    assert (folder / "run.json").stat().st_mtime_ns == before
    assert run(request_for(force=True)).process.started >= first.process.started


STOPS = """
class Config(LossMethod.Config):
    pass

def loss(self, batch):
    import os
    from pathlib import Path
    mark = Path(os.environ["DGBENCH_TEST_MARK"])
    if batch.step == 8 and not mark.exists():
        mark.touch()
        raise KeyboardInterrupt
    x = F.dropout(self.features(batch.images), 0.2, training=True)
    return {"cross_entropy": F.cross_entropy(self.head(x), batch.labels)}
"""


@pytest.mark.parametrize("stream", [False, True])
def test_an_interrupted_run_goes_on_bit_for_bit(
    request_for, method_file, tmp_path, monkeypatch, stream
):
    mark = tmp_path / "mark"
    monkeypatch.setenv("DGBENCH_TEST_MARK", str(mark))
    name = method_file(STOPS)
    stopped = request_for(method=name, eval_every=6, stream=stream)
    with pytest.raises(KeyboardInterrupt):
        run(stopped)
    folder = Plan(stopped).folder(0)
    assert read_record(folder).status == "interrupted"
    with pytest.raises(UsageError, match=r"is interrupted\. --resume goes on with it, --force"):
        run(stopped)
    resumed = run(request_for(method=name, eval_every=6, stream=stream, resume=True))
    assert resumed.resumed == 1
    whole = request_for(method=name, eval_every=6, stream=stream, out=tmp_path / "whole")
    undisturbed = run(whole)
    assert_same_weights(weights_of(stopped), weights_of(whole))
    assert resumed.domains == undisturbed.domains
    assert rows_of(stopped) == rows_of(whole)
    assert any(name == "dev.up.color" for _, name, _ in rows_of(whole))


def test_a_run_killed_after_training_is_only_evaluated(request_for):
    request = request_for()
    done = run(request)
    folder = Plan(request).folder(0)
    killed = done.model_copy(
        update={
            "status": "running",
            "domains": {},
            "cost": None,
            "process": done.process.model_copy(update={"pid": 2**22 - 1}),
        }
    )
    write_record(folder, killed)
    (folder / "predictions.parquet").unlink()
    before = (folder / FINAL).stat().st_mtime_ns
    again = run(request_for(resume=True))
    assert again.domains == done.domains
    assert again.predictions_digest == done.predictions_digest
    assert (folder / FINAL).stat().st_mtime_ns == before


def test_a_run_of_another_configuration_is_not_touched(request_for):
    request = request_for()
    run(request)
    folder = Plan(request).folder(0)
    record = read_record(folder)
    write_record(folder, record.model_copy(update={"seed": 5}))
    with pytest.raises(DGBenchError, match="holds a run of another configuration"):
        run(request)


def test_a_run_in_use_by_another_process_is_not_touched(request_for):
    request = request_for()
    done = run(request)
    folder = Plan(request).folder(0)
    parent = done.process.model_copy(update={"pid": os.getppid()})
    write_record(folder, done.model_copy(update={"status": "running", "process": parent}))
    with pytest.raises(DGBenchError, match="is still working on this run"):
        run(request_for(resume=True))
