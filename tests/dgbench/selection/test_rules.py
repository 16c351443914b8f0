"""The rules choose what they say, see no test results, and mix no benchmarks."""

import pytest

from data_gen.foundation.errors import DGBenchError
from data_gen.spec_files import find_spec
from dgbench.selection.choice import Swept, choices
from dgbench.selection.rules import (
    are_siblings,
    constrained_id,
    fixed,
    id_val,
    leave_one_pattern_out,
    oracle,
    regularisation_order,
    same_trial,
    strength,
)
from dgbench.selection.trials import Trial, trials_of
from tests.dgbench.records import RECORD, REFERENCE, SPEC, configuration, counts, reference


def trial(number, accuracy, weight=0.0, *, is_complete=True, order=(), **others):
    return Trial(
        number=number,
        digest=f"digest-{number}",
        hyper_parameters={"learning_rate": 1e-3, "weight_decay": 0.0, "weight": weight, **others},
        order=order,
        is_complete=is_complete,
        validation=(accuracy - 0.001, accuracy + 0.001),
        development=({}, {}),
    )


TRIALS = [trial(0, 0.985, 0.1), trial(1, 0.99, 0.01), trial(2, 0.981, 3.0), trial(3, 0.9, 9.0)]


def number(chosen):
    return None if chosen is None else chosen.number


def test_fixed_takes_the_defaults_even_if_others_are_better():
    assert number(fixed(TRIALS)) == 0
    assert fixed(TRIALS[1:]) is None
    assert number(fixed([trial(0, 0.1, is_complete=False), trial(1, 0.9)])) == 0


def test_id_val_takes_the_best_in_the_training_domain_and_of_equals_the_first():
    assert number(id_val(TRIALS)) == 1
    assert number(id_val([trial(2, 0.9), trial(1, 0.9), trial(0, 0.8)])) == 1


def test_a_trial_that_lacks_a_seed_is_never_chosen_for_its_accuracy():
    trials = [trial(0, 0.9, 1.0), trial(1, 0.99, 9.0, is_complete=False)]
    assert number(id_val(trials)) == 0
    assert number(constrained_id(trials)) == 0
    assert id_val([trial(0, 0.9, is_complete=False)]) is None
    assert constrained_id([trial(0, 0.9, is_complete=False)]) is None


def test_constrained_id_takes_the_strongest_within_one_per_cent():
    assert number(constrained_id(TRIALS)) == 2
    assert number(constrained_id(TRIALS, epsilon=0.005)) == 0
    assert number(constrained_id(TRIALS, epsilon=0.0)) == 1
    assert number(constrained_id(TRIALS, epsilon=0.1)) == 3


def test_exactly_one_per_cent_below_is_within():
    assert number(constrained_id([trial(0, 0.99, 1.0), trial(1, 0.98, 2.0)])) == 1


def test_the_method_declares_which_trial_is_stronger():
    trials = [trial(0, 0.9, margin=9.0), trial(1, 0.9, margin=3.0), trial(2, 0.9, margin=5.0)]
    assert number(constrained_id(trials)) == 0
    declared = [
        trial(
            candidate.number, 0.9, order=("-margin",), margin=candidate.hyper_parameters["margin"]
        )
        for candidate in trials
    ]
    assert number(constrained_id(declared)) == 1


@pytest.mark.parametrize(
    ("hyper_parameters", "order"),
    [
        ({"weight_decay": 2, "share": 3, "weight": 4}, ("weight", "weight_decay")),
        ({"learning_rate": 1, "weight_decay": 2, "share": 3, "n": 4}, ("share", "weight_decay")),
        ({"learning_rate": 1, "weight_decay": 2}, ("weight_decay",)),
        ({}, ()),
    ],
)
def test_without_a_declared_order_the_methods_own_first_hyper_parameter_counts(
    hyper_parameters, order
):
    candidate = Trial(
        number=0,
        digest="",
        hyper_parameters=hyper_parameters,
        order=(),
        is_complete=True,
        validation=(1.0,),
        development=(),
    )
    assert regularisation_order(candidate) == order
    assert strength(candidate) == tuple(map(float, (hyper_parameters[name] for name in order)))


def test_values_that_are_not_numbers_give_no_order():
    with pytest.raises(DGBenchError, match=r"ordered by 'kind', which is 'soft'.*Declare"):
        strength(trial(0, 0.9, order=("kind",), kind="soft"))


def run(number, seed=0, *, right=990, shape=100, status="done", developed=True, **changes):
    """A run on mnist-color-5k, whose development counts are better the more `shape` is found."""
    development = counts(shape=shape)
    changes = {"hyper_parameters": {"weight": float(number)}, **changes}
    update = {
        "configuration": configuration(**changes),
        "trial": number,
        "seed": seed,
        "status": status,
        "validation": development["id"].model_copy(update={"correct": right}),
        "development": development if developed else {},
        "domains": counts(shape=1000 - shape),
    }
    return RECORD.model_copy(update=update)


def test_oracle_takes_the_best_on_development_domains():
    trials = trials_of([run(0, shape=300), run(1, shape=500), run(2, shape=400)])
    assert number(oracle(trials, SPEC, REFERENCE)) == 1
    assert oracle(trials_of([run(0, developed=False)]), SPEC, REFERENCE) is None


def test_a_trial_is_complete_with_every_seed_of_the_sweep():
    trials = trials_of([run(0, 0), run(0, 1), run(1, 0), run(2, 0), run(2, 1, status="diverged")])
    assert [trial.is_complete for trial in trials] == [True, False, False]


def test_runs_outside_a_sweep_are_not_trials():
    assert trials_of([run(0).model_copy(update={"trial": None})]) == []


class Untouchable(dict):
    """Test results that nobody may look at."""

    def __getattribute__(self, name):
        raise AssertionError("A rule has looked at test results.")


RULES = ["fixed", "id-val", "constrained-id", "oracle"]
SWEEP = [run(n, seed, right=990 - n, shape=100 * n) for n in range(4) for seed in (0, 1)]


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_sees_test_results(rule):
    """Records whose test results raise, are gone or are turned round give the same choice."""
    forms = [
        SWEEP,
        [record.model_copy(update={"domains": Untouchable()}) for record in SWEEP],
        [record.model_copy(update={"domains": {}, "predictions_digest": None}) for record in SWEEP],
        [record.model_copy(update={"domains": record.development}) for record in SWEEP],
    ]
    choices_by_method = [choices(rule, Swept(records, SPEC, REFERENCE)) for records in forms]
    chosen = [next(iter(by_method.values())).chosen.number for by_method in choices_by_method]
    assert len(set(chosen)) == 1


@pytest.mark.parametrize("rule", RULES[:3])
def test_development_domains_do_not_reach_rules_that_may_not_read_them(rule):
    others = [
        [record.model_copy(update={"development": {}}) for record in SWEEP],
        [
            record.model_copy(update={"development": counts(shape=900 - 300 * record.trial)})
            for record in SWEEP
        ],
    ]
    choices_by_method = [
        choices(rule, Swept(records, SPEC, REFERENCE)) for records in (SWEEP, *others)
    ]
    numbers = {next(iter(by_method.values())).chosen.number for by_method in choices_by_method}
    assert len(numbers) == 1


def test_the_rules_differ_on_one_sweep():
    chosen = {
        rule: next(iter(choices(rule, Swept(SWEEP, SPEC, REFERENCE)).values())).chosen.number
        for rule in RULES
    }
    assert chosen == {"fixed": 0, "id-val": 0, "constrained-id": 3, "oracle": 3}


def test_every_method_has_a_choice_of_its_own():
    other = [
        record.model_copy(update={"configuration": configuration("other")})
        for record in SWEEP
        if record.trial == 0
    ]
    by_method = choices("id-val", Swept([*SWEEP, *other], SPEC, REFERENCE))
    assert [choice.n_trials for choice in by_method.values()] == [4, 1]


def test_a_choice_that_cannot_be_made_says_why():
    failed = [run(0, status="diverged"), run(1, status="failed")]
    (choice,) = choices("id-val", Swept(failed, SPEC, REFERENCE)).values()
    assert (choice.chosen, choice.reason) == (None, "no trial is done with every seed")
    (choice,) = choices("leave-one-pattern-out", Swept(SWEEP, SPEC, REFERENCE)).values()
    assert choice.reason == "no sibling benchmark has development scores of the same trials"


def test_siblings_hide_their_patterns_behind_others():
    color, swap, fashion, texture, environments = map(
        find_spec,
        ("mnist-color", "mnist-color-swap", "fashion-color", "mnist-texture", "colored-mnist"),
    )
    assert are_siblings(color, swap)
    assert are_siblings(color, texture)
    assert not are_siblings(color, fashion)
    assert not are_siblings(color, environments)


def test_leave_one_pattern_out_takes_the_best_trial_of_the_siblings():
    scores = {
        same_trial(candidate): score
        for candidate, score in zip(TRIALS, (0.1, 0.2, 0.3, 0.9), strict=True)
    }
    assert number(leave_one_pattern_out(TRIALS, [scores])) == 3
    other = {same_trial(TRIALS[0]): 0.9, same_trial(TRIALS[2]): 0.1}
    assert number(leave_one_pattern_out(TRIALS, [scores, other])) == 0
    assert leave_one_pattern_out(TRIALS, []) is None


def test_leave_one_pattern_out_reads_siblings_only():
    swap = find_spec("mnist-color-swap")
    sibling = [
        run(n, right=990, shape=100).model_copy(
            update={
                "development": {
                    test.name: next(iter(counts().values())).model_copy(
                        update={"correct": 900 if "mp.shape" in test.name and n == 2 else 100}
                    )
                    for test in swap.test_domains
                }
            }
        )
        for n in range(4)
    ]
    here = Swept(SWEEP, SPEC, REFERENCE)
    there = Swept(sibling, swap, reference("mnist-color-swap")[1])
    (choice,) = choices("leave-one-pattern-out", here, [here, there]).values()
    assert choice.chosen.number == 2
