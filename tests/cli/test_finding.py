"""The finding that motivates everything, on the full real MNIST, and a stranger's method."""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev

import pytest

import baselines
from dgbench.results.folder import find_runs, read_record
from tests.cli.terminal import ENVIRONMENT, dgbench

STORED = Path(baselines.__file__).parent / "results" / "reference" / "mnist-color@1" / "erm"
SPREADS = 5
"""Standard deviations over the stored seeds by which one more run may differ from their mean."""


@pytest.mark.slow
@pytest.mark.skipif("DGBENCH_DATA" not in os.environ, reason="DGBENCH_DATA names no real MNIST")
def test_erm_is_perfect_in_its_domain_and_at_chance_once_colour_misleads(tmp_path):
    """One training on the real MNIST, which gives the scores that are stored."""
    import jsonschema

    done = dgbench(
        "train",
        "erm",
        "mnist-color",
        "--json",
        folder=tmp_path,
        DGBENCH_DATA=os.environ["DGBENCH_DATA"],
    )
    assert done.returncode == 0, done.stderr
    accuracy = json.loads(done.stdout)[0]["scores"]["accuracy"]
    assert accuracy["id"] >= 0.99
    assert accuracy["up.color"] <= 0.3
    run = next(find_runs(tmp_path / "runs"))
    schema = Path(__file__).parents[2] / "dgbench" / "results" / "run.v2.schema.json"
    jsonschema.validate(json.loads((run / "run.json").read_text()), json.loads(schema.read_text()))
    _assert_within_the_spread_of_the_stored_seeds(read_record(run))


def _assert_within_the_spread_of_the_stored_seeds(again):
    """Rounding differs between processors and versions of torch, and grows as seeds differ."""
    stored = [read_record(folder) for folder in find_runs(STORED)]
    assert (again.configuration, again.seed) == (stored[0].configuration, stored[0].seed)
    for name, counts in again.domains.items():
        assert counts.data == stored[0].domains[name].data
        shares = [record.domains[name].correct / counts.n for record in stored]
        tolerance = max(0.005, SPREADS * stdev(shares))
        assert counts.correct / counts.n == pytest.approx(mean(shares), abs=tolerance), name


@pytest.mark.slow
def test_a_new_method_installs_is_found_conforms_and_passes_its_own_test(tmp_path):
    assert dgbench("new-method", "my-method", folder=tmp_path).returncode == 0
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", "site"]
    subprocess.run([*pip, "./my-method"], cwd=tmp_path, check=True)
    # What lies on PYTHONPATH is installed as far as Python can tell.
    site = {"PYTHONPATH": str(tmp_path / "site")}
    assert "my-method" in dgbench("methods", folder=tmp_path, **site).stdout
    checked = dgbench("check-method", "my-method", folder=tmp_path, **site)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    own = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "my-method"],
        cwd=tmp_path,
        env={**ENVIRONMENT, **site},
        capture_output=True,
        text=True,
        check=False,
    )
    assert own.returncode == 0, own.stdout
