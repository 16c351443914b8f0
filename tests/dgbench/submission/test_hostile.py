"""Hostile bundles cost the reader next to nothing, and never more than one process."""

import os
import sys

import pytest

from tests.dgbench.submission.hostile import HOSTILE

MEGABYTE = 2**20
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
of_linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")


def _cost_of_reading(data):
    """Code, seconds of processor time and peak bytes of a process that reads a bundle."""
    import pyarrow.parquet  # noqa: F401 (loaded here, as it is in the worker)

    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.format.rejection import RejectedError
    from dgbench.submission.isolated.limits import apply_limits
    from dgbench.submission.isolated.scorer import Limits

    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = "accepted"
        try:
            apply_limits(vars(Limits()))
            read_bundle(data)
        except RejectedError as error:
            code = error.rejection.code.value
        except BaseException as error:
            code = repr(error)
        os.write(writing, code.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        code = stream.read().decode()
    _, _, used = os.wait4(child, 0)
    return code, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


@needs_fork
@of_linux
@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_bundle_is_refused_in_a_second_and_300_megabytes(name, tmp_path):
    """In a fresh process, since the memory of the test itself would count too."""
    import subprocess

    code, make = HOSTILE[name]
    path = tmp_path / "hostile.dgsub"
    path.write_bytes(make())
    program = (
        "import sys, pathlib\n"
        "from dgbench.submission.isolated import worker\n"
        "from tests.dgbench.submission.test_hostile import _cost_of_reading\n"
        "data = pathlib.Path(sys.argv[1]).read_bytes()\n"
        "print(*_cost_of_reading(data))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True
    )
    refusal, seconds, peak = done.stdout.split()
    assert refusal == code
    assert float(seconds) < 1
    assert int(peak) < 300 * MEGABYTE


@of_linux
def test_the_scorer_goes_on_after_a_hostile_bundle(data):
    from dgbench.submission.format.rejection import RejectedError
    from dgbench.submission.isolated.scorer import Scorer

    with Scorer() as scorer:
        for name in ("deep JSON", "bomb that lies"):
            code, make = HOSTILE[name]
            with pytest.raises(RejectedError, match=code):
                scorer.score(make())
            assert scorer.score(data).card.benchmark == "mnist-color-5k@1"


@of_linux
def test_a_bundle_that_takes_too_long_or_too_much_memory_is_stopped(data):
    from dgbench.submission.format.rejection import RejectedError
    from dgbench.submission.isolated.scorer import Limits, score_in_child

    with pytest.raises(RejectedError, match="E_TIME"):
        score_in_child(data, Limits(wall_seconds=0))
    with pytest.raises(RejectedError, match=r"E_MEMORY|E_CRASH"):
        score_in_child(data, Limits(memory_bytes=0))


@of_linux
def test_a_scorer_whose_process_was_killed_starts_another(data):
    from dgbench.submission.isolated.scorer import Scorer

    with Scorer() as scorer:
        first = scorer.score(data).card
        scorer._process.kill()
        scorer._process.wait()
        assert scorer.score(data).card == first
