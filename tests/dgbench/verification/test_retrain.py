"""The real thing: methods trained anew in their sandbox, honest, fabricated and hostile ones."""

import hashlib
import textwrap

import numpy as np
import pytest

from data_gen.foundation.errors import DGBenchError
from dgbench.registry import installed_method
from dgbench.verification import verify
from dgbench.verification.commitment import FreshPair
from dgbench.verification.limits import GIB, Limits
from dgbench.verification.retrain import Machine
from dgbench.verification.sandbox import Sandbox
from dgbench.verification.signatures import load_key, sign
from dgbench.verification.verify import Request, Verification
from tests.dgbench.submission.making import BENCHMARK
from tests.dgbench.verification.bundles import SEEDS, bundle_of, guesses
from tests.dgbench.verification.trainings import COMMITMENT

pytestmark = pytest.mark.slow

STEPS = 100
PAIRS = (FreshPair(11, 21), FreshPair(12, 22), FreshPair(13, 23))
HOSTILE = """
import os, pathlib, socket
from dgbench.api import LossMethod

class Hostile(LossMethod):
    "Tries what a method should not do, and tells how that went."

    def loss(self, batch):
        tried = {
            "network": lambda: socket.create_connection(("127.0.0.1", PORT), 5),
            "outside": lambda: pathlib.Path(OUTSIDE).write_text("x"),
            "secret": lambda: pathlib.Path(SECRET).read_text(),
            "token": lambda: os.environ["DGBENCH_TOKEN"],
        }
        done = []
        for name, attempt in tried.items():
            try:
                attempt()
            except Exception:  # whatever stopped it
                continue
            done.append(name)
        raise RuntimeError(f"managed: {','.join(done) or 'nothing'}")
"""
GREEDY = """
import torch
from dgbench.api import LossMethod

class Greedy(LossMethod):
    "Keeps more and more."

    def loss(self, batch):
        kept = []
        while True:
            kept.append(torch.ones(2**24))
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The claims of a short honest training of three seeds, as parts of a manifest."""
    from dgbench.results.predictions import read_predictions
    from dgbench.submission.answer_key.answers import answers_of
    from dgbench.training.plan import Plan, Request
    from dgbench.training.runner import Runner

    plan = Plan(
        Request(
            method="erm",
            benchmark=BENCHMARK,
            steps=STEPS,
            threads=1,
            accelerator="cpu",
            out=tmp_path_factory.mktemp("runs"),
            with_energy=False,
            with_probes=False,
            with_probabilities=False,
        )
    )
    runner = Runner(plan)
    records = [runner.run(seed) for seed in SEEDS]
    pred = []
    for seed in SEEDS:
        path = plan.folder(seed) / "predictions.parquet"
        by_domain = {predicted.domain: predicted for predicted in read_predictions(path)}
        pred.append(
            np.concatenate([by_domain[name].pred for name in answers_of(BENCHMARK).domains])
        )
    record = records[0]
    return np.stack(pred).astype(np.uint8), {
        "method": {"name": "erm", "source_digest": installed_method("erm").source_digest},
        "configuration": {
            "hyper_parameters": record.configuration.hyper_parameters,
            "steps": STEPS,
            "batch_size": record.configuration.batch_size,
        },
        "hardware": record.hardware.model_dump(mode="json"),
        "packages": record.packages,
    }


@pytest.fixture(autouse=True)
def same_pairs(monkeypatch):
    """The same fresh data each time the tests run: one honest claim in twenty fails by chance."""
    monkeypatch.setattr(verify, "fresh_pairs", lambda *_, **__: PAIRS)


def record_of(data, level, **asked):
    return Verification(data, Request(level=level, **asked)).run(COMMITMENT)


def test_an_honest_claim_passes_both_levels(trained, tmp_path):
    pred, manifest = trained
    data = bundle_of(pred, **manifest)
    replay = record_of(data, "replay")
    assert replay.replay.differing == ()
    assert replay.replay.claimed_digest == replay.replay.reproduced_digest
    fresh = record_of(data, "fresh-seed")
    assert fresh.passed, fresh.summary
    assert [(run.generator_seed, run.seed) for run in fresh.fresh.runs] == list(map(tuple, PAIRS))
    # The training read the data that its generator seed makes: chance is left far behind.
    assert all(run.scores.accuracy["id"] > 0.8 for run in fresh.fresh.runs)
    assert sign(fresh, load_key(tmp_path / "key.pem")).signature


def test_a_fabricated_claim_fails_both_levels(trained):
    _, manifest = trained
    data = bundle_of(np.stack([guesses(0.995, seed) for seed in SEEDS]), **manifest)
    replay = record_of(data, "replay", seed=1)
    assert replay.verdict == "failed"
    assert replay.replay.total_agreement < 0.9
    fresh = record_of(data, "fresh-seed")
    assert fresh.verdict == "failed", fresh.summary
    assert fresh.fresh.reproduced.headline < fresh.fresh.low < fresh.fresh.claimed.headline


def test_a_method_can_only_do_what_is_allowed(trained, tmp_path, monkeypatch):
    import socket

    monkeypatch.setenv("DGBENCH_TOKEN", "secret")
    (tmp_path / "secret").write_text("key")
    pred, manifest = trained
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = HOSTILE.replace("PORT", str(server.getsockname()[1]))
        code = code.replace("OUTSIDE", repr(str(tmp_path / "evil")))
        code = code.replace("SECRET", repr(str(tmp_path / "secret")))
        with pytest.raises(DGBenchError, match="managed: ") as caught:
            record_of(*of_file(tmp_path, code, pred, manifest), method=f"{tmp_path}/m.py:Hostile")
    managed = str(caught.value).rpartition("managed: ")[2]
    with Sandbox(Limits()) as sandbox:
        enforced = {measure.name: measure.enforced for measure in sandbox.measures()}
    assert ("network" in managed) != enforced["network"]
    assert ("outside" in managed) != enforced["files"]
    assert ("secret" in managed) != enforced["files"]
    assert (tmp_path / "evil").exists() != enforced["files"]
    assert "token" not in managed


def test_a_method_that_eats_memory_is_stopped(trained, tmp_path):
    pred, manifest = trained
    machine = Machine(limits=Limits(memory=3 * GIB, address_space=None))
    with pytest.raises(DGBenchError, match="was stopped: it took over 3 GiB of memory"):
        record_of(
            *of_file(tmp_path, GREEDY, pred, manifest),
            method=f"{tmp_path}/m.py:Greedy",
            machine=machine,
        )


def of_file(folder, code, pred, manifest):
    """A bundle that claims to be made by a file's method, and the level to verify it to."""
    file = folder / "m.py"
    file.write_text(textwrap.dedent(code))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    configuration = {**manifest["configuration"], "hyper_parameters": {}}
    method = {"name": "m", "source_digest": digest}
    return bundle_of(
        pred, **{**manifest, "method": method, "configuration": configuration}
    ), "replay"
