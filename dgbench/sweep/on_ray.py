"""Runs on a Ray cluster or a local Ray, which send whole run folders back to the driver."""

import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from typing_extensions import override

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.foundation.files import DRAFT_SUFFIX, write_whole
from dgbench.results.folder import RECORD
from dgbench.results.lease import LEASE
from dgbench.sweep.engine import Engine, Event
from dgbench.sweep.grid import Job
from dgbench.sweep.work import Workbench, failure
from dgbench.sweep.worker import JobEnd

RETRIES = 3
"""How often Ray restarts a run from its beginning after losing its process or node."""
_STARTS = 3
_STORE_BYTES = 256 << 20
"""Memory of a Ray that is started here, for results in transit."""
_REACH_SECONDS = 10.0
_HANDED_ON = "DGBENCH_"
"""Prefix of the environment variables that are set on every node."""


class Parcel(NamedTuple):
    """A run on its way back to the driver."""

    end: JobEnd
    files: Mapping[str, bytes]
    """Contents by path below the run folder."""


class RayEngine(Engine):
    """Works on each run in one Ray task, and restarts a run whose node is lost."""

    def __init__(
        self,
        *,
        address: str | None,
        workers: int,
        threads: int,
        accelerator: str,
        runs_per_gpu: int,
    ) -> None:
        """Without an address, work on `workers` runs at a time on this machine."""
        self._ray = _import_ray()
        self._address = address
        self.n_parallel = workers
        self._threads = threads
        self._accelerator = accelerator
        self._runs_per_gpu = runs_per_gpu

    @override
    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        # Ray prints news of its nodes to stdout, which a script may read.
        with redirect_stdout(sys.stderr):
            yield from self._followed(jobs)

    def _followed(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        ray = self._ray
        self._connect()
        try:
            gpus = self._gpus_a_run()
            task = ray.remote(num_cpus=self._threads, num_gpus=gpus, max_retries=RETRIES)(work_away)
            pending = {task.remote(job, pack(job.folder)): job for job in jobs}
            while pending:
                ready, _ = ray.wait(list(pending), num_returns=1, timeout=None)
                for reference in ready:
                    yield self._received(reference, pending.pop(reference))
        finally:
            ray.shutdown()

    def _connect(self) -> None:
        """Join the cluster, or start a Ray that ends with this process and sends no statistics."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        common: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if self._address is None:
            self._start(common)
            return
        _check_reachable(self._address)
        variables = {k: v for k, v in os.environ.items() if k.startswith(_HANDED_ON)}
        try:
            self._ray.init(address=self._address, runtime_env={"env_vars": variables}, **common)
        except Exception as error:  # Ray raises several kinds, the bare one among them
            raise DGBenchError(
                f"No Ray at {self._address!r}: {_line(error)}. `ray status` shows whether the "
                "cluster is up; if it is, this machine may lack its token (RAY_AUTH_MODE=token)."
            ) from error
        cpus = self._ray.cluster_resources().get("CPU", 1)
        self.n_parallel = max(1, int(cpus // self._threads))

    def _start(self, common: Mapping[str, Any]) -> None:
        """Start a Ray here, trying again, since it allows itself only half a minute."""
        for attempt in range(1, _STARTS + 1):
            try:
                self._ray.init(
                    address="local",
                    num_cpus=self.n_parallel * self._threads,
                    include_dashboard=False,
                    object_store_memory=_STORE_BYTES,
                    **common,
                )
                return
            except Exception as error:  # Ray raises several kinds, the bare one among them
                self._ray.shutdown()
                if attempt == _STARTS:
                    raise DGBenchError(
                        f"Ray does not start here: {_line(error)}. Use --engine local."
                    ) from error

    def _gpus_a_run(self) -> float:
        """The share of a GPU that each run gets, which is 0 without GPUs."""
        n = self._ray.cluster_resources().get("GPU", 0)
        if self._accelerator in ("gpu", "cuda") and not n:
            raise UsageError("The Ray cluster has no GPU. Use --accelerator cpu.")
        if self._accelerator not in ("auto", "gpu", "cuda") or not n:
            return 0.0
        self.n_parallel = min(self.n_parallel, int(n * self._runs_per_gpu))
        return 1 / self._runs_per_gpu

    def _received(self, reference: Any, job: Job) -> Event:
        try:
            parcel: Parcel = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            text = str(error).strip().splitlines()[0].rstrip(".:")
            message = (
                f"Ray lost it {RETRIES + 1} times: {text}. Look at the nodes' memory, or give each "
                "run more with fewer runs at a time."
            )
            return Event(job, end=JobEnd("failed", message, 0.0))
        unpack(parcel.files, job.folder)
        return Event(job, end=parcel.end)


def work_away(job: Job, files: Mapping[str, bytes]) -> Parcel:
    """Work on one run in a process of Ray, in a folder of its own that is sent there and back."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="dgbench-") as scratch:
        folder = Path(scratch) / job.folder.relative_to(job.request.out)
        here = replace(job, folder=folder, request=replace(job.request, out=Path(scratch)))
        unpack(files, folder)
        status, message = "done", ""
        try:
            _bench().work(here)
        except Exception as error:  # a method may raise anything
            status, message = failure(error)
        return Parcel(JobEnd(status, message, time.perf_counter() - start), pack(folder))


@cache
def _bench() -> Workbench:
    """The workbench of this process, which Ray uses for one task after the other."""
    return Workbench()


def pack(folder: Path) -> dict[str, bytes]:
    """The contents of a run folder by path, without lease and half-written files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != LEASE and not path.name.endswith(DRAFT_SUFFIX)
    }


def unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a run folder so that a reader finds either no run or all of it at any moment."""
    if RECORD not in files:
        return
    with suppress(FileNotFoundError):
        (folder / RECORD).unlink()
    if folder.exists():
        shutil.rmtree(folder)
    for name in sorted(files, key=lambda name: name == RECORD):  # the record comes last
        write_whole(folder / name, files[name])


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300].rstrip(".")


def _check_reachable(address: str | None) -> None:
    """Refuse a HOST:PORT without an answer, which Ray would try to reach for many minutes."""
    host, colon, port = (address or "").rpartition(":")
    if not (colon and port.isdigit()) or "/" in host:
        return
    try:
        socket.create_connection((host, int(port)), timeout=_REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise DGBenchError(
            f"No Ray answers at {address!r}: {error}. `ray status` on its head node shows its "
            "address."
        ) from error


def _import_ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise DGBenchError(
            "--engine ray needs the package 'ray'. Install it with: pip install 'dgbench[ray]'"
        ) from error
    return ray
