"""`log.csv`: the numbers that a training reports, and the seconds that it has taken."""

import csv
import time
from collections.abc import Mapping
from pathlib import Path

from data_gen.foundation.files import draft_of


class TrainingLog:
    """Rows of (step, seconds, name, value), so that terms may come and go during a training."""

    _HEAD = ("step", "seconds", "name", "value")

    def __init__(self, path: Path, *, from_step: int) -> None:
        """Keep the rows up to `from_step`, since all later ones will be written again."""
        kept = []
        if path.is_file() and from_step:
            with path.open(newline="", encoding="utf-8") as stream:
                rows = [row for row in csv.reader(stream) if len(row) == len(self._HEAD)]
            kept = [row for row in rows[1:] if row[0].isdigit() and int(row[0]) <= from_step]
        with (
            draft_of(path, is_durable=False) as draft,
            draft.open("w", newline="", encoding="utf-8") as stream,
        ):
            csv.writer(stream).writerows([self._HEAD, *kept])
        self._seconds_before = float(kept[-1][1]) if kept else 0.0
        self._start = time.perf_counter()
        self._stream = path.open("a", newline="", encoding="utf-8")

    @property
    def seconds(self) -> float:
        """Seconds of training so far, over all sessions of the run."""
        return self._seconds_before + time.perf_counter() - self._start

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Append one row for each value, in a single write."""
        seconds = f"{self.seconds:.3f}"
        lines = "".join(
            f"{step},{seconds},{name},{value:.6g}\r\n" for name, value in values.items()
        )
        self._stream.write(lines)
        self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def log_seconds(path: Path) -> float:
    """Seconds of training that a log records, over all sessions of the run."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    return float(rows[-1][1]) if len(rows) > 1 else 0.0
