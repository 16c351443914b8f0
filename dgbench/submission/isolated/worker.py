"""The clean process behind a `Scorer`.

It runs as `python -m dgbench.submission.isolated.worker`, reads bundles from its standard input and
answers on its standard output.
"""

import gc
import io
import os
import select
import signal
import sys
import time
from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import Any

import pyarrow.parquet  # noqa: F401 (imported once here, and not again for each bundle)

from data_gen.foundation.errors import DGBenchError
from dgbench.submission.answer_key.answers import answers_of
from dgbench.submission.format.bundle import read_bundle
from dgbench.submission.format.rejection import Code, RejectedError, rejected
from dgbench.submission.isolated.framing import receive, send
from dgbench.submission.isolated.limits import apply_limits
from dgbench.submission.scoring.evidence import evidence_of
from dgbench.submission.scoring.score import score

_READ_BYTES = 1 << 16


def main() -> None:
    """Answer messages until the standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    gc.freeze()
    while (message := receive(sys.stdin.buffer)) is not None:
        limits, data = message
        frame, benchmark = _answer_in_fork(data, limits)
        sys.stdout.buffer.write(frame)
        sys.stdout.buffer.flush()
        del message, data, frame
        if benchmark:
            answers_of(benchmark)  # cached here, so that every later child starts with it


def _answer_in_fork(data: bytes, limits: Mapping[str, int]) -> tuple[bytes, str]:
    """Score one bundle in a child, and return the answer as a message with the benchmark's name."""
    if not hasattr(os, "fork"):
        return _framed(*_answer(data))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run_child(data, limits, writing)
    os.close(writing)
    try:
        output, is_late = _drain(reading, time.monotonic() + limits["wall_seconds"])
    finally:
        os.close(reading)
        if not _has_ended(child):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    message = receive(io.BytesIO(output))
    if message is not None and not is_late:
        return _framed(*message)
    status = _statuses.pop(child, 0)
    return _framed(*_refusal(_reason(is_late, status)))


_statuses: dict[int, int] = {}


def _run_child(data: bytes, limits: Mapping[str, int], writing: int) -> None:
    """Score, answer and end at once, without the cleanup that the parent does at its own end."""
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1):
            os.dup2(null, standard)
        apply_limits(limits)
        head, body = _answer(data)
        with os.fdopen(writing, "wb") as stream:
            send(stream, head, body)
        os._exit(0)
    except BaseException:
        os._exit(1)


def _answer(data: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        bundle = read_bundle(data)
        card = score(bundle)
        parts = [
            card.canonical,
            bundle.manifest.canonical,
            bundle.model_card.encode(),
            evidence_of(bundle).to_bytes(),
        ]
    except RejectedError as error:
        return {"rejection": error.rejection.model_dump(mode="json")}, b""
    except MemoryError:
        return _refusal(rejected(Code.MEMORY, "The bundle needs too much memory."))
    except DGBenchError as error:
        return {"error": str(error)}, b""
    ends = list(accumulate(map(len, parts), initial=0))
    return {"parts": list(pairwise(ends)), "benchmark": card.benchmark}, b"".join(parts)


def _refusal(error: RejectedError) -> tuple[dict[str, Any], bytes]:
    return {"rejection": error.rejection.model_dump(mode="json")}, b""


def _framed(head: Mapping[str, Any], body: bytes) -> tuple[bytes, str]:
    stream = io.BytesIO()
    send(stream, head, body)
    return stream.getvalue(), str(head.get("benchmark", ""))


def _drain(reading: int, deadline: float) -> tuple[bytes, bool]:
    """Read the child's output until it ends or the deadline passes.

    The second value says whether the deadline passed.
    """
    output = bytearray()
    while (seconds_left := deadline - time.monotonic()) > 0:
        if select.select([reading], [], [], seconds_left)[0]:
            chunk = os.read(reading, _READ_BYTES)
            if not chunk:
                return bytes(output), False
            output += chunk
    return bytes(output), True


def _has_ended(child: int) -> bool:
    """Whether a child ends within a tenth of a second of closing its pipe."""
    for _ in range(100):
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            _statuses[child] = status
            return True
        time.sleep(0.001)
    return False


def _reason(is_late: bool, status: int) -> RejectedError:
    if is_late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        return rejected(Code.TIME, "Scoring the bundle took too long and was stopped.")
    return rejected(Code.CRASH, "The process that scored the bundle crashed.")


if __name__ == "__main__":
    main()
