"""The first commands of a newcomer: quickstart, doctor, and the completion of the shell."""

import json
import shutil
import sys

import pytest

from data_gen.sources import is_at_hand
from dgbench import doctor
from dgbench.doctor import Finding
from tests.cli.terminal import dgbench


@pytest.mark.slow
def test_quickstart_goes_from_nothing_to_a_table(tmp_path):
    store = {"DGBENCH_STORE": str(tmp_path / "store")}
    done = dgbench("quickstart", folder=tmp_path, **store)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("   -  ")]
    assert [row[2] for row in rows] == ["prcl", "erm"]
    # rank, tier, method, seeds, HPS, id %, R, T of the shape, T of the colour
    hps, trusted = ({row[2]: float(row[place]) for row in rows} for place in (4, 7))
    assert hps["prcl"] > 1.4 * hps["erm"]
    assert trusted["prcl"] > 3 * trusted["erm"]
    # Both keep the task: a newcomer's first table is about what was found, not about the gate.
    assert "gave up the task" not in done.stdout.lower()
    for made in ("found.png", "data/preview.png", "data/README.md", "runs/mnist-color-5k@1"):
        assert (tmp_path / "quickstart" / made).exists()
    rows = json.loads(
        dgbench("leaderboard", "show", "mnist-color-5k", "--json", folder=tmp_path, **store).stdout
    )
    assert {row["method"] for row in rows} == {"erm", "prcl"}
    assert {row["rank"] for row in rows} == {None}
    assert {row["standing"] for row in rows} == {"unranked"}
    # What an earlier version trained with other settings stays, and is in nobody's way.
    (trained,) = (tmp_path / "quickstart" / "runs" / "mnist-color-5k@1" / "prcl").iterdir()
    shutil.copytree(trained, trained.with_name("0123456789ab"))
    record = trained.with_name("0123456789ab") / "seed-0" / "run.json"
    record.write_text(record.read_text().replace('"weight": 0.04', '"weight": 0.4'))
    again = dgbench("quickstart", folder=tmp_path, **store)
    assert again.returncode == 0, again.stderr
    assert "Nothing to do" in again.stdout


def test_doctor_says_what_works_as_text_and_as_json(tmp_path):
    shown = dgbench("doctor", folder=tmp_path)
    findings = json.loads(dgbench("doctor", "--json", folder=tmp_path).stdout)
    by_name = {finding["what"]: finding for finding in findings}
    assert shown.returncode == 0, shown.stdout
    assert by_name["source mnist-5k"]["status"] == "works"
    assert by_name["torch"]["status"] == "works"
    assert all(what in shown.stdout for what in by_name)
    assert all(finding["advice"] for finding in findings if finding["status"] == "broken")


def test_a_folder_with_false_mnist_files_is_reported(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte").write_bytes(b"\x00\x00\x08\x03")
    done = dgbench("doctor", "--json", folder=tmp_path, DGBENCH_DATA=str(tmp_path))
    (finding,) = (entry for entry in json.loads(done.stdout) if entry["what"] == "source mnist")
    assert done.returncode == 1
    assert finding["status"] == "broken"
    assert str(raw) in finding["detail"]


@pytest.mark.parametrize(
    ("store", "status", "said"),
    [("none/yet", "absent", "dgbench submit"), ("sqlite.txt://", "broken", "--db")],
)
def test_doctor_reads_the_store_and_creates_none(monkeypatch, tmp_path, store, status, said):
    from leaderboard.checkup import look

    monkeypatch.setenv("DGBENCH_STORE", store if "://" in store else str(tmp_path / store))
    (finding,) = look()
    assert finding.status == status
    assert said in finding.detail
    assert not list(tmp_path.iterdir())


def test_doctor_counts_the_entries_of_a_store(monkeypatch, tmp_path):
    from leaderboard.checkup import look
    from leaderboard.store.database import Store

    Store.open(str(tmp_path)).close()
    monkeypatch.setenv("DGBENCH_STORE", str(tmp_path))
    (finding,) = look()
    assert (finding.status, finding.detail.rpartition(": ")[2]) == ("works", "0 entries")


def test_a_plug_in_that_fails_is_named_by_doctor(monkeypatch):
    class Point:
        name, dist = "store", None

        def load(self):
            raise RuntimeError("no such folder")

    monkeypatch.setattr(doctor, "entry_points", lambda group: [Point()])  # noqa: ARG005 (called by name)
    (finding,) = doctor._of_other_packages()
    assert finding == Finding(
        "store",
        "broken",
        "an installed package: RuntimeError: no such folder",
        "Repair or uninstall that package.",
    )


def test_without_torch_doctor_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(doctor, "_version", lambda name: "" if name == "torch" else "1")
    by_name = {finding.what: finding for finding in doctor.findings()}
    assert by_name["extra [train]"].advice == "pip install 'dgbench[train]'"
    assert "torch" not in by_name


def test_a_broken_torch_is_reported_with_advice(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    finding = doctor._torch()
    assert finding.status == "broken"
    assert "pip install" in finding.advice


def test_the_embedded_digits_are_always_available(monkeypatch, tmp_path):
    monkeypatch.setenv("DGBENCH_DATA", str(tmp_path))
    assert is_at_hand("mnist-5k")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands(tmp_path, shell):
    shown = dgbench("--show-completion", shell, folder=tmp_path)
    assert "_DGBENCH_COMPLETE" in shown.stdout
    offered = dgbench(
        folder=tmp_path, _DGBENCH_COMPLETE="complete_bash", COMP_WORDS="dgbench gen", COMP_CWORD="1"
    )
    assert offered.stdout.split() == ["generate"]
