"""Reference values are taken from the right domains of the right runs."""

from functools import partial

import pytest

from data_gen.foundation.errors import DGBenchError
from data_gen.spec_files import find_spec
from dgbench.results.record import ProbeCounts
from dgbench.training.ceilings import measure, save, unlearnable
from dgbench.training.plan import Request
from tests.dgbench.records import RECORD, counts

REQUEST = Request(method="erm", benchmark="mnist-color-5k", resume=True)
PROBES = {
    "shape": ProbeCounts(n=1000, correct=800, correct_untrained=600),
    "color": ProbeCounts(n=1000, correct=950, correct_untrained=400),
}
TRAINED = {
    "train": counts(id=990, up_color=200),
    "train.only.shape": counts(up_color=900, mp_color_mean=850, mp_color_absent=500),
    "train.only.color": counts(only_color=999),
}


def runs(plan, *, probes):
    """A seed for each of `probes`. Both are right equally often."""
    by_domain = TRAINED[plan.request.train_domain]
    return [
        RECORD.model_copy(update={"seed": seed, "domains": by_domain, "probes": probed})
        for seed, probed in enumerate(probes)
    ]


def test_each_pattern_has_the_accuracies_and_probes_of_its_own_oracle():
    reference = measure(REQUEST, [0, 1], run=partial(runs, probes=[PROBES, PROBES]))
    shape, color = reference.oracles["shape"], reference.oracles["color"]
    assert shape.only == (0.9, 0.9)
    assert shape.solo == {
        "mp.color.mean": (0.85, 0.85),
        "mp.color.neutral": (0.1, 0.1),
        "mp.color.absent": (0.5, 0.5),
    }
    assert (shape.probe, shape.untrained_probe) == ((0.8, 0.8), (0.6, 0.6))
    assert color.only == (0.999, 0.999)
    assert color.solo == {}
    assert (color.probe, color.untrained_probe) == ((0.95, 0.95), (0.4, 0.4))
    assert reference.erm["id"] == (0.99, 0.99)
    assert reference.erm["up.color"] == (0.2, 0.2)


def test_a_pattern_that_its_oracle_hardly_learns_is_said_to_have_no_score():
    reference = measure(REQUEST, [0, 1], run=partial(runs, probes=[PROBES, PROBES]))
    spec = find_spec("mnist-color-5k")
    (sentence,) = unlearnable(reference, spec)
    # The runs above are right by chance where the colour is neutral, and nowhere else.
    assert "'shape'" in sentence
    assert "'mp.color.neutral'" in sentence
    assert "no F and no T" in sentence
    shape = reference.oracles["shape"]
    learnt = shape.model_copy(update={"solo": {**shape.solo, "mp.color.neutral": (0.8, 0.8)}})
    oracles = {**reference.oracles, "shape": learnt}
    assert unlearnable(reference.model_copy(update={"oracles": oracles}), spec) == []


def test_an_earlier_run_without_probes_is_named_with_the_command_that_adds_them():
    with pytest.raises(DGBenchError, match=r"seed-1' has no probes. `dgbench evaluate .*seed-1`"):
        measure(REQUEST, [0, 1], run=partial(runs, probes=[PROBES, {}]))


def test_each_version_of_a_benchmark_has_a_file_of_its_own(tmp_path):
    reference = measure(REQUEST, [0], run=partial(runs, probes=[PROBES]))
    second = reference.model_copy(update={"benchmark": "mnist-color-5k@2"})
    spec = str(tmp_path / "mine.yaml")
    assert save(reference, spec, None) == tmp_path / "mnist-color-5k.reference.json"
    assert save(second, spec, None) == tmp_path / "mnist-color-5k@2.reference.json"
    assert save(second, spec, tmp_path / "given.json") == tmp_path / "given.json"
    assert (tmp_path / "given.json").read_text() == second.model_dump_json(indent=1) + "\n"
