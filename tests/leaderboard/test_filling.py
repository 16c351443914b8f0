"""Filling a store with reference results: a handful of runs in a package of their own."""

import importlib
import json
import shutil
import sys
from pathlib import Path

import pytest

import baselines
from data_gen.foundation.errors import UsageError

STORED = Path(baselines.__file__).parent / "results" / "reference" / "mnist-color@1"
METHODS = ("majority-class", "randconv")


def installed(folder, *, with_results):
    """Lay out a package on a path, with the name of the real one, which it hides."""
    facts = folder / "dgbench_reference_results-1.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Name: dgbench-reference-results\nVersion: 1\n")
    if with_results:
        (facts / "entry_points.txt").write_text("[dgbench.results]\nhandful = handful_of_results\n")
        package = folder / "handful_of_results"
        for name in METHODS:
            (configuration,) = (STORED / name).iterdir()
            for seed in ("seed-0", "seed-1", "seed-2"):
                place = package / "mnist-color@1" / name / configuration.name / seed
                shutil.copytree(configuration / seed, place)
        (package / "__init__.py").write_text("")
    return folder


@pytest.fixture
def handful(tmp_path, monkeypatch):
    """The folder of installed results: two methods with three seeds each."""
    from dgbench.registry import installed_method
    from dgbench.submission.pack.conformance import CheckedMethod, outcome, write_checked

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = installed(tmp_path / "path", with_results=True)
    digest = installed_method("randconv").source_digest
    checked = CheckedMethod(source_digest=digest, conformance=outcome(passed=True))
    write_checked(path / "handful_of_results", {"randconv": checked})
    monkeypatch.syspath_prepend(str(path))
    importlib.invalidate_caches()
    yield path / "handful_of_results"
    sys.modules.pop("handful_of_results", None)


@pytest.fixture
def service(tmp_path):
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    service = Service(Store.open(str(tmp_path / "store")))
    yield service
    service.close()


def rows(service):
    from leaderboard.records import Query

    return {
        (row.method, row.submitter): row for row in service.rows(Query(benchmark="mnist-color@1"))
    }


def demonstration(tmp_path, handful):
    """A bundle as quickstart makes one."""
    from dgbench.submission.pack.packing import Details, pack

    runs = handful / "mnist-color@1" / "randconv"
    details = Details(demonstration=True)
    return pack([runs], tmp_path / "demonstration.dgsub", details=details).path.read_bytes()


def test_reference_results_become_rows_with_their_papers(service, handful, tmp_path):
    from leaderboard.filling import SUBMITTER, fill, needs_filling
    from leaderboard.records import OPERATOR

    service.receive(demonstration(tmp_path, handful), OPERATOR)
    assert needs_filling(service)
    outcome = fill(service)
    assert (outcome.n_new, outcome.n_there, outcome.problems) == (2, 0, [])
    by_name = rows(service)
    assert by_name["randconv", OPERATOR.name].standing == "unranked"
    row = by_name["randconv", SUBMITTER.name]
    assert row.rank == 1
    assert row.verification == "package"
    assert by_name["majority-class", SUBMITTER.name].verification == "received"
    paper = json.loads(service.submission(row.submission_id).manifest)["paper"]
    assert paper["title"].startswith("Robust and Generalizable Visual Representation")
    assert (list(row.authors), row.paper_url) == (paper["authors"], paper["url"])
    assert (paper["year"], row.code_url) == (2021, paper["code"])
    assert not needs_filling(service)
    again = fill(service)
    assert (again.n_new, again.n_there) == (0, 2)


def test_an_import_that_was_stopped_goes_on(service, handful):  # noqa: ARG001
    from leaderboard.filling import fill, needs_filling

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(service, on_step=stop)
    assert needs_filling(service)
    filling = service.filling()
    assert (filling.n_done, filling.n_total, filling.is_done) == (1, 2, False)
    outcome = fill(service)
    assert outcome.n_there == 1
    assert len(rows(service)) == 2
    assert service.filling().is_done


def test_runs_without_predictions_are_left_out_and_named(service, handful):
    from leaderboard.filling import fill

    next(handful.glob("*/randconv/*/seed-1/predictions.parquet")).unlink()
    outcome = fill(service)
    assert outcome.counts_only == {"mnist-color@1": 1}
    assert [name for name, _ in rows(service)] == ["majority-class"]


def test_a_damaged_result_is_named_and_the_others_come_in(service, handful):
    from leaderboard.filling import fill

    next(handful.glob("*/randconv/*/seed-1/predictions.parquet")).write_bytes(b"PAR1")
    (problem,) = fill(service).problems
    assert problem.startswith("randconv on mnist-color@1: ")
    assert len(rows(service)) == 1


def test_without_the_package_it_says_what_to_install(service, tmp_path, monkeypatch):
    from leaderboard.filling import fill

    monkeypatch.syspath_prepend(str(installed(tmp_path / "path", with_results=False)))
    importlib.invalidate_caches()
    with pytest.raises(UsageError, match=r"pip install \./baselines/results"):
        fill(service)
