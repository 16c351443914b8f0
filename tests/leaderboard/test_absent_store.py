"""Commands that look after a store never make one, and `submit` says where a bundle went."""

import pytest

from dgbench.cli.main import run as dgbench
from tests.dgbench.submission.making import good_bundle

IDENTIFIER = "a" * 32
COMMANDS = (
    ["leaderboard", "backup", "backup.zip"],
    ["leaderboard", "fsck"],
    ["leaderboard", "audit"],
    ["leaderboard", "export", "-o", "out"],
    ["leaderboard", "export", "--benchmark", "mnist-color"],
    ["leaderboard", "show", "mnist-color"],
    ["leaderboard", "withdraw", IDENTIFIER],
    ["leaderboard", "moderate", IDENTIFIER, "hide", "--reason", "Odd."],
    ["leaderboard", "token", "list"],
    ["leaderboard", "token", "revoke", "t1"],
    ["leaderboard", "key", "list"],
    ["leaderboard", "key", "distrust", "k1"],
    ["verify", IDENTIFIER],
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home of somebody who never submitted anything."""
    for name in ("DGBENCH_STORE", "DGBENCH_BLOBS", "DGBENCH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("place", [[], ["--db", "other"], ["--db", "board.sqlite"]], ids=str)
def test_commands_that_look_after_a_store_refuse_an_absent_one(home, capsys, command, place):
    assert dgbench([*command, *place]) == 1
    told = capsys.readouterr().err
    store = home / ({"other": "other/leaderboard.sqlite"}.get(place[1], place[1]) if place else "")
    assert f"There is no store at '{store}" in told
    assert "--db" in told
    assert "DGBENCH_STORE" in told
    # `verify` makes its key, which is no part of a store.
    assert [path for path in home.rglob("*") if "XDG_CONFIG_HOME" not in str(path)] == []


def test_a_file_without_tables_counts_as_absent(home, capsys):
    (home / "board.sqlite").touch()
    assert dgbench(["leaderboard", "backup", "b.zip", "--db", "board.sqlite"]) == 1
    assert "There is no store at" in capsys.readouterr().err
    assert not (home / "b.zip").exists()
    assert (home / "board.sqlite").stat().st_size == 0


def test_a_submission_says_to_which_store_it_went(home, capsys):
    (home / "mine.dgsub").write_bytes(good_bundle())
    assert dgbench(["submit", "mine.dgsub", "--db", "board.sqlite"]) == 0
    told = capsys.readouterr().out
    assert f"Submitted to the local leaderboard ({home / 'board.sqlite'})." in told
    assert dgbench(["leaderboard", "show", "mnist-color-5k", "--db", "board.sqlite"]) == 0
