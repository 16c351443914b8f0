"""Shared fixtures: a benchmark that needs no files, and short runs on it."""

import textwrap
from dataclasses import replace

import pytest

BENCHMARK = "mnist-color-5k"


@pytest.fixture(scope="session")
def benchmark():
    """mnist-color-5k, rendered."""
    from dgbench.benchmarks import open_benchmark

    return open_benchmark(BENCHMARK)


@pytest.fixture
def request_for(tmp_path):
    """Makes requests for short runs below tmp_path."""
    from dgbench.training.plan import Request

    short = Request(
        method="erm",
        benchmark=BENCHMARK,
        steps=12,
        batch_size=32,
        accelerator="cpu",
        checkpoint_every=5,
        out=tmp_path / "runs",
        with_energy=False,
        with_probes=False,
    )
    return lambda **changes: replace(short, **changes)


@pytest.fixture
def method_file(tmp_path):
    """Writes a method into a file of its own and returns its name for any command."""

    def write(body, *, name="Mine", base="LossMethod", head=""):
        path = tmp_path / f"{name.lower()}.py"
        text = (
            "import torch\n"
            "import torch.nn.functional as F\n"
            "from typing import Annotated\n"
            "from lightning.pytorch import LightningModule\n"
            "from dgbench.api import *\n"
            f"{textwrap.dedent(head)}\n"
            f"class {name}({base}):\n"
            '    """A method for a test."""\n'
            f"{textwrap.indent(textwrap.dedent(body), '    ')}\n"
        )
        path.write_text(text)
        return f"{path}:{name}"

    return write


CROSS_ENTROPY = """
def loss(self, batch):
    return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}
"""


@pytest.fixture
def cross_entropy():
    """The body of a method that is ERM."""
    return CROSS_ENTROPY
