"""The files under `deploy/` name existing files and start the server with existing options."""

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"


def options_of_serve():
    done = subprocess.run(
        [sys.executable, "-m", "dgbench", "leaderboard", "serve", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "200", "NO_COLOR": "1"},
    )
    return set(re.findall(r"--[a-z-]+", done.stdout))


def started_by_unit():
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read_string((DEPLOY / "dgbench-leaderboard.service").read_text())
    return unit["Service"]["ExecStart"].replace("\\\n", " ")


def started_by_container():
    text = (DEPLOY / "Containerfile").read_text()
    return " ".join(re.findall(r'"([^"]*)"', text.partition("ENTRYPOINT [")[2]))


@pytest.mark.parametrize("started", [started_by_unit, started_by_container])
def test_the_server_is_started_with_existing_options(started):
    words = shlex.split(started().replace("\\", " "))
    index = next(n for n, word in enumerate(words) if word.endswith("dgbench"))
    assert words[index + 1 : index + 3] == ["leaderboard", "serve"]
    given = {word for word in words if word.startswith("--")}
    assert given
    assert given <= options_of_serve()


def test_the_nightly_backup_is_an_existing_command():
    unit = (DEPLOY / "dgbench-backup.service").read_text()
    assert "bin/dgbench leaderboard backup" in unit.replace("\\\n    ", "")
    done = subprocess.run(
        [sys.executable, "-m", "dgbench", "leaderboard", "backup", "--help"], check=False
    )
    assert done.returncode == 0
    assert "User=dgbench" in unit
    assert "EnvironmentFile=/etc/dgbench/leaderboard.env" in unit
    assert "OnCalendar=" in (DEPLOY / "dgbench-backup.timer").read_text()


def test_the_image_copies_every_source_of_the_package():
    text = (DEPLOY / "Containerfile").read_text()
    copied = re.findall(r"^COPY (.*) \S+$", text, flags=re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    project = (ROOT / "pyproject.toml").read_text()
    packages = re.search(r"packages = \[(.*?)\]", project.partition("targets.wheel]")[2])
    assert set(re.findall(r'"(\w+)"', packages[1])) <= sources
    assert {"pyproject.toml", "README.md", "LICENSE"} <= sources
    assert all((ROOT / source).exists() for source in sources)


def test_the_proxy_has_the_size_limit_of_the_server():
    from leaderboard.server import MAX_BODY_BYTES

    text = (DEPLOY / "nginx.conf").read_text()
    limit = int(re.search(r"client_max_body_size (\d+)m;", text)[1]) * 2**20
    assert limit == MAX_BODY_BYTES
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
