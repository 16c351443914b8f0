"""The light rooms stay light: importing them brings in neither torch nor a change of state."""

import subprocess
import sys

import pytest

ROOMS = [
    "data_gen.build",
    "data_gen.verify",
    "data_gen.preview",
    "dgbench.benchmarks",
    "dgbench.cli.main",
    "dgbench.cli.runs",
    "dgbench.cli.sweep_tables",
    "dgbench.results.declaration",
    "dgbench.sweep.worker",
    "dgbench.lists.family",
    "dgbench.lists.suite",
    "dgbench.metrics.ranking",
    "dgbench.metrics.scores",
    "dgbench.references",
    "dgbench.registry",
    "dgbench.report.domains",
    "dgbench.results.folder",
    "dgbench.results.predictions",
    "dgbench.scaffold",
    "dgbench.submission.isolated.scorer",
    "dgbench.submission.pack.packing",
    "dgbench.submission.isolated.worker",
    "dgbench.selection.choice",
    "dgbench.standings.columns",
    "dgbench.standings.writers.terminal",
    "dgbench.verification.sandbox",
    "dgbench.verification.signatures",
    "leaderboard",
    "leaderboard.client.http_client",
    "leaderboard.api.routes",
    "leaderboard.server",
]
HEAVY_ROOMS = [
    "dgbench.api",
    "dgbench.checks",
    "dgbench.networks",
    "dgbench.training.runner",
    "dgbench.sweep.local",
]

IS_TORCH_THERE = "sys.exit(any(name.split('.')[0] == 'torch' for name in sys.modules))"


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_light_room_imports_no_torch(room):
    code = f"import sys, {room}; {IS_TORCH_THERE}"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_check_sees_torch_when_it_is_there():
    code = f"import sys; sys.modules['torch.nn'] = sys; {IS_TORCH_THERE}"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1


IMPORTS = [f"import {room}" for room in ("data_gen.build", "dgbench.cli.main", *HEAVY_ROOMS)]
CHANGES = ["torch.manual_seed(1)", "random.random()", "os.environ['X'] = '1'"]


@pytest.fixture(scope="module")
def unchanged():
    """By statement, whether it leaves environment and random state alone in a fresh process.

    Lightning and torch come first, so that the changes of their import do not count. They are
    imported once: each statement has a fork of the process.
    """
    code = (
        "import os, random, sys\n"
        "import numpy as np, torch, lightning.pytorch\n"
        "def state():\n"
        "    generators = random.getstate(), np.random.get_state()[1].tolist()\n"
        "    return dict(os.environ), generators, torch.get_rng_state().tolist()\n"
        "for statement in sys.argv[1:]:\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        before = state()\n"
        "        exec(statement)\n"
        "        os._exit(before != state())\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)\n"
    )
    statements = [*IMPORTS, *CHANGES]
    command = [sys.executable, "-c", code, *statements]
    codes = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return dict(zip(statements, [code == "0" for code in codes], strict=True))


@pytest.mark.parametrize("statement", IMPORTS)
def test_importing_changes_neither_environment_nor_random_state(unchanged, statement):
    assert unchanged[statement]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_check_sees_a_changed_environment_or_random_state(unchanged, statement):
    assert not unchanged[statement]


@pytest.mark.parametrize("arguments", [["--help"], ["benchmarks"], ["methods"]])
def test_listings_import_nothing_slow(arguments):
    """Not a time, which would depend on the machine: the slow imports themselves are absent."""
    code = (
        "import sys\nfrom dgbench.cli.main import run\n"
        f"code = run({arguments!r})\n"
        "slow = {'torch', 'pandas', 'pyarrow', 'datasets', 'PIL', 'pooch', 'scipy'}\n"
        "slow |= {'leaderboard.records', 'dgbench.results.record'}\n"
        "sys.exit(code or bool(slow & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0, done.stdout
