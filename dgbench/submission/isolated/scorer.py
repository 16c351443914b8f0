"""Scores bundles in a separate process with limits, where a hostile bundle can do no harm.

A `Scorer` keeps one clean process that has everything imported. For each bundle that process forks
a child, which sets its limits, reads, scores, answers and ends. Whatever a bundle does to its
child, the next bundle gets a fresh one.
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
from dgbench.submission.format.manifest import Manifest
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
"""Variables for one thread and no memory pools: a fork copies no threads, and pools hide memory."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The resources that scoring one bundle may use."""

    memory_bytes: int = 192 * 2**20
    """Address space in bytes, beyond that of the clean process."""
    cpu_seconds: int = 20
    wall_seconds: int = 30


@dataclass(frozen=True, kw_only=True)
class Scored:
    """The scores of an accepted bundle, with its texts."""

    card: ScoreCard
    evidence: Evidence
    manifest: Manifest
    model_card: str


class Scorer:
    """A scorer of bundles, one after the other. Threads may share it."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def score(self, data: bytes) -> Scored:
        """Score a bundle.

        Raises RejectedError if the bundle is refused, and DGBenchError if scoring fails.
        """
        if len(data) > MAX_BUNDLE_BYTES:
            raise rejected(Code.BUNDLE_SIZE, f"The bundle has {len(data)} bytes.")
        with self._lock:
            head, body = self._ask(data)
        return _answer(head, body)

    def close(self) -> None:
        """End the scoring process."""
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
            raise DGBenchError("The scoring process ended without an answer. Try again.")
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
    """Score one bundle, in a process that ends with it.

    For several bundles a `Scorer` is faster.
    """
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
        manifest=Manifest.model_validate_json(manifest),
        model_card=model_card.decode(),
    )
