"""Code that reads a stranger's bundle cannot execute it, and pages cannot inject it."""

import subprocess
import sys
from pathlib import Path

import pytest

import dgbench.submission
import leaderboard
from tests.architecture.execution import MODULES, WAYS_OUT, problems

ROOT = Path(leaderboard.__file__).parents[1]
READING = sorted(Path(dgbench.submission.__file__).parent.rglob("*.py"))
SERVING = sorted((ROOT / "leaderboard").rglob("*.py"))
ALLOWED = {
    # The versions of installed packages.
    "dgbench/submission/pack/conformance.py": {"importlib"},
    # Modules that the code itself names.
    "leaderboard/server.py": {"import_module"},
    # A method's file that its author names, for training; no bundle and no request does.
    "dgbench/registry.py": {"exec_module"},
    # From a process to the workers that it started itself.
    "data_gen/workers.py": {"pickle"},
    # Specs of installed packages, by a loader that makes nothing but plain values.
    "data_gen/foundation/yaml_text.py": {"yaml"},
}
"""What a file may do all the same."""
REACHED = """
import sys
import dgbench.submission.isolated.scorer, dgbench.submission.isolated.worker
import leaderboard.api.routes
import leaderboard.intake.receive, leaderboard.service, leaderboard.moderation.verifications
for name, module in sorted(sys.modules.items()):
    if name.split(".")[0] in {"data_gen", "dgbench", "leaderboard"} and module.__file__:
        print(module.__file__)
"""


def words_in(path, modules):
    """Find the forbidden words in one of our files."""
    name = path.resolve().relative_to(ROOT.resolve()).as_posix()
    return set(problems(path.read_text(encoding="utf-8"), modules=modules)) - ALLOWED.get(
        name, set()
    )


@pytest.mark.parametrize("path", READING, ids=lambda path: path.name)
def test_no_module_executes_or_unpickles_its_input(path):
    assert not words_in(path, MODULES | WAYS_OUT)


def test_no_module_of_the_leaderboard_executes_or_injects_stored_text():
    assert len(SERVING) > 50
    assert {str(path): wrong for path in SERVING if (wrong := words_in(path, MODULES))} == {}


def test_no_module_behind_receiving_a_bundle_executes_or_injects_anything():
    """Covers every room. Modules that a function imports later are in the rooms checked above."""
    done = subprocess.run(
        [sys.executable, "-c", REACHED], check=True, capture_output=True, text=True
    )
    reached = [Path(line) for line in done.stdout.splitlines()]
    assert {"workers.py", "archive.py", "writes.py"} <= {path.name for path in reached}
    assert {str(path): wrong for path in reached if (wrong := words_in(path, MODULES))} == {}


def test_every_allowed_word_is_needed():
    for name, words in ALLOWED.items():
        assert words & set(problems((ROOT / name).read_text(), modules=MODULES | WAYS_OUT)), name


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("import pickle", "pickle"),
        ("import marshal as m", "marshal"),
        ("from shelve import open", "shelve"),
        ("from torch import load", "torch"),
        ("import yaml", "yaml"),
        ("from urllib import request", "urllib.request"),
        ("import urllib.request", "urllib.request"),
        ("eval(text)", "eval"),
        ("exec(text)", "exec"),
        ("import_module(name)", "import_module"),
        ("importlib.import_module(name)", "import_module"),
        ("archive.extractall()", "extractall"),
        ("pd.read_pickle(path)", "read_pickle"),
        ("np.load(f, allow_pickle=True)", "allow_pickle"),
        ("np.load(f, allow_pickle=flag)", "allow_pickle"),
        ("subprocess.run(x, shell=True)", "shell"),
        ("st.markdown(x, unsafe_allow_html=True)", "unsafe_allow_html"),
        ("st.html(x)", "st.html"),
        ("st.components.v1.html(x)", "st.components"),
        ("session.execute(text(f'DELETE FROM x WHERE id = {one}'))", "SQL"),
        ("text('SELECT * FROM x WHERE id = ' + one)", "SQL"),
        ("text('a = %s' % one)", "SQL"),
        ("text('a = {}'.format(one))", "SQL"),
        ("cursor.execute(f'x {one}')", "SQL"),
        ("query = 'SELECT * FROM x ORDER BY ' + column", "SQL"),
        ("query = f'SELECT * FROM {table}'\nsession.execute(text(query))", "SQL"),
        ("connection.exec_driver_sql('PRAGMA x = ' + value)", "SQL"),
    ],
)
def test_the_check_sees_dangerous_code(source, word):
    assert word in set(problems(source, modules=MODULES | WAYS_OUT))


@pytest.mark.parametrize(
    "source",
    [
        "np.load(f, allow_pickle=False)",
        "session.execute(select(Row).where(Row.id == one))",
        "text('SELECT 1')",
        "cursor.execute(f'PRAGMA busy_timeout = {_LIMIT}')",
        "message = f'Delete {name} or create another.'",
        "re.compile(pattern)",
    ],
)
def test_the_check_lets_safe_code_through(source):
    assert not list(problems(source, modules=MODULES | WAYS_OUT))
