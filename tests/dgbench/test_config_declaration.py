"""A Config is checked where it is declared, and its descriptions are read from its source."""

import copy
import pickle
from dataclasses import dataclass
from typing import Annotated

import pytest

from dgbench.api import Choice, Config, Ge, LogUniform, LossMethod, UsageError


class Described(Config):
    """Fields with and without a string under them."""

    weight: Annotated[float, LogUniform(1e-4, 1.0), Ge(0)] = 1
    """Multiplier of the penalty."""
    plain: int = 3


def without_default():
    class Needy(Config):
        """One field that must be given."""

        weight: Annotated[float, Ge(0)]


def beyond_its_limit():
    class Beyond(Config):
        """A default below the limit."""

        weight: Annotated[float, Ge(0)] = -1.0


def of_another_type():
    class Odd(Config):
        """A default of another type."""

        depth: int = "two"  # type: ignore[assignment]


def with_a_pair():
    class Paired(Config):
        """A range written as a pair."""

        weight: Annotated[float, (0.1, 1.0)] = 0.5


def with_a_class():
    class Unmade(Config):
        """A range that is not made."""

        weight: Annotated[float, LogUniform] = 0.5


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (without_default, r"Needy: weight has no default\. Write weight: \.\.\. = VALUE\."),
        (beyond_its_limit, r"Beyond: weight has the default -1\.0\. Input should be greater"),
        (of_another_type, r"Odd: depth has the default 'two'\. Input should be a valid integer\."),
        (with_a_pair, r"Paired: weight is annotated with \(0\.1, 1\.0\), which means nothing here"),
        (with_a_class, r"Unmade: weight is annotated with <class .*LogUniform'>, which means"),
    ],
)
def test_a_field_is_checked_where_it_is_declared(declare, message):
    with pytest.raises(UsageError, match=message):
        declare()


def test_a_decorated_config_is_refused_with_advice():
    with pytest.raises(UsageError, match=r"Old\.Config is decorated with @dataclass\. Remove that"):

        class Old(LossMethod):
            """Written as methods were written before."""

            @dataclass(frozen=True, kw_only=True)
            class Config(LossMethod.Config):
                """Hyper-parameters."""

                weight: float = 1.0


def test_a_check_of_the_old_name_is_refused_with_advice():
    with pytest.raises(UsageError, match=r"Former defines __post_init__, .* Name it check"):

        class Former(Config):
            """Checked as it was checked before."""

            def __post_init__(self):
                pass


def test_a_config_of_another_kind_is_refused_with_advice():
    with pytest.raises(UsageError, match=r"Own\.Config is not a dgbench\.api\.Config. Write cl"):

        class Own(LossMethod):
            """Its Config has no base."""

            class Config:
                """Hyper-parameters."""


def test_the_string_under_a_field_is_its_description():
    fields = Described.model_fields
    assert fields["weight"].description == "Multiplier of the penalty."
    assert fields["learning_rate"].description == "Step size of the optimiser."
    assert fields["plain"].description is None
    schema = Described.model_json_schema()
    assert schema["properties"]["weight"] == {
        "default": 1,
        "description": "Multiplier of the penalty.",
        "minimum": 0,
        "title": "Weight",
        "type": "number",
    }


def test_a_default_has_the_type_of_its_field():
    assert isinstance(Described().weight, float)
    assert Described().document() == {
        "learning_rate": 0.001,
        "weight_decay": 0.0,
        "weight": 1.0,
        "plain": 3,
    }


def test_a_config_cannot_change_and_survives_copies():
    config = Described(weight=0.5)
    with pytest.raises(ValueError, match="frozen"):
        config.weight = 2.0
    pickled = pickle.loads(pickle.dumps(config))  # noqa: S301  (our own bytes)
    for again in (copy.deepcopy(config), pickled):
        assert again == config
        assert hash(again) == hash(config)


def test_an_unknown_field_in_code_gets_the_nearest_name():
    with pytest.raises(UsageError, match=r"no hyper-parameter 'wieght'\. Did you mean 'weight'"):
        Described(wieght=1.0)


class Bounded(Config):
    """Two fields of which one bounds the other."""

    low: float = 0.0
    high: float = 1.0

    def check(self):
        if self.low > self.high:
            raise UsageError(f"low is {self.low}, above high, {self.high}.")


def test_contradictory_fields_are_refused_from_code_texts_and_documents():
    assert Bounded(low=0.5).low == 0.5
    for make in (
        lambda: Bounded(low=2.0),
        lambda: Bounded.of_texts({"low": "2"}),
        lambda: Bounded.of_document({"low": 2.0}),
    ):
        with pytest.raises(UsageError, match=r"low is 2\.0, above high, 1\.0\."):
            make()


class OneChoice(LossMethod):
    """A method one of whose ranges holds one value."""

    class Config(LossMethod.Config):
        """Hyper-parameters."""

        is_fixed: Annotated[bool, Choice(False)] = False
        """Whether it is fixed."""

    def loss(self, batch):
        return {"zero": batch.images.sum() * 0.0}


def test_a_range_of_one_value_is_not_shown():
    from dgbench.registry import FoundMethod
    from dgbench.training.description import hyper_parameters

    *_, shown = hyper_parameters(FoundMethod("one", OneChoice, "", ""))
    assert shown == ("is_fixed", False, "", "Whether it is fixed.")
