"""The command line as a user has it: a process, and what it prints."""

import os
import subprocess
import sys

ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "DGBENCH_DATA"} | {"COLUMNS": "100"}


def dgbench(*arguments, folder, **more):
    return subprocess.run(
        [sys.executable, "-m", "dgbench", *map(str, arguments)],
        cwd=folder,
        env={**ENVIRONMENT, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def assert_refused(done, code, message):
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
