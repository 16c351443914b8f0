"""A misspelt field of a request is an error of the type checker, also where commands make it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dgbench

ROOT = Path(dgbench.__file__).parents[1]
MISSPELT = [
    ("dgbench/cli/runs.py", "batch_size=batch_size,", "batchsize=batch_size,", "batchsize"),
    ("dgbench/cli/quickstart.py", "Plan(request)", "Plan(request).request.metod", "metod"),
    ("dgbench/cli/sweeps.py", "out=out,", "output=out,", "output"),
    ("leaderboard/cli/verify.py", "n_runs=runs,", "number=runs,", "number"),
]
"""A file, a text in it, the same text with a slip, and the word that mypy names."""


@pytest.mark.slow
def test_mypy_names_every_misspelt_field(tmp_path):
    """All in one pass, over a copy of the sources.

    With the cache that `make lint` leaves, mypy checks the misspelt files only.
    """
    for room in ("data_gen", "dgbench", "baselines", "leaderboard"):
        left_out = shutil.ignore_patterns("results") if room == "baselines" else None
        shutil.copytree(ROOT / room, tmp_path / room, ignore=left_out)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", tmp_path / ".mypy_cache")
    for name, right, wrong, _ in MISSPELT:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert right in text, f"{name} no longer says {right!r}"
        (tmp_path / name).write_text(text.replace(right, wrong), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    for name, _, _, word in MISSPELT:
        lines = [line for line in done.stdout.splitlines() if line.startswith(name)]
        assert any(f'"{word}"' in line for line in lines), done.stdout
