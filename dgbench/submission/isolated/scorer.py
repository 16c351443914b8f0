"""Scoring where a hostile bundle can do no harm: in a process of its own, with limits.

A `Scorer` keeps one clean process that has everything imported. For each bundle that process forks
a child, which sets its limits, reads, scores, answers and ends; whatever a bundle does to it, the
next one meets a fresh copy.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from data_gen.foundation.errors import DGBenchError
from dgbench.submission.format.bundle import read_file
from dgbench.submission.format.members import MAX_BUNDLE_BYTES
from dgbench.submission.format.rejection import Code, RejectedError, Rejection, rejected
from dgbench.submission.isolated.framing import receive, send
from dgbench.submission.scoring.card import ScoreCard
from dgbench.submission.scoring.evidence import Evidence

_QUIET = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""One thread and no pools: a fork copies none of them, and memory is what is asked for."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one bundle may take."""

    memory_bytes: int = 192 * 2**20
    """Address space beyond what the clean process has."""
    cpu_seconds: int = 20
    wall_seconds: int = 30


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A bundle that was accepted."""

    card: ScoreCard
    evidence: Evidence
    manifest: bytes
    """Canonical JSON."""
    model_card: str


class Scorer:
    """Scores bundles one after the other; safe to share between threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def score(self, data: bytes) -> Scored:
        """The score card and evidence of a bundle; RejectedError where it is refused."""
        if len(data) > MAX_BUNDLE_BYTES:
            raise rejected(Code.BUNDLE_SIZE, f"The bundle has {len(data)} bytes.")
        with self._lock:
            head, body = self._ask(data)
        return _answer(head, body)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, data: bytes) -> tuple[dict[str, Any], bytes]:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise DGBenchError("The scoring process has no pipes.")
        try:
            send(process.stdin, asdict(self._limits), data)
            answer = receive(process.stdout)
        except OSError as error:
            self._stop()
            raise DGBenchError(f"The scoring process cannot be reached: {error}.") from error
        except BaseException:
            self._stop()
            raise
        if answer is None:
            self._stop()
            raise DGBenchError("The scoring process ended without an answer; try again.")
        return answer

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "dgbench.submission.isolated.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **_QUIET},
            )
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue
        process.kill()
        process.wait()


def score_in_child(source: Path | bytes, limits: Limits | None = None) -> Scored:
    """Score one bundle; a `Scorer` is faster for several."""
    data = source if isinstance(source, bytes) else read_file(source)
    with Scorer(limits) as scorer:
        return scorer.score(data)


def _answer(head: Mapping[str, Any], body: bytes) -> Scored:
    if "rejection" in head:
        raise RejectedError(Rejection.model_validate_json(json.dumps(head["rejection"])))
    if "error" in head:
        raise DGBenchError(str(head["error"]))
    card, manifest, model_card = (body[start:stop] for start, stop in head["parts"][:3])
    start, stop = head["parts"][3]
    return Scored(
        card=ScoreCard.model_validate_json(card),
        evidence=Evidence.from_bytes(body[start:stop]),
        manifest=manifest,
        model_card=model_card.decode(),
    )
