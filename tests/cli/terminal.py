"""The command line as a user has it: a process, and what it prints."""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "DGBENCH_DATA"} | {"COLUMNS": "100"}
READ_AT_THE_START = {"PYTHONPATH", "TMPDIR"}
"""Variables that a running interpreter does not heed any more."""


def dgbench(*arguments, folder, **more):
    """Run a command in a process of its own, forked from one that has imported torch."""
    if READ_AT_THE_START & set(more):
        return dgbench_from_scratch(*arguments, folder=folder, **more)
    command = [str(argument) for argument in arguments]
    with tempfile.TemporaryDirectory() as place:
        output, errors = Path(place, "output"), Path(place, "errors")
        output.touch()
        errors.touch()
        request = {
            "arguments": command,
            "folder": str(folder),
            "environment": {**ENVIRONMENT, **more},
            "output": str(output),
            "errors": str(errors),
        }
        nursery = _nursery()
        nursery.stdin.write(json.dumps(request) + "\n")
        nursery.stdin.flush()
        code = int(nursery.stdout.readline())
        return subprocess.CompletedProcess(command, code, output.read_text(), errors.read_text())


def dgbench_from_scratch(*arguments, folder, **more):
    """Run a command in an interpreter that is started for it."""
    return subprocess.run(
        [sys.executable, "-m", "dgbench", *map(str, arguments)],
        cwd=folder,
        env={**ENVIRONMENT, **more},
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def _nursery():
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.nursery"],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_end, process)
    return process


def _end(process):
    process.stdin.close()
    process.stdout.close()
    process.wait()


def assert_refused(done, code, message):
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
