"""Claims that do not hold while the shape checker is at work (see the Makefile)."""

import random
import signal
import warnings

import numpy as np
import pytest
import torch

from dgbench.api import Paper, UsageError
from dgbench.training.plan import Request
from tests.dgbench.runs import run


def test_the_callers_random_state_and_settings_are_left_alone(tmp_path):
    """The checker itself draws from Python's random numbers."""
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    expected = random.getrandbits(9), np.random.rand(), torch.rand(1).item()
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    handler = signal.getsignal(signal.SIGINT)
    filters = list(warnings.filters)
    run(
        Request(
            method="erm",
            benchmark="mnist-color-5k",
            steps=12,
            batch_size=32,
            accelerator="cpu",
            checkpoint_every=5,
            out=tmp_path / "runs",
            with_energy=False,
            with_probes=False,
        )
    )
    assert (random.getrandbits(9), np.random.rand(), torch.rand(1).item()) == expected
    assert not torch.are_deterministic_algorithms_enabled()
    assert signal.getsignal(signal.SIGINT) is handler
    assert warnings.filters == filters


def test_a_string_of_authors_is_refused_in_a_sentence():
    """The checker refuses it first."""
    with pytest.raises(UsageError, match=r"authors is 'A\. First'\. Write a tuple of names"):
        Paper(title="Title", authors="A. First")
