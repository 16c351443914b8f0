"""Names of domains mean states, and the same states are the same domain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_gen.domain import Domain, expand, parse_domain
from data_gen.foundation.errors import UsageError

ALL = frozenset({"mean", "neutral", "absent"})
THREE = {"shape": frozenset({"mean"}), "color": ALL, "frame": ALL}


def states(name, patterns=THREE):
    domain = parse_domain(name, patterns=patterns)
    return [domain.state(pattern) for pattern in patterns]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("id", ["kept", "kept", "kept"]),
        ("mp.color.mean", ["kept", "mean", "kept"]),
        ("solo.shape.neutral", ["kept", "neutral", "neutral"]),
        ("solo.color.mean", ["mean", "kept", "mean"]),
        ("up.color", ["kept", "uncorrelated", "kept"]),
        ("cp.shape", ["conflicting", "kept", "kept"]),
        ("only.color", ["uncorrelated", "kept", "uncorrelated"]),
        ("none", ["uncorrelated", "uncorrelated", "uncorrelated"]),
        ("f.101", ["kept", "uncorrelated", "kept"]),
    ],
)
def test_a_domain_name_gives_the_states_of_its_patterns(name, expected):
    assert states(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("", "ID", "up", "up.texture", "mp.color", "mp.color.grey", "mp.shape.absent"),
        *(
            "f.10",
            "f.102",
            "only.color.x",
            "solo.color",
            "solo.x.mean",
            "conflict.color",
            "env.e90",
            "up.*",
        ),
    ],
)
def test_other_names_are_refused(name):
    with pytest.raises(UsageError, match="names no domain"):
        parse_domain(name, patterns=THREE)


@pytest.mark.parametrize("rendering", ["mean", "neutral", "absent"])
def test_with_two_patterns_solo_is_the_other_one_missing(rendering):
    two = {"shape": ALL, "color": ALL}
    solo, missing = f"solo.shape.{rendering}", f"mp.color.{rendering}"
    assert parse_domain(solo, patterns=two) == parse_domain(missing, patterns=two)


def test_a_pattern_that_does_not_allow_a_rendering_of_solo_is_named():
    with pytest.raises(UsageError, match="the patterns allow; 'shape' is never 'absent'"):
        parse_domain("solo.color.absent", patterns=THREE)


def test_solo_has_the_renderings_that_all_others_allow():
    assert list(expand("solo.shape.*", patterns=THREE)) == [
        "solo.shape.mean",
        "solo.shape.neutral",
        "solo.shape.absent",
    ]
    assert list(expand("solo.color.*", patterns=THREE)) == ["solo.color.mean"]


def test_a_pattern_whose_others_share_no_rendering_is_named():
    patterns = THREE | {"frame": frozenset({"neutral"})}
    for family in ("solo.*", "solo.color.*"):
        with pytest.raises(UsageError, match="the patterns other than 'color' have no rendering"):
            list(expand(family, patterns=patterns))
    with pytest.raises(UsageError, match="other than 'shape'"):
        list(expand("solo.*", patterns={"shape": ALL}))


def test_with_two_patterns_up_and_only_are_the_same_domain():
    two = {"shape": ALL, "color": ALL}
    assert parse_domain("up.color", patterns=two) == parse_domain("only.shape", patterns=two)
    assert parse_domain("up.color", patterns=two) == parse_domain("f.10", patterns=two)


def test_the_key_of_a_domain_does_not_change_when_a_pattern_is_added():
    fewer = {"shape": ALL, "color": ALL}
    for name in ("id", "up.color", "mp.color.mean", "conflict"):
        wide, narrow = (parse_domain(name, patterns=p) for p in (THREE, fewer))
        assert wide.key == narrow.key


@given(st.permutations(list(THREE)))
def test_the_order_of_the_patterns_does_not_matter_to_a_domain(order):
    shuffled = {pattern: THREE[pattern] for pattern in order}
    for name in ("only.color", "none", "up.shape"):
        assert parse_domain(name, patterns=shuffled) == parse_domain(name, patterns=THREE)


def test_families_expand_to_valid_names():
    families = ["mp.*", "mp.color.*", "solo.*", "up.*", "only.*", "cp.*", "f.*", "id"]
    names = [name for family in families for name in expand(family, patterns=THREE)]
    assert len(names) == 7 + 3 + 5 + 3 + 3 + 3 + 8 + 1
    assert all(isinstance(parse_domain(name, patterns=THREE), Domain) for name in names)


def test_the_whole_factorial_holds_id_up_only_and_none():
    factorial = {parse_domain(n, patterns=THREE) for n in expand("f.*", patterns=THREE)}
    named = ["id", "none", *expand("up.*", patterns=THREE), *expand("only.*", patterns=THREE)]
    assert {parse_domain(name, patterns=THREE) for name in named} <= factorial
