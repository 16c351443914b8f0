"""Reference values hold for the data that they were measured on, and can be divided by."""

import json

import pytest

from data_gen.foundation.errors import DGBenchError
from data_gen.spec_files import companion_name, find_spec
from dgbench.benchmarks import open_benchmark
from dgbench.metrics.scores import scores
from dgbench.references import (
    SUFFIX,
    Oracle,
    Reference,
    check_above_chance,
    read_reference,
    reference_of,
)
from tests.dgbench.records import counts

OPENED = open_benchmark("mnist-color-5k")
SPEC = OPENED.spec
DIGESTS = {name: source.digest for name, source in OPENED.sources.items()}


SHAPE = {
    "solo": {
        "mp.color.mean": (0.9, 0.7),
        "mp.color.neutral": (0.6, 0.6),
        "mp.color.absent": (0.5, 0.3),
    },
    "probe": (0.9, 1.0),
    "untrained_probe": (0.5, 0.6),
}
COLOR = Oracle(only=(1.0,))
VERSION_1 = {"shape": (0.9, 0.8), "color": (1.0, 1.0)}
"""Oracles as files of version 1 have them: accuracies on `only.<p>`."""


def reference(shape=(0.9, 0.8), erm_id=(1.0,), **changes):
    values = {
        "benchmark": SPEC.id,
        "spec_digest": SPEC.digest,
        "sources": DIGESTS,
        "generator_seed": 0,
        "backbone": "small-cnn",
        "steps": 600,
        "batch_size": 128,
        "seeds": (0, 1),
        "oracles": {"shape": {"only": shape, **SHAPE}, "color": {"only": (1.0, 1.0)}},
        "erm": {test.name: (0.5,) for test in SPEC.test_domains} | {"id": erm_id},
        "command": "by hand",
    }
    return Reference.model_validate(values | changes)


@pytest.fixture
def beside(tmp_path):
    """Writes a reference beside a spec file and returns the spec file's path."""

    def write(text):
        (tmp_path / f"{SPEC.name}.reference.json").write_text(text)
        return tmp_path / "mine.yaml"

    return write


def test_the_ceiling_is_the_mean_over_seeds():
    assert reference().ceilings["shape"] == pytest.approx(0.85)


def test_a_pattern_has_a_ceiling_on_each_domain_that_shows_it_alone():
    ceilings = reference().solo_ceilings
    assert set(ceilings["shape"]) == set(SPEC.solo_domains("shape"))
    assert ceilings["shape"]["mp.color.mean"] == pytest.approx(0.8)
    assert ceilings["shape"]["mp.color.absent"] == pytest.approx(0.4)
    assert ceilings["color"] == {}


def test_a_pattern_has_the_probes_of_its_oracle_and_of_the_untrained_network():
    assert reference().probes == {"shape": pytest.approx(0.95)}
    assert reference().untrained == {"shape": pytest.approx(0.55)}


def test_files_of_version_1_have_ceilings_but_none_of_a_pattern_alone(beside):
    document = json.loads(reference().model_dump_json())
    text = json.dumps(document | {"schema_version": 1, "oracles": VERSION_1})
    upgraded = reference_of(SPEC, DIGESTS, beside=beside(text))
    assert upgraded.schema_version == 2
    assert upgraded.ceilings == reference().ceilings
    assert upgraded.erm == reference().erm
    assert upgraded.solo_ceilings == {"shape": {}, "color": {}}
    assert upgraded.probes == upgraded.untrained == {}


def test_values_of_a_newer_version_are_refused(beside):
    text = json.dumps(json.loads(reference().model_dump_json()) | {"schema_version": 3})
    with pytest.raises(DGBenchError, match="schema version 3; this dgbench reads up to 2"):
        reference_of(SPEC, DIGESTS, beside=beside(text))


def test_values_beside_a_spec_file_are_found(beside):
    written = reference()
    assert reference_of(SPEC, DIGESTS, beside=beside(written.model_dump_json())) == written


@pytest.mark.parametrize("changes", [{"spec_digest": "0"}, {"sources": {"mnist": "0"}}])
def test_values_of_other_data_do_not_hold(beside, changes):
    text = reference(**changes).model_dump_json()
    assert reference_of(SPEC, DIGESTS, beside=beside(text)) is None


@pytest.mark.parametrize("text", ["{}", "[", '{"schema_version": 1, "erm": {"id": [2]}}'])
def test_damaged_values_are_named(beside, text):
    with pytest.raises(DGBenchError, match="reference values of mnist-color-5k@1 are damaged"):
        reference_of(SPEC, DIGESTS, beside=beside(text))


@pytest.mark.parametrize(
    "lacking",
    [
        {"oracles": {"shape": Oracle(only=(0.9,))}},
        {"erm": {"id": (0.9,)}},
        {"oracles": {"shape": Oracle(only=(0.9,), solo={"id": (1.0,)}), "color": COLOR}},
    ],
)
def test_values_of_other_domains_are_refused(beside, lacking):
    with pytest.raises(DGBenchError, match="not of its domains and patterns"):
        reference_of(SPEC, DIGESTS, beside=beside(reference(**lacking).model_dump_json()))


def test_an_erm_at_chance_is_refused(beside):
    with pytest.raises(DGBenchError, match="no more than by chance"):
        reference_of(SPEC, DIGESTS, beside=beside(reference(erm_id=(0.05,)).model_dump_json()))


def test_a_pattern_that_nothing_can_learn_has_no_scores(beside):
    text = reference(shape=(0.1, 0.1)).model_dump_json()
    run = scores(counts(), SPEC, reference_of(SPEC, DIGESTS, beside=beside(text)))
    assert run.found == {}
    assert run.trusted.keys() == {"color"}
    assert run.hps is None
    assert run.retention is not None


def test_an_erm_that_guesses_is_refused_before_it_is_written():
    with pytest.raises(DGBenchError, match=r"ERM on 'id' is right on 5\.0%"):
        check_above_chance(reference(erm_id=(0.05,)), SPEC)


def test_every_official_reference_belongs_to_its_spec():
    """A file that no longer fits its spec would silently leave a benchmark without scores."""
    from importlib.resources import files

    for file in files("data_gen.specs").iterdir():
        if file.name.endswith(".reference.json"):
            official = read_reference(file.read_text(), name=file.name)
            spec = find_spec(official.benchmark)
            assert file.name == companion_name(spec.id, SUFFIX)
            assert official.spec_digest == spec.digest
            assert (official.steps, official.batch_size) == (
                spec.budget.steps,
                spec.budget.batch_size,
            )
            assert set(official.erm) == {test.name for test in spec.test_domains}
