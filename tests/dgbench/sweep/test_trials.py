"""Trials are the same every time, and additions to a sweep do not change them."""

from dataclasses import replace

import pytest

from data_gen.foundation.errors import UsageError
from dgbench.registry import find_method, method_cards
from dgbench.results.declaration import Declaration
from dgbench.sweep.grid import expand
from dgbench.sweep.trials import n_trials, settings_of

DECLARED = Declaration(
    methods=("erm", "mixup"), benchmarks=("mnist-color-5k@1",), trials=3, seeds=(0, 1), steps=7
)


def test_the_draws_are_these_on_every_machine():
    """Published sweeps rest on them: if they change, so does every sweep that goes on."""
    cls = find_method("mixup").cls
    assert settings_of(cls, "mixup", sweep_seed=0, trial=0) == {}
    assert settings_of(cls, "mixup", sweep_seed=0, trial=1) == {
        "learning_rate": "0.006402",
        "weight_decay": "5.52e-06",
        "alpha": "9.361",
    }
    other = settings_of(cls, "mixup", sweep_seed=1, trial=1)
    assert set(other) == {"learning_rate", "weight_decay", "alpha"}
    assert other["learning_rate"] != "0.006402"


@pytest.mark.parametrize("name", [card.name for card in method_cards() if not card.problem])
def test_every_installed_method_accepts_its_draws_and_they_differ(name):
    cls = find_method(name).cls
    drawn = [settings_of(cls, name, sweep_seed=5, trial=trial) for trial in range(1, 30)]
    assert len({tuple(values.items()) for values in drawn}) == len(drawn)
    for values in drawn:
        cls.Config.of_texts(values)


def test_draws_fill_the_range():
    cls = find_method("erm").cls
    rates = sorted(
        float(settings_of(cls, "erm", sweep_seed=0, trial=trial)["learning_rate"])
        for trial in range(1, 401)
    )
    assert 1e-4 <= rates[0] < 1.1e-4
    assert 0.9e-2 < rates[-1] <= 1e-2
    assert 0.8e-3 < rates[200] < 1.25e-3  # the median of a log-uniform range is its middle


def test_conflicting_values_are_drawn_again(method_file, cross_entropy):
    body = (
        "class Config(LossMethod.Config):\n"
        "    low: Annotated[float, Uniform(0, 1)] = 0.0\n"
        "    high: Annotated[float, Uniform(0, 1)] = 1.0\n"
        "    def check(self):\n"
        "        if self.low > self.high:\n"
        "            raise UsageError('low is above high.')\n" + cross_entropy
    )
    head = "from data_gen.foundation.errors import UsageError"
    cls = find_method(method_file(body, head=head)).cls
    for trial in range(1, 20):
        drawn = settings_of(cls, "mine", sweep_seed=0, trial=trial)
        assert float(drawn["low"]) <= float(drawn["high"])


def test_a_plain_lightning_module_has_its_defaults_only(method_file):
    name = method_file("def __init__(self, width: int = 3):\n    pass", base="LightningModule")
    cls = find_method(name).cls
    assert n_trials(cls, 5) == 1
    assert n_trials(find_method("erm").cls, 5) == 5


def test_adding_methods_trials_and_seeds_moves_no_run(request_for):
    machine = request_for()
    before = {job.folder: (job.trial, job.seed) for job in expand(DECLARED, machine).jobs}
    assert len(before) == 2 * 3 * 2
    more = DECLARED.grown({"methods": ("rsc",), "trials": 4, "seeds": (2,)}, where=machine.out)
    after = {job.folder: (job.trial, job.seed) for job in expand(more, machine).jobs}
    assert len(after) == 3 * 4 * 3
    assert before.items() <= after.items()


def test_methods_that_lack_their_data_are_not_applicable(request_for):
    declared = replace_methods("erm", "irm")
    grid = expand(declared, request_for())
    assert {job.method for job in grid.jobs} == {"erm"}
    assert [(pair.method, pair.benchmark) for pair in grid.unfit] == [("irm", "mnist-color-5k@1")]
    assert "training environments" in grid.unfit[0].reason
    with pytest.raises(UsageError, match="No method of this sweep applies"):
        expand(replace_methods("irm"), request_for())


def test_a_mistake_is_named_before_anything_runs(request_for):
    with pytest.raises(UsageError, match="Did you mean 'erm'"):
        expand(replace_methods("erm", "ermm"), request_for())


def replace_methods(*names):
    return DECLARED.model_copy(update={"methods": names})


def test_a_job_carries_what_the_declaration_says(request_for):
    machine = replace(request_for(), threads=3)
    job = expand(DECLARED, machine).jobs[-1]
    assert job.name == "mixup on mnist-color-5k@1, trial 2, seed 1"
    assert job.request.trial == 2
    assert job.request.threads == 3
    assert job.request.with_development
    assert job.steps == 7
