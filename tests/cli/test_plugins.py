"""Commands that other packages add: listed, used, and named when they cannot be used."""

import os
import subprocess
import sys

import pytest

STRANGER = """
import typer

app = typer.Typer(help="Count things.", no_args_is_help=True)

@app.command("up")
def up(to: int = 2) -> None:
    '''Count up.'''
    typer.echo(" ".join(map(str, range(to))))

@app.command("down")
def down() -> None:
    '''Count down.'''

def greet(name: str) -> None:
    '''Greet somebody.'''
    typer.echo(f"Hello {name}.")

number = 3
"""
POINTS = """[dgbench.commands]
count = stranger:app
greet = stranger:greet
train = stranger:greet
broken = stranger_with_a_fault:app
lacking = lacking_an_extra:app [tea]
number = stranger:number
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = tmp_path_factory.mktemp("site")
    (site / "stranger.py").write_text(STRANGER)
    (site / "stranger_with_a_fault.py").write_text("raise RuntimeError('no luck')")
    (site / "lacking_an_extra.py").write_text("import a_package_that_nobody_has")
    about = site / "stranger-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1\n")
    (about / "entry_points.txt").write_text(POINTS)
    return site


def dgbench(site, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(site), "NO_COLOR": "1", "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-m", "dgbench", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_commands_of_other_packages_and_their_faults(site):
    shown = dgbench(site, "--help")
    assert shown.returncode == 0
    for text in ("Count things.", "Greet somebody.", "Cannot be used: RuntimeError: no luck."):
        assert text in shown.stdout


def test_commands_of_other_packages_work(site):
    assert dgbench(site, "count", "up", "--to", "3").stdout == "0 1 2\n"
    assert dgbench(site, "greet", "Ada").stdout == "Hello Ada.\n"
    assert dgbench(site, "greet").returncode == 2


def test_the_commands_of_dgbench_take_precedence(site):
    assert "Train a method" in dgbench(site, "train", "--help").stdout


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "broken",
            "stranger adds the command 'broken' as 'stranger_with_a_fault:app', but it "
            "cannot be used: RuntimeError: no luck.",
        ),
        ("lacking", "Install it with: pip install 'stranger[tea]'"),
        ("number", "it is neither a function nor a Typer."),
    ],
)
def test_a_broken_command_is_named_and_stops_no_other(site, name, told):
    done = dgbench(site, name, "with", "--options")
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert dgbench(site, "benchmarks").returncode == 0
