"""Every formula gives what classifiers deserve whose answers are counted over all draws."""

from fractions import Fraction
from functools import cache
from typing import NamedTuple

import pytest

from data_gen.spec import Spec
from data_gen.spec_files import find_spec
from dgbench.metrics.encoded import encoded_patterns
from dgbench.metrics.scores import scores
from dgbench.metrics.trusted import ideal_voter as bound
from dgbench.references import Oracle
from dgbench.results.record import DomainCounts, ProbeCounts
from tests.dgbench.records import DATA, made_reference
from tests.dgbench.voters import (
    PARTS,
    accuracy,
    ideal_voter,
    right_and_all,
    single_pattern_user,
    slow_accuracy,
    uniform_guesser,
    votes_in_conflict,
    weighted_voter,
)

HIDDEN = ["shape", "texture", "patch", "place", "pair"]
IDEAL = {2: 0.5, 3: 0.366667, 4: 0.315, 6: 0.2629}
"""T of an ideal voter, by the number of patterns, with 10 classes."""


class Trust(NamedTuple):
    """T of each hidden pattern and of the dominant one."""

    hidden: Fraction
    dominant: Fraction


WEIGHTED = {
    # The hidden one always outweighs the dominant one.
    2: Trust(Fraction(1), Fraction(0)),
    # Hidden ones that disagree cancel out, and the dominant one is as likely to side with either.
    # By itself it wins where both agree with it, or differ and one of them agrees: 0.01 + 0.18.
    3: Trust(Fraction(1, 2), Fraction(1, 10)),
    4: Trust(Fraction(11, 30), Fraction(4, 25)),
    6: Trust(Fraction(1431, 5000), Fraction(183, 1250)),
}
"""T of a weighted voter, by the number of patterns."""


def patterns(n):
    return ["color", *HIDDEN[: n - 1]]


@cache
def spec_of(n):
    """The first patterns of the ladder, tested in every way."""
    ladder = find_spec("mnist-ladder").model_dump(mode="json")
    names = patterns(n)
    return Spec.model_validate(
        ladder
        | {
            "patterns": [entry for entry in ladder["patterns"] if entry["name"] in names],
            "hidden": names[1:],
            "domains": ["id", "mp.*", "solo.*", "up.*", "only.*", "conflict"],
            "small_domains": [],
        }
    )


def measured(voter, reference=None):
    """All scores of a voter, from exact counts in every domain."""
    spec = spec_of(len(voter))
    counts = {}
    for test in spec.test_domains:
        states = dict(test.domain.changed)
        right, n_parts = (0, PARTS) if test.domain.is_conflict else right_and_all(voter, states)
        follows = votes_in_conflict(voter) if test.domain.is_conflict else {}
        counts[test.name] = DomainCounts(
            data=DATA, n=n_parts, correct=right, follows=follows, nll=None, brier=None
        )
    return scores(counts, spec, reference or made_reference(spec))


def only(names, pattern):
    return {other: "uncorrelated" for other in names if other != pattern}


def solo(names, pattern):
    return {other: "absent" for other in names if other != pattern}


def everywhere(names, value):
    return dict.fromkeys(names, pytest.approx(value))


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_an_ideal_voter_has_found_everything_and_trusts_as_far_as_the_bound_says(n):
    names = patterns(n)
    voter = measured(ideal_voter(names))
    assert voter.found == everywhere(names, 1)
    assert voter.trusted == everywhere(names, bound(n, 10))
    assert bound(n, 10) == pytest.approx(IDEAL[n], abs=5e-7)
    assert [voter.hps, voter.mp, voter.retention] == pytest.approx([1] * 3)
    # A vote against a single other one is a tie, a vote against several is lost.
    assert voter.up == pytest.approx(0.5 if n == 2 else 1)
    assert voter.reliance == everywhere(names, 1 / n)
    assert voter.effective_patterns == pytest.approx(n)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_a_user_of_one_pattern_has_found_and_trusts_that_one_alone(n):
    names = patterns(n)
    for used in names[:2]:
        user = measured(single_pattern_user(names, used))
        alone = {name: pytest.approx(float(name == used)) for name in names}
        assert user.found == user.trusted == user.reliance == alone
        is_hidden = used != "color"
        expected = [is_hidden / (n - 1), float(is_hidden), float(is_hidden)]
        assert [user.hps, user.up, user.mp] == pytest.approx(expected)
        assert user.retention == user.effective_patterns == pytest.approx(1)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_a_weighted_voter_has_found_everything_and_trusts_the_hidden_ones(n):
    names = patterns(n)
    voter = measured(weighted_voter(names, "color"))
    assert voter.found == everywhere(names, 1)
    trust = everywhere(names, float(WEIGHTED[n].hidden))
    assert voter.trusted == trust | everywhere(["color"], float(WEIGHTED[n].dominant))
    assert [voter.hps, voter.up, voter.mp, voter.retention] == pytest.approx([1] * 4)
    assert voter.reliance == everywhere(names, 1 / (n - 1)) | {"color": 0}
    assert voter.effective_patterns == pytest.approx(n - 1)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_a_guesser_has_found_and_trusts_nothing(n):
    names = patterns(n)
    guesser = measured(uniform_guesser(names))
    assert guesser.found == guesser.trusted == everywhere(names, 0)
    assert [guesser.hps, guesser.up, guesser.mp, guesser.retention] == pytest.approx([0] * 4)
    assert guesser.reliance == everywhere(names, 0.1)


def test_ceilings_set_the_scale_and_one_near_chance_takes_a_pattern_out():
    names, spec = patterns(3), spec_of(3)
    faint = Oracle(only=(0.15,), solo=dict.fromkeys(spec.solo_domains("shape"), (0.15,)))
    reference = made_reference(spec, (0.7, 0.8), shape=faint)
    voter = measured(weighted_voter(names, "color"), reference)
    expected = 0.9 / 0.65
    assert voter.found == everywhere(["color", "texture"], expected)
    assert voter.trusted.keys() == {"color", "texture"}
    assert voter.trusted["texture"] == pytest.approx(expected / 2)
    assert voter.hps == pytest.approx(expected)
    nothing = made_reference(spec, shape=faint, texture=faint)
    assert measured(weighted_voter(names, "color"), nothing).hps is None


def test_a_pattern_that_was_not_tested_has_no_score():
    names, spec = patterns(3), spec_of(3)
    user = single_pattern_user(names, "shape")
    reference = made_reference(spec)
    whole = measured(user, reference)
    counts = {
        name: DomainCounts(data=DATA, n=10, correct=5, follows={}, nll=None, brier=None)
        for name in whole.accuracy
    }
    missing = {"solo.shape.mean": "found", "up.color": "up", "mp.color.absent": "mp"}
    for domain in missing:
        rest = {name: split for name, split in counts.items() if name != domain}
        partly = scores(rest, spec, reference)
        assert (partly.hps is None) == ("shape" not in partly.found) == ("solo" in domain)
        assert (partly.up is None) == (domain == "up.color")
        assert (partly.mp is None) == (domain == "mp.color.absent")
        assert partly.trusted.keys() == set(names)


def test_encoded_comes_from_probes_on_the_scale_of_the_reference_values():
    spec = spec_of(2)
    oracle = Oracle(only=(1.0,), probe=(0.9, 0.7), untrained_probe=(0.2, 0.4))
    flat = Oracle(only=(1.0,), probe=(1.0, 1.0), untrained_probe=(0.95, 0.95))
    probes = dict.fromkeys(spec.entries, ProbeCounts(n=100, correct=55, correct_untrained=10))
    reference = made_reference(spec, shape=oracle, color=flat)
    assert encoded_patterns(probes, reference) == {"shape": pytest.approx(0.5)}
    assert encoded_patterns(probes, made_reference(spec)) == {}
    assert encoded_patterns({}, reference) == encoded_patterns(probes, None) == {}


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_fast_count_is_the_slow_one(n):
    names = patterns(n)
    for voter in (ideal_voter(names), weighted_voter(names, "color"), uniform_guesser(names)):
        for states in (only(names, "shape"), solo(names, "color"), {"color": "uncorrelated"}, {}):
            assert accuracy(voter, states) == slow_accuracy(voter, states)


def test_the_bound_is_what_voters_reach_with_any_number_of_classes():
    assert bound(1, 10) == 1
    for n in (2, 3, 4, 5):
        names = patterns(n)
        exact = Fraction(*right_and_all(ideal_voter(names), only(names, "shape")))
        assert bound(n, 10) == pytest.approx(float((exact - Fraction(1, 10)) / Fraction(9, 10)))
    # Two classes and three patterns: the label's vote loses only to both others.
    assert bound(3, 2) == pytest.approx((0.75 - 0.5) / 0.5)
