"""Whatever is changed in a bundle, it is refused with a code or scored as it is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dgbench.submission.making import good_manifest
from tests.dgbench.submission.mutating import REWRITTEN_EVERY, mutant, outcome
from tests.dgbench.submission.spoiling import with_members

BOUNDED = settings(max_examples=60, deadline=None, derandomize=True)


@BOUNDED
@given(st.integers(0, 2**32))
def test_a_mutant_is_refused_or_scored(number):
    assert outcome(mutant(number))


@BOUNDED
@given(st.binary(max_size=2000))
def test_any_bytes_are_refused(data):
    assert outcome(data).startswith("E_")


def test_a_mutant_that_once_broke_the_reader_is_refused():
    """A domain outside the dictionary of domains, which pyarrow does not notice."""
    assert outcome(mutant(1_000_152)).startswith("E_")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


@BOUNDED
@given(st.data())
def test_any_value_in_any_field_of_a_manifest_is_refused_or_scored(data):
    import json

    document = good_manifest()
    place = document
    while True:
        key = data.draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
        )
        inner = place[key]
        if not (isinstance(inner, dict | list) and inner) or data.draw(st.booleans()):
            break
        place = inner
    place[key] = data.draw(JSON)
    assert outcome(with_members(manifest_json=json.dumps(document).encode()))


@BOUNDED
@given(st.recursive(st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_arbitrary_json_is_refused_as_a_manifest(document):
    import json

    assert outcome(with_members(manifest_json=json.dumps(document).encode())).startswith("E_")


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 2**20).map(lambda number: number * REWRITTEN_EVERY))
def test_rewritten_rows_are_refused_or_counted_as_a_plain_loop_counts_them(number):
    assert outcome(mutant(number))


def test_rewritten_rows_pass_the_checks_of_the_file():
    outcomes = {outcome(mutant(number * REWRITTEN_EVERY)) for number in range(40)}
    assert {"accepted", "E_DUP_KEY", "E_MISSING_KEY", "E_PREDICTIONS_DIGEST"} <= outcomes
    assert "E_PARQUET" not in outcomes
