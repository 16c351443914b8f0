"""Numbers have the digits and units in which people read them."""

import pytest

from dgbench.standings.number_format import (
    count,
    digits,
    duration,
    energy,
    interval,
    percent,
    ranks,
    retention,
    shown,
)


@pytest.mark.parametrize(
    ("show", "value", "text"),
    [
        (digits(2), -0.001, "0.00"),
        (digits(2), -0.013, "-0.01"),
        (digits(3), 0.6213, "0.621"),
        (digits(1, factor=100), 0.0989, "9.9"),
        (percent, 0.9996, "100.0 %"),
        (percent, -0.0001, "0.0 %"),
        (retention(), 0.95, "0.95"),
        (retention(), 0.9499, "0.95*"),
        (retention(3), 0.7, "0.700*"),
        (duration, 62.4, "62 s"),
        (duration, 152, "2.5 min"),
        (duration, 7300, "2.0 h"),
        (count, 912, "912"),
        (count, 107_432, "107 k"),
        (count, 11_180_000, "11.2 M"),
        (energy, 0.0032, "3.2 Wh"),
        (energy, 1.5, "1.50 kWh"),
    ],
)
def test_numbers_have_the_digits_and_units_that_people_read(show, value, text):
    assert show(value) == text


def test_all_missing_values_have_one_sign():
    assert shown(None, digits(2)) == shown("") == "-"
    assert shown(0, digits(2)) == "0.00"


def test_an_interval_needs_both_ends():
    assert interval(0.5, 0.7412) == "0.50 to 0.74"
    assert interval(None, 0.7) == ""
    assert interval(0.111, 0.222, factor=100, places=1) == "11.1 to 22.2"


def test_a_rank_that_is_certain_is_one_number():
    assert ranks(1, 3) == "1 to 3"
    assert ranks(2, 2) == "2"
    assert ranks(None, None) == ""
