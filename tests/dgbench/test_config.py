"""Hyper-parameters are typed, checked and survive JSON, and draws stay within their ranges."""

import json
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dgbench.api import Choice, Config, Ge, Integers, LogUniform, Uniform, UsageError


class Rich(Config):
    """One field of every kind."""

    weight: Annotated[float, LogUniform(1e-4, 1.0), Ge(0)] = 0.1
    depth: Annotated[int, Integers(1, 5), Ge(1)] = 2
    share: Annotated[float, Uniform(0.0, 0.5)] = 0.25
    reading: Annotated[Literal["R1", "R2"], Choice("R1", "R2")] = "R1"
    layers: tuple[int, ...] = (1, 2)
    is_normalised: bool = False
    limit: float | None = None


quantiles = st.floats(0, 1, exclude_max=True)


@given(quantiles, quantiles, quantiles, quantiles, st.lists(st.integers(0, 9)), st.booleans())
def test_drawn_values_survive_json(a, b, c, d, layers, is_normalised):
    ranges = Rich.ranges()
    drawn = Rich(
        weight=ranges["weight"].at(a),
        depth=ranges["depth"].at(b),
        share=ranges["share"].at(c),
        reading=ranges["reading"].at(d),
        layers=tuple(layers),
        is_normalised=is_normalised,
    )
    assert Rich.of_document(json.loads(json.dumps(drawn.document()))) == drawn


@given(quantiles)
def test_ranges_stay_within_their_ends(q):
    assert 2 <= Uniform(2, 3).at(q) <= 3
    assert 0.01 <= LogUniform(0.01, 10).at(q) <= 10 * (1 + 1e-12)
    assert Integers(3, 5).at(q) in (3, 4, 5)
    assert Choice("a", "b").at(q) in ("a", "b")


def test_log_uniform_halves_are_decades():
    assert LogUniform(1e-4, 1e-2).at(0.5) == pytest.approx(1e-3)
    assert [Integers(1, 4).at(q) for q in (0, 0.25, 0.5, 0.999)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: LogUniform(0, 1), "low must be above 0"),
        (lambda: Uniform(1, 1), "low must be below high"),
        (lambda: Integers(2, 1), "low must not be above high"),
        (lambda: Choice(), "at least one value"),
    ],
)
def test_an_impossible_range_is_refused(make, problem):
    with pytest.raises(ValueError, match=problem):
        make()


def test_texts_are_understood_by_type():
    config = Rich.of_texts(
        {
            "weight": "1e-2",
            "depth": "3",
            "reading": "R2",
            "layers": "[4]",
            "is_normalised": "true",
            "limit": "null",
        }
    )
    assert config == Rich(weight=0.01, depth=3, reading="R2", layers=(4,), is_normalised=True)
    assert Rich.of_texts({"limit": "2.5"}).limit == 2.5


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"weigth": "1"}, "no hyper-parameter 'weigth'. Did you mean 'weight'"),
        ({"weight": "heavy"}, "Rich: weight is 'heavy'"),
        ({"weight": "-1"}, "greater than or equal to 0"),
        ({"weight": "nan"}, "finite"),
        ({"depth": "2.5"}, "depth is '2.5'"),
        ({"reading": "R9"}, "'R1' or 'R2'"),
        ({"layers": "[1, "}, "layers is '\\[1, '"),
    ],
)
def test_a_wrong_text_is_one_clear_error(texts, message):
    with pytest.raises(UsageError, match=message):
        Rich.of_texts(texts)


@pytest.mark.parametrize("values", [{"depth": True}, {"depth": "2"}, {"learning_rate": 0.0}])
def test_a_wrong_value_is_refused_in_code_too(values):
    with pytest.raises(UsageError, match="Rich: "):
        Rich(**values)


def test_a_float_field_accepts_a_whole_number():
    assert isinstance(Rich(weight=1).weight, float)


def test_the_base_has_ranges_too():
    assert set(Rich.ranges()) >= {"learning_rate", "weight_decay", "weight", "depth"}
    assert "layers" not in Rich.ranges()
