"""Methods train on the domain and the extra data that they ask for."""

import pytest

from data_gen.foundation.errors import UsageError
from dgbench.training.plan import Plan
from tests.dgbench.runs import run, weights_of


def test_development_domains_are_evaluated_on_request(request_for, benchmark):
    record = run(request_for(with_development=True, trial=3))
    assert record.trial == 3
    assert list(record.development) == benchmark.test_names
    for name, counts in record.development.items():
        assert counts.n == benchmark.size("validation")
        assert counts.data == benchmark.load(f"dev.{name}").record
        assert counts.data != record.domains[name].data


def test_balanced_validation_is_shown_once_at_the_end(request_for, method_file, benchmark):
    name = method_file(
        """
        uses = frozenset({"balanced_validation"})

        def __init__(self, task, config=None):
            super().__init__(task, config)
            self.register_buffer("seen", torch.zeros((), dtype=torch.long))

        def loss(self, batch):
            assert self.seen == 0
            return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}

        def finish(self, validation):
            self.seen += sum(len(batch) for batch in validation)
        """
    )
    request = request_for(method=name, batch_size=10)
    run(request)
    assert weights_of(request)["seen"] == benchmark.size("validation_balanced")


def test_a_method_for_environments_is_refused_without_environments(request_for, method_file):
    name = method_file(
        """
        uses = frozenset({"environments"})

        def loss(self, batch):
            mean = batch.environments.float().mean()
            return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels) + 0 * mean}
        """
    )
    with pytest.raises(UsageError, match=r"needs 2 or more .*has 1. .*rotated-mnist@1"):
        Plan(request_for(method=name))
    rotated = request_for(method=name, benchmark="rotated-mnist", sources=("mnist-5k",))
    assert set(run(rotated).domains) == {t.name for t in Plan(rotated).benchmark.spec.test_domains}


def test_an_oracle_learns_its_pattern_alone(request_for):
    request = request_for(train_domain="train.only.color", steps=150)
    record = run(request)
    accuracy = {name: c.correct / c.n for name, c in record.domains.items()}
    assert accuracy["only.color"] > 0.6
    assert accuracy["up.color"] < 0.2
    assert record.configuration.train_domain == "train.only.color"
