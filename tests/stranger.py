"""An environment as a stranger has it: dgbench is installed, and packages can be added by pip.

It borrows the third-party packages of the environment that the tests run in, and takes nothing from
the network.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

NO_NETWORK = "--no-deps --no-build-isolation --disable-pip-version-check --quiet"
LONGEST_SECONDS = 900
"""Time limit of one block, so that a block that serves or waits does not hold up the tests."""


class Stranger:
    """A virtual environment and a folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.environment = folder / "venv"
        venv.create(self.environment, with_pip=False, symlinks=True)
        self.bin = self.environment / "bin"
        (packages,) = self.environment.glob("lib/python*/site-packages")
        borrowed = [path for path in sys.path if path and Path(path).is_dir()]
        (packages / "borrowed.pth").write_text("\n".join(borrowed), encoding="utf-8")
        python = self.bin / "python"
        self._program("dgbench", f'exec {python} -m dgbench "$@"')
        self._program("pytest", f'exec {python} -m pytest "$@"')
        pip = f"{sys.executable} -m pip --python {python}"
        self._program("pip", f'command=$1; shift\nexec {pip} "$command" {NO_NETWORK} "$@"')

    def _program(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(self, script: str) -> "subprocess.CompletedProcess[str]":
        """Run shell commands as the stranger would, up to the first that fails."""
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        environment |= {
            "PATH": f"{self.bin}{os.pathsep}{environment['PATH']}",
            "VIRTUAL_ENV": str(self.environment),
            "DGBENCH_STORE": str(self.home / "store"),
            "COLUMNS": "120",
        }
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.home,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=LONGEST_SECONDS,
        )
