"""A method says what strong regularisation is, and its runs remember."""

import pytest

from data_gen.foundation.errors import DGBenchError

ORDERED = """
regularisation = {order!r}

class Config(LossMethod.Config):
    margin: float = 2.0

def loss(self, batch):
    return {{"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}}
"""


def test_the_order_that_a_method_declares_is_in_its_records(request_for, method_file):
    from dgbench.training.plan import Plan
    from dgbench.training.runner import Runner

    name = method_file(ORDERED.format(order=("-margin", "weight_decay")))
    record = Runner(Plan(request_for(method=name, steps=2))).run(0)
    assert record.regularisation == ("-margin", "weight_decay")
    record = Runner(Plan(request_for(steps=2))).run(0)
    assert record.regularisation == ()


def test_an_order_by_an_unknown_hyper_parameter_is_refused(request_for, method_file):
    from dgbench.training.plan import Plan

    name = method_file(ORDERED.format(order=("-margn",)))
    with pytest.raises(DGBenchError, match=r"names 'margn'.*Did you mean 'margin'"):
        Plan(request_for(method=name))
