"""The operator's commands, from a real bundle of real runs to the export and back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RESULTS = Path(__file__).parents[2] / "baselines" / "results" / "reference" / "mnist-color@1"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with bundles of three methods' stored runs."""
    from dgbench.submission.pack.packing import pack

    folder = tmp_path_factory.mktemp("commands")
    for method in ("erm", "prcl", "majority-class"):
        pack([RESULTS / method], folder / "bundles" / f"{method}.dgsub")
    return folder


def dgbench(place, *arguments, db="store"):
    environment = {
        **os.environ,
        "NO_COLOR": "1",
        "COLUMNS": "160",
        "DGBENCH_STORE": str(place / db),
    }
    return subprocess.run(
        [sys.executable, "-m", "dgbench", *arguments],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def of_leaderboard(place, *arguments, **settings):
    done = dgbench(place, "leaderboard", *arguments, **settings)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.slow
def test_an_operator_goes_from_bundles_to_a_backup_and_back(place):
    told = of_leaderboard(place, "import", "bundles")
    assert told.count("is received.") == 3
    assert of_leaderboard(place, "import", "bundles").count("were here already") == 3
    shown = json.loads(of_leaderboard(place, "show", "mnist-color", "--json"))
    assert [row["method"] for row in shown] == ["prcl", "erm", "majority-class"]
    assert [row["rank"] for row in shown] == [1, 2, None]
    assert "prcl" in of_leaderboard(place, "show", "mnist-color")
    assert "3 bundles scored again, 3 rows compared." in of_leaderboard(place, "audit")
    assert json.loads(of_leaderboard(place, "fsck", "--json"))["problems"] == []
    of_leaderboard(place, "export", "-o", "out")
    table = of_leaderboard(place, "export", "--benchmark", "mnist-color", "--format", "csv")
    assert table.encode() == (place / "out" / "mnist-color@1.fixed.csv").read_bytes()
    of_leaderboard(place, "backup", "backup.zip")
    of_leaderboard(place, "restore", "backup.zip", db="another")
    of_leaderboard(place, "export", "-o", "again", db="another")
    first, again = (
        {path.relative_to(place / name): path.read_bytes() for path in files}
        for name in ("out", "again")
        for files in [[p for p in (place / name).rglob("*") if p.is_file()]]
    )
    assert first == again
    identifier = shown[0]["submission_id"]
    of_leaderboard(place, "moderate", identifier, "hide", "--reason", "To be seen.")
    of_leaderboard(place, "withdraw", identifier, "--reason", "Enough.")
    rows = json.loads(of_leaderboard(place, "show", "mnist-color", "--json"))
    assert [row["rank"] for row in rows] == [1, None]


@pytest.mark.slow
def test_a_copy_of_real_predictions_under_another_name_is_flagged(place):
    from dgbench.submission.pack.packing import Details, pack

    copy = place / "copy.dgsub"
    pack([RESULTS / "erm"], place / "erm.dgsub")
    pack([RESULTS / "erm"], copy, details=Details(display_name="Ours, and new"))
    for file in ("erm.dgsub", "bundles/prcl.dgsub"):
        assert "Flagged" not in dgbench(place, "submit", file, db="copies").stdout
    from leaderboard.records import Identity
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    service = Service(Store.open(str(place / "copies")))
    eve = Identity(name="eve", roles=frozenset({"submitter"}), token_id="t")  # noqa: S106
    receipt = service.receive(copy.read_bytes(), eve)
    service.close()
    assert receipt.flags == ("near-duplicate",)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs the command line in this process, on its own store, and returns code, out and err."""
    from dgbench.cli.main import run

    monkeypatch.setenv("DGBENCH_STORE", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = run(list(arguments))
        return code, *capsys.readouterr()

    return call


def test_a_refused_bundle_is_reported_with_its_code(run, tmp_path):
    (tmp_path / "broken.dgsub").write_bytes(b"PK no zip")
    for command in (["submit"], ["leaderboard", "import"]):
        code, _, told = run(*command, "broken.dgsub")
        assert (code, "E_ZIP" in told) == (1, True)
    code, _, told = run("leaderboard", "import", ".")
    assert "1 of 1 bundles were not accepted" in told


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ("submit nothing.dgsub", 1, "Cannot read 'nothing.dgsub'"),
        ("leaderboard import nowhere", 1, "were not accepted"),
        ("leaderboard import .", 2, "There is no .dgsub file"),
        ("leaderboard export", 2, "Name a folder with -o"),
        ("leaderboard export --benchmark nothing", 2, "nothing"),
        ("leaderboard export --benchmark mnist-color --format doc", 2, "no format 'doc'"),
        ("leaderboard moderate x praise --reason y", 2, "no action 'praise'"),
        ("leaderboard withdraw x", 1, "no submission 'x'"),
        ("leaderboard restore nothing.zip", 1, "not a whole backup"),
        ("leaderboard token issue Ada --role owner", 2, "no role 'owner'"),
        ("leaderboard token revoke x", 1, "no token 'x'"),
        ("leaderboard show mnist-color --db mysql://x/y", 2, "names a database of"),
    ],
)
def test_errors_are_reported_in_one_sentence(run, arguments, code, told):
    assert run("leaderboard", "token", "issue", "Ada")[0] == 0  # makes the store
    exit_code, _, err = run(*arguments.split())
    assert (exit_code, told in err) == (code, True), err
    assert "Traceback" not in err
    assert "defect" not in err


def test_tokens_are_issued_listed_and_revoked(run):
    made = json.loads(run("leaderboard", "token", "issue", "Ada", "--json")[1])
    assert made["token"].startswith("dgb_")
    _, listed, _ = run("leaderboard", "token", "list")
    assert made["id"] in listed
    assert made["token"] not in listed
    assert run("leaderboard", "token", "revoke", made["id"])[0] == 0
    assert "revoked" in run("leaderboard", "token", "list")[1]
