"""A run with development domains only draws no test domain, and is never taken for a full run."""

import shutil

import pytest

from dgbench.benchmarks import Rendered
from dgbench.results.declaration import Declaration
from dgbench.results.folder import PREDICTIONS, read_record
from dgbench.sweep.estimate import measure
from dgbench.sweep.grid import expand
from dgbench.sweep.pace import Pace
from dgbench.sweep.state import states_of
from dgbench.sweep.work import Workbench
from dgbench.training.plan import Plan
from dgbench.training.reevaluation import reevaluate
from tests.dgbench.conftest import BENCHMARK
from tests.dgbench.runs import run


@pytest.fixture
def drawn(monkeypatch):
    """The names of all splits that are rendered from now on."""
    names = set()
    render = Rendered.chunks

    def chunks(self, name):
        names.add(name)
        return render(self, name)

    monkeypatch.setattr(Rendered, "chunks", chunks)
    return names


@pytest.fixture
def only(request_for):
    """A request for a run with everything on that might look at test domains."""
    return request_for(development_only=True, with_probes=True, eval_every=12)


def test_no_test_domain_is_drawn_evaluated_or_recorded(only, drawn, benchmark):
    record = run(only)
    tests = {*benchmark.test_names, *benchmark.spec.aliases}
    assert not drawn & tests
    assert drawn == {"train", "validation", *(f"dev.{name}" for name in benchmark.test_names)}
    assert list(record.development) == benchmark.test_names
    assert record.evaluated == record.development
    assert (record.domains, record.probes, record.predictions_digest) == ({}, {}, None)
    folder = Plan(only).folder(0)
    assert not (folder / PREDICTIONS).exists()
    assert record.cost.evaluation_images_per_second > 0

    reevaluated = reevaluate(folder)[1]
    assert not drawn & tests
    assert reevaluated.development == record.development


def test_the_drawing_of_a_test_domain_would_be_noticed(request_for, drawn, benchmark):
    run(request_for())
    assert set(benchmark.test_names) <= drawn


def test_both_kinds_of_run_lie_side_by_side(request_for, only):
    full = request_for(with_development=True, with_probes=True)
    untested, tested = run(only), run(full)
    assert untested.development == tested.development
    assert tested.evaluated == tested.domains
    here, there = Plan(only).folder(0), Plan(full).folder(0)
    assert here != there
    assert here.parent.name.endswith("-development-only")
    again = request_for(development_only=True, force=True)
    before = (there / "run.json").read_bytes()
    assert run(again).process.started >= untested.process.started
    assert (there / "run.json").read_bytes() == before
    shutil.rmtree(there)
    assert run(request_for(development_only=True, resume=True)).status == "done"
    assert not there.exists()


def test_a_sweep_and_its_estimate_draw_no_test_domain(request_for, drawn, benchmark):
    declaration = Declaration(
        methods=("erm",),
        benchmarks=(BENCHMARK,),
        steps=12,
        batch_size=32,
        development=False,
        development_only=True,
    )
    grid = expand(declaration, request_for())
    pace = Pace(states_of(grid.jobs))
    measure(grid.jobs, pace, progress=lambda *_: None)
    record = Workbench().work(grid.jobs[0])
    assert not drawn & {*benchmark.test_names, *benchmark.spec.aliases}
    assert record == read_record(grid.jobs[0].folder)
    assert (record.trial, record.domains) == (0, {})
    assert [state.name for state in states_of(grid.jobs)] == ["done"]
