"""Every check of the conformance suite passes a sound method and catches a broken one."""

import pytest

from dgbench.checks import ConformanceError, assert_conforms
from dgbench.checks.errors import NotApplicable
from dgbench.checks.lab import Subject
from dgbench.checks.suite import CHECKS, check_method
from dgbench.checks.two_processes import expect_same_step, weights_after_one_step

pytestmark = pytest.mark.usefixtures("forked")

BY_NAME = {check.__name__.removeprefix("check_"): check for check in CHECKS}

CE = "F.cross_entropy(self(batch.images), batch.labels)"
LOSS = f"""
def loss(self, batch):
    return {{"cross_entropy": {CE}}}
"""


def run(name, subject):
    BY_NAME[name](Subject(subject))


def test_erm_passes_every_check_that_applies():
    outcomes = {outcome.check: outcome for outcome in check_method("erm")}
    assert len(outcomes) == len(CHECKS)
    assert outcomes.pop("is not erm").status == "not applicable"
    assert {outcome.status for outcome in outcomes.values()} == {"passed"}


BROKEN = {
    "card": ("uses = frozenset(['enviroments'])" + LOSS, "environments"),
    "hyper_parameters": (
        """
        class Config(LossMethod.Config):
            def document(self):
                return {**super().document(), "weight_decay": 0.5}
        """
        + LOSS,
        "through JSON",
    ),
    "logits": (
        LOSS + "def forward(self, x):\n    return self.features(x)",
        "expected \\(16, 10\\)",
    ),
    "features": (LOSS + "def features(self, x):\n    return x", "Flatten what the network returns"),
    "devices": (
        LOSS
        + """
def forward(self, x):
    return super().forward(x) + torch.zeros(10)
""",
        "self.register_buffer",
    ),
    "uses": (
        f"""
        def loss(self, batch):
            batch.pattern_labels
            return {{"cross_entropy": {CE}}}
        """,
        "asked for 'pattern_labels' and does not declare it",
    ),
    "moves": (
        """
        def loss(self, batch):
            return {"nothing": 0 * self.head.weight.sum()}
        """,
        "No weight has moved",
    ),
    "learns": (
        f"""
        def loss(self, batch):
            return {{"cross_entropy": -0.01 * {CE}}}
        """,
        "expected a fall of a tenth",
    ),
    "determinism": (
        f"""
        n_made = 0

        def __init__(self, task, config=None):
            super().__init__(task, config)
            type(self).n_made += 1
            self.factor = type(self).n_made

        def loss(self, batch):
            return {{"cross_entropy": self.factor * {CE}.square()}}
        """,
        "Two trainings under the same seed differ",
    ),
    "state_dict": (
        f"""
        def __init__(self, task, config=None):
            super().__init__(task, config)
            self.shift = torch.rand(10)

        def forward(self, x):
            return super().forward(x) + self.shift.to(x.device)

        def loss(self, batch):
            return {{"cross_entropy": {CE}}}
        """,
        "Register what predictions need",
    ),
    "resume": (
        f"""
        n_seen = 0

        def loss(self, batch):
            self.n_seen += 1
            return {{"cross_entropy": self.n_seen * {CE}.square()}}
        """,
        "stopped and resumed differs",
    ),
    "two_processes": (
        """
        batch_semantics = "global"

        def loss(self, batch):
            z = self.features(batch.images)
            return {"spread": 10 * (z @ z.T).square().mean(),
                    "cross_entropy": F.cross_entropy(self.head(z), batch.labels)}
        """,
        "must gather them",
    ),
    "is_not_erm": (
        """
        class Config(LossMethod.Config):
            weight: float = 0.0
        """
        + LOSS,
        "those of ERM, bit for bit",
    ),
}


@pytest.mark.parametrize(
    ("fact", "named"),
    [
        ("PAPER = Paper(title='T')\npaper = PAPER", "`paper` cannot be read without running"),
        ("paradigm = str('spiking')", "`paradigm` cannot be read without running"),
        ("is_yardstick = not False", "`is_yardstick` cannot be read without running"),
        ("uses_backbone = not True", "`uses_backbone` cannot be read without running"),
    ],
)
def test_a_fact_that_is_not_a_literal_is_caught(fact, named, method_file):
    name = method_file(fact + LOSS, head="from dgbench.api import Paper")
    with pytest.raises(ConformanceError, match=named):
        run("card", name)


def test_every_check_has_a_broken_specimen():
    assert set(BROKEN) == set(BY_NAME)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_method_is_caught(name, method_file):
    import textwrap

    body, message = BROKEN[name]
    parts = body.split(LOSS)
    text = LOSS.join(textwrap.dedent(part) for part in parts)
    with pytest.raises(Exception, match=message) as caught:
        run(name, method_file(text))
    assert not isinstance(caught.value, NotApplicable)


def test_a_method_without_docstring_is_caught(tmp_path):
    path = tmp_path / "silent.py"
    path.write_text("from dgbench.api import *\nclass Silent(LossMethod):\n    loss = None\n")
    with pytest.raises(ConformanceError, match="has no docstring"):
        run("card", f"{path}:Silent")


def test_a_prediction_that_depends_on_other_images_is_caught(method_file):
    body = LOSS + "def forward(self, x):\n    y = super().forward(x)\n    return y - y.mean(0)"
    with pytest.raises(ConformanceError, match="may not depend on other test images"):
        run("logits", method_file(body))
    honest = method_file('uses = frozenset({"test_time"})\n' + body, name="Honest")
    run("logits", honest)


def test_a_prediction_that_is_random_is_caught(method_file):
    body = LOSS + "def forward(self, x):\n    return super().forward(x) + torch.rand(10)"
    with pytest.raises(ConformanceError, match="In eval mode nothing may be random"):
        run("logits", method_file(body))


GATHERS = """
batch_semantics = "global"

def loss(self, batch):
    z = self.features(batch.images)
    both = self.gather(z)
    return {"spread": 10 * (both @ both.T).square().mean(),
            "cross_entropy": F.cross_entropy(self.head(z), batch.labels)}
"""


AUGMENTS = (
    LOSS
    + """
def augment(self, batch):
    return batch.with_images(batch.images * batch.uniform("light")[:, :, None, None])
"""
)


def test_gathering_and_numbers_keyed_by_image_pass_in_two_processes(method_file):
    """Both methods share two processes, since starting these takes longest."""
    names = [method_file(GATHERS, name="Gathers"), method_file(AUGMENTS, name="Augments")]
    weights = weights_after_one_step(names)
    for name in names:
        expect_same_step(Subject(name), weights[name])


def test_two_processes_do_not_apply_to_statistics_of_one_device(method_file):
    normalised = """
    def __init__(self, task, config=None):
        super().__init__(task, config)
        self.norm = torch.nn.BatchNorm1d(task.n_features)
    """
    import textwrap

    with pytest.raises(NotApplicable, match="batch normalisation"):
        run("two_processes", method_file(textwrap.dedent(normalised) + LOSS))
    with pytest.raises(NotApplicable, match="declares"):
        run("two_processes", method_file('batch_semantics = "local"\n' + LOSS, name="Local"))


def test_all_failures_are_reported_together(method_file):
    broken = method_file("def loss(self, batch):\n    return {'a': torch.zeros(2)}")
    with pytest.raises(ConformanceError, match=r"fails .* check") as caught:
        assert_conforms(broken)
    assert "moves: Mine.loss()['a'] has shape (2,)" in str(caught.value)


def test_a_method_that_steps_by_hand_passes(method_file):
    name = method_file(
        """
        def __init__(self, task, config=None):
            super().__init__(task, config)
            self.automatic_optimization = False

        def configure_optimizers(self):
            return [torch.optim.Adam(self.network.parameters(), 1e-3),
                    torch.optim.Adam(self.head.parameters(), 1e-3)]

        def training_step(self, batch, batch_idx):
            for optimizer in self.optimizers():
                loss = F.cross_entropy(self(batch.images), batch.labels)
                optimizer.zero_grad()
                self.manual_backward(loss)
                optimizer.step()
            return loss
        """,
        base="Method",
    )
    assert_conforms(name)
