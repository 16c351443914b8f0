"""A run belongs to the process that works on it, and to nobody once that has ended."""

import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from data_gen.foundation.errors import DGBenchError
from dgbench.results import lease
from dgbench.results.folder import read_record, write_record
from dgbench.results.lease import LEASE, claim, holder_after_waiting, holder_of
from dgbench.training.plan import Plan
from dgbench.training.sessions import session
from tests.dgbench.clusters import SLURM
from tests.dgbench.leases import write_lease
from tests.dgbench.runs import run


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.3)
    monkeypatch.setattr(lease, "_SETTLING_SECONDS", 0.1)


def test_a_lease_lasts_as_long_as_its_process_renews_it(tmp_path):
    held = claim(tmp_path)
    assert holder_of(tmp_path).pid == os.getpid()
    begin = (tmp_path / LEASE).stat().st_mtime_ns
    time.sleep(0.2)
    assert (tmp_path / LEASE).stat().st_mtime_ns > begin
    held.check()
    held.release()
    assert holder_of(tmp_path) is None
    assert not (tmp_path / LEASE).exists()


def test_a_process_elsewhere_holds_it_only_while_it_gives_signs_of_life(tmp_path):
    write_lease(tmp_path)
    assert holder_of(tmp_path).host == "another"
    waited_for = []
    assert holder_after_waiting(tmp_path, waited_for.append) is None
    assert [holder.name for holder in waited_for] == ["process 7 on another"]
    assert holder_of(tmp_path) is None
    write_lease(tmp_path)
    beat = threading.Timer(0.1, os.utime, [tmp_path / LEASE])
    beat.start()
    assert holder_after_waiting(tmp_path).pid == 7
    beat.join()


@pytest.mark.parametrize("skew", [-500, 500])
def test_clocks_that_differ_take_no_run_from_a_living_process(tmp_path, skew):
    write_lease(tmp_path)
    then = time.time() + skew
    os.utime(tmp_path / LEASE, (then, then))
    beat = threading.Timer(0.1, os.utime, [tmp_path / LEASE, (then + 5, then + 5)])
    beat.start()
    assert holder_after_waiting(tmp_path).pid == 7
    beat.join()


def test_one_machine_knows_its_dead_at_once_whatever_it_is_called(tmp_path, monkeypatch):
    held = claim(tmp_path)
    monkeypatch.setattr(socket, "gethostname", lambda: "renamed")
    assert holder_of(tmp_path).is_this_process
    held.release()
    write_lease(tmp_path, place=lease._this_place(), pid=2**22 - 1)
    begin = time.monotonic()
    assert holder_after_waiting(tmp_path) is None
    assert time.monotonic() - begin < 0.2


def test_a_run_that_many_begin_at_once_goes_to_one_process(tmp_path):
    for folder in (tmp_path / "new", tmp_path / "old"):
        if folder.name == "old":
            write_lease(folder)
            os.utime(folder / LEASE, (0, 0))
        with ThreadPoolExecutor(8) as pool:
            held = [lease for lease in pool.map(_claimed, [folder] * 8) if lease is not None]
        assert len(held) == 1
        held[0].release()


def _claimed(folder):
    try:
        return claim(folder)
    except DGBenchError:
        return None


def test_a_process_that_lost_the_run_stops(request_for, method_file):
    name = method_file(
        """
        def loss(self, batch):
            import os, time
            from pathlib import Path
            path = Path(os.environ["DGBENCH_TEST_LEASE"])
            if batch.step == 4:
                path.write_text(path.read_text().replace('"token": "', '"token": "x'))
                time.sleep(0.2)
            return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}
        """
    )
    request = request_for(method=name)
    folder = Plan(request).folder(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DGBENCH_TEST_LEASE", str(folder / LEASE))
        with pytest.raises(DGBenchError, match="was taken over by another process"):
            run(request)
    assert read_record(folder).status == "running"
    assert (folder / LEASE).exists()


@pytest.mark.parametrize("change", [{"force": True}, {"resume": True}, {}])
def test_a_run_that_is_alive_is_never_removed(request_for, change, monkeypatch):
    request = request_for()
    plan = Plan(request)
    with session(plan, 0):
        (plan.folder(0) / "log.csv").write_text("its log")
        for name, value in SLURM.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(DGBenchError, match=r"this process itself is still working .* first\.$"):
            run(request_for(**change))
        monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "4")
        with pytest.raises(DGBenchError, match=r"was started 4 times: .* Start it once, or give"):
            run(request_for(**change))
        assert (plan.folder(0) / "log.csv").read_text() == "its log"


def test_a_run_that_died_in_another_container_goes_on_here(request_for):
    done = run(request_for())
    folder = Plan(request_for()).folder(0)
    elsewhere = done.process.model_copy(update={"host": "another"})
    write_record(folder, done.model_copy(update={"status": "running", "process": elsewhere}))
    write_lease(folder)
    again = run(request_for(resume=True))
    assert (again.status, again.resumed) == ("done", 1)
    assert again.predictions_digest == done.predictions_digest
    assert not (folder / LEASE).exists()
