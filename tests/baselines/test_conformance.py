"""Every method conforms, and those that compare samples do so across processes."""

import pytest

from dgbench.checks import check_method
from dgbench.checks.errors import ConformanceError
from dgbench.checks.lab import Subject
from dgbench.checks.two_processes import expect_same_step, weights_after_one_step
from dgbench.registry import method_cards

pytestmark = pytest.mark.usefixtures("forked")

NAMES = [card.name for card in method_cards() if card.owner == "dgbench"]


def test_methods_that_compare_samples_step_alike_in_two_processes():
    names = [name for name in NAMES if Subject(name).found.cls.batch_semantics == "global"]
    assert {"prcl", "supcon", "coral", "mixup", "lff"} <= set(names)
    weights = weights_after_one_step(names)
    for name in names:
        expect_same_step(Subject(name), weights[name])


def test_the_step_of_another_method_is_refused():
    weights = weights_after_one_step(["l-spread"])
    with pytest.raises(ConformanceError, match="another gradient"):
        expect_same_step(Subject("supcon"), weights["l-spread"])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_baseline_conforms(name):
    assert [outcome for outcome in check_method(name) if outcome.status == "failed"] == []
