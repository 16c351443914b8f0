"""Reference values hold for the data that they were measured on, and can be divided by."""

import pytest

from data_gen.foundation.errors import DGBenchError
from data_gen.spec_files import find_spec
from dgbench.benchmarks import open_benchmark
from dgbench.references import Reference, check_above_chance, reference_of

OPENED = open_benchmark("mnist-color-5k")
SPEC = OPENED.spec
DIGESTS = {name: source.digest for name, source in OPENED.sources.items()}


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
        "oracles": {"shape": shape, "color": (1.0, 1.0)},
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


@pytest.mark.parametrize("lacking", [{"oracles": {"shape": (0.9,)}}, {"erm": {"id": (0.9,)}}])
def test_values_of_other_domains_are_refused(beside, lacking):
    with pytest.raises(DGBenchError, match="not of its domains and patterns"):
        reference_of(SPEC, DIGESTS, beside=beside(reference(**lacking).model_dump_json()))


@pytest.mark.parametrize("bad", [{"shape": (0.1, 0.1)}, {"erm_id": (0.05,)}])
def test_reference_values_at_chance_are_refused(beside, bad):
    with pytest.raises(DGBenchError, match="no more than by chance"):
        check_above_chance(reference(**bad), SPEC)
    with pytest.raises(DGBenchError, match="no more than by chance"):
        reference_of(SPEC, DIGESTS, beside=beside(reference(**bad).model_dump_json()))


def test_every_official_reference_belongs_to_its_spec():
    """A file that no longer fits its spec would silently leave a benchmark without scores."""
    from importlib.resources import files

    for file in files("data_gen.specs").iterdir():
        if file.name.endswith(".reference.json"):
            official = Reference.model_validate_json(file.read_text())
            spec = find_spec(official.benchmark)
            assert file.name == f"{spec.name}.reference.json"
            assert official.spec_digest == spec.digest
            assert (official.steps, official.batch_size) == (
                spec.budget.steps,
                spec.budget.batch_size,
            )
            assert set(official.erm) == {test.name for test in spec.test_domains}
