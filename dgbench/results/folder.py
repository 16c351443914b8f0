"""Run folders: where they are, and how they are written so that no reader meets half a file."""

import re
from collections.abc import Iterator
from pathlib import Path

from data_gen.foundation.documents import read_versioned
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import write_whole
from dgbench.results.lease import LEASE, holder_of
from dgbench.results.record import UPGRADES, Configuration, RunRecord

RECORD = "run.json"
PREDICTIONS = "predictions.parquet"
LOG = "log.csv"
CHECKPOINT = Path("checkpoints", "last.ckpt")
_UNTESTED = "-development-only"
"""Ends the name of a configuration whose runs draw no test domain."""
_CLOCK_SECONDS = 2.0
"""By how much a record's time, in whole seconds, may be off."""


def run_folder(out: Path, configuration: Configuration, seed: int) -> Path:
    """OUT/<benchmark>/<method>/<config digest>/seed-<n>, where runs without a test say so."""
    method = re.sub(r"[^A-Za-z0-9._-]", "-", configuration.method.name)
    digest = configuration.digest[:12] + (_UNTESTED if configuration.development_only else "")
    return out / configuration.benchmark / method / digest / f"seed-{seed}"


def out_folder(folder: Path) -> Path:
    """The folder OUT of a run folder, as `run_folder` lays it out."""
    benchmark = folder.parent.parent.parent
    return benchmark.parent


def write_record(folder: Path, record: RunRecord) -> None:
    """Write `run.json`."""
    write_whole(folder / RECORD, (record.model_dump_json(indent=1) + "\n").encode())


def read_record(folder: Path) -> RunRecord:
    """Read the record of a run folder. A missing or damaged one raises DGBenchError."""
    path = folder / RECORD
    try:
        return read_versioned(
            RunRecord, text=path.read_bytes(), name=repr(str(path)), upgrades=UPGRADES
        )
    except FileNotFoundError as error:
        raise DGBenchError(
            f"{str(folder)!r} has no {RECORD}, so it is not a run folder."
        ) from error
    except (OSError, ValueError) as error:
        raise DGBenchError(f"{str(path)!r} is damaged: {error}.") from error


def find_runs(place: Path) -> Iterator[Path]:
    """The run folders at or below a path, sorted."""
    if (place / RECORD).is_file():
        yield place
        return
    yield from sorted(path.parent for path in place.rglob(RECORD))


def is_at_work(record: RunRecord, folder: Path) -> bool:
    """Tell whether a process is still working on a run that says `running`.

    Its lease says so. A run without one comes from a process that has ended, or from an earlier
    version, whose processes can be looked up on this machine only.
    """
    import socket
    from datetime import datetime

    import psutil

    if record.status != "running":
        return False
    if (folder / LEASE).exists():
        return holder_of(folder) is not None
    if record.process.host != socket.gethostname():
        return False
    try:
        process = psutil.Process(record.process.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        # A later process may have been given the number of one that died.
        begun = datetime.fromisoformat(record.process.started).timestamp()
        return process.create_time() <= begun + _CLOCK_SECONDS
    except psutil.NoSuchProcess:
        return False
