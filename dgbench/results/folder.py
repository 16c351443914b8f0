"""Run folders: where they are, and how they are written so that no reader meets half a file."""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from data_gen.foundation.documents import read_versioned
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import write_whole
from dgbench.results.lease import CLOCK_SECONDS, LEASE, creation_of, holder_of
from dgbench.results.record import UPGRADES, Configuration, RunRecord

RECORD = "run.json"
PREDICTIONS = "predictions.parquet"
LOG = "log.csv"
CHECKPOINT = Path("checkpoints", "last.ckpt")
_UNTESTED = "-development-only"
"""Ends the name of a configuration whose runs draw no test domain."""
_MOST_NAMED = 5


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
    """The run folders at or below a path, sorted. Links to folders are followed."""
    if (place / RECORD).is_file():
        yield place
        return
    runs, visited = [], set()
    for folder, below, files in os.walk(place, followlinks=True):
        real = os.path.realpath(folder)
        if real in visited:  # a link that leads back
            below.clear()
            continue
        visited.add(real)
        if RECORD in files:
            runs.append(Path(folder))
            below.clear()
    yield from sorted(runs)


def read_records(folders: Iterable[Path]) -> list[tuple[Path, RunRecord]]:
    """Read many records. Damaged ones are named on stderr and left out.

    Raises DGBenchError if there are damaged ones only.
    """
    records: list[tuple[Path, RunRecord]] = []
    damaged: list[DGBenchError] = []
    for folder in folders:
        try:
            records.append((folder, read_record(folder)))
        except DGBenchError as error:
            damaged.append(error)
    if damaged and not records:
        raise damaged[0]
    if damaged:
        names = " ".join(str(error) for error in damaged[:_MOST_NAMED])
        sys.stderr.write(f"Note: {len(damaged)} run(s) left out. {names}\n")
    return records


def is_at_work(record: RunRecord, folder: Path) -> bool:
    """Tell whether a process is still working on a run that says `running`.

    Its lease says so. A run without one comes from a process that has ended, or from an earlier
    version, whose processes can be looked up on this machine only.
    """
    import socket
    from datetime import datetime

    if record.status != "running":
        return False
    if (folder / LEASE).exists():
        return holder_of(folder) is not None
    if record.process.host != socket.gethostname():
        return False
    created = creation_of(record.process.pid)
    # A later process may have been given the number of one that died.
    begun = datetime.fromisoformat(record.process.started).timestamp()
    return created is not None and created <= begun + CLOCK_SECONDS
