"""Write requirements-dev.lock: the newest version of everything that `.[dev]` installs, for today.

.venv/bin/python .ci/lock.py

The Makefile installs with these versions as constraints, so that development and the gate use the
same ones until somebody runs this again. Users are not bound to them. pip alone makes the file.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements-dev.lock"
HEAD = """\
# For development and the gate only: the Makefile installs with these versions as constraints.
# Made by: .venv/bin/python .ci/lock.py
# torch and what it brings along are left out: which build fits depends on the machine.
"""
BY_MACHINE = ("torch", "torchvision", "triton", "nvidia-", "cuda-")
"""Packages, or beginnings of names, whose build depends on the machine."""


def main() -> None:
    """Resolve the requirements and write the file."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["--quiet", "--dry-run", "--ignore-installed", "--report", str(report)]
        command = [sys.executable, "-m", "pip", "install", *options, f"{ROOT}[dev]"]
        subprocess.run(command, check=True)  # noqa: S603  (the project's own requirements)
        resolved = json.loads(report.read_text(encoding="utf-8"))["install"]
    LOCK.write_text(HEAD + "".join(f"{line}\n" for line in pins(resolved)), encoding="utf-8")


def pins(resolved: list[dict[str, Any]]) -> list[str]:
    """List name and version of each package, sorted, without what depends on the machine."""
    versions = {
        package["metadata"]["name"].lower().replace("_", "-"): package["metadata"]["version"]
        for package in resolved
    }
    return [
        f"{name}=={version.partition('+')[0]}"
        for name, version in sorted(versions.items())
        if name != "dgbench" and not is_by_machine(name)
    ]


def is_by_machine(name: str) -> bool:
    """Tell whether the build of a package depends on the machine."""
    return any(
        name == package or (package.endswith("-") and name.startswith(package))
        for package in BY_MACHINE
    )


if __name__ == "__main__":
    main()
