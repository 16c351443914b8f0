"""Commands and options that messages, docstrings and docs quote exist on the real command line."""

import re
from pathlib import Path

import pytest

import dgbench
from tests.architecture.quotes import (
    command_problems,
    options_of,
    page_problems,
    strings,
    text_problems,
)

ROOT = Path(dgbench.__file__).parents[1]
FILES = sorted(
    path for room in ("data_gen", "dgbench", "leaderboard", "baselines")
    for path in (ROOT / room).rglob("*.py")
)  # fmt: skip
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
    *sorted((ROOT / "dgbench" / "scaffold").glob("*.template")),
]
RUNS = ("train", "sweep", "evaluate", "ceilings")
BUNDLES = ("train", "sweep", "bundle", "validate", "submit")
SERVER = ("leaderboard", "submit", "verify")
COMMANDS = {
    "data_gen/": ("generate", "preview", "verify-data"),
    "dgbench/report/": ("report",),
    "dgbench/results/declaration.py": ("sweep",),
    "dgbench/submission/": BUNDLES,
    "dgbench/sweep/": ("sweep",),
    "dgbench/training/": RUNS,
    "dgbench/verification/retrain.py": ("train", "verify"),
    "dgbench/verification/": ("verify",),
    "leaderboard/web/printed.py": ("train", *SERVER),
    "leaderboard/": SERVER,
    "docs/host-a-leaderboard.md": ("leaderboard serve",),
    "docs/leaderboard.md": (*SERVER, "bundle"),
    "docs/reports.md": ("report",),
    "docs/submissions.md": BUNDLES,
    "docs/sweeps.md": ("sweep",),
    "docs/training.md": RUNS,
    "docs/verification.md": ("verify",),
}
"""Commands whose options a file or folder names without the command. Others mean any command."""
OTHERS = {
    "baselines/results/remake.py": None,  # its own
    "dgbench/doctor.py": {"--query-gpu", "--format"},  # nvidia-smi
    "dgbench/verification/isolation.py": None,  # bwrap and unshare
    "docs/host-a-leaderboard.md": {"--single-transaction"},  # pg_dump
}
"""Options of other programs. None leaves all options of a file unchecked."""


def commands_of(name):
    return next((commands for start, commands in COMMANDS.items() if name.startswith(start)), ("",))


def is_ours(problem, name):
    others = OTHERS.get(name, set())
    option = re.search(r": (--[a-z-]+) is not an option", problem)
    return others is not None and not (option and option[1] in others)


def problems_of(path):
    name = path.relative_to(ROOT).as_posix()
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        problems = list(page_problems(text, commands_of(name)))
    else:
        problems = [p for string in strings(text) for p in text_problems(string, commands_of(name))]
    return [f"{name}: {problem}" for problem in problems if is_ours(problem, name)]


def test_commands_quoted_in_the_code_exist():
    assert len(FILES) > 300
    assert [problem for path in FILES for problem in problems_of(path)] == []


def test_commands_quoted_in_the_docs_exist():
    assert len(PAGES) > 20
    assert [problem for path in PAGES for problem in problems_of(path)] == []


def test_commands_that_a_deployment_runs_exist():
    """The service and the container call the command line word by word."""
    unit = (ROOT / "deploy" / "dgbench-leaderboard.service").read_text(encoding="utf-8")
    container = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    (run,) = re.findall(r"^ExecStart=\S*/(dgbench (?:\\\n|.)*)", unit, re.MULTILINE)
    (entry,) = re.findall(r"^ENTRYPOINT \[(.*)\]", container, re.MULTILINE)
    assert list(command_problems(run)) == []
    assert list(command_problems(entry.replace(",", "").replace('"', ""))) == []


@pytest.mark.parametrize(
    ("text", "commands", "problem"),
    [
        ("Train without --seed.", BUNDLES, "--seed is not an option of train"),
        ("Run `dgbench frobnicate`.", (), "no command 'frobnicate'"),
        ("Run `dgbench train erm VALUE --seed 3`.", (), "No such option: --seed"),
        ("See `dgbench leaderboard key rust`.", (), "no command 'rust'"),
        ("See `dgbench leaderboard serve|import|explode`.", (), "no command 'explode'"),
        ("Run `dgbench doctor NOW`.", (), "'NOW' is too much"),
        ("[cyan]dgbench methods tell NAME[/] tells more", (), "no command 'tell'"),
        ("run: dgbench leaderboard key trust K --nom N", (), "--nom is not an option"),
        ("Add --engin ray.", ("",), "--engin is not an option of dgbench"),
    ],
)
def test_the_check_sees_an_unknown_command_or_option(text, commands, problem):
    assert any(problem in seen for seen in text_problems(text, commands))


@pytest.mark.parametrize(
    "page",
    [
        "Use `--seed 3`.",
        "| `E_X` | Train without --seed. |",
        "```bash\ndgbench train \\\n --ot x\n```",
    ],
)
def test_the_check_sees_an_unknown_command_on_a_page(page):
    assert list(page_problems(page, ("train",)))


@pytest.mark.parametrize(
    "text",
    [
        "Add --force, or `dgbench train METHOD NAME --set K=V ... --resume`.",
        "`dgbench leaderboard serve|audit|show [--db URL]`",
        "`dgbench benchmarks --suite core --json`",
        "`dgbench --debug` shows it; install it with: pip install --editable VALUE",
        "What dgbench gives; `dgbench VALUE` and dgbench trains well.",
    ],
)
def test_the_check_lets_existing_commands_through(text):
    assert list(text_problems(text, ("train",))) == []


def test_options_of_a_group_are_those_of_its_commands():
    assert {"--db", "--reason", "--help"} <= options_of("leaderboard")
    assert "--reason" not in options_of("leaderboard serve")
