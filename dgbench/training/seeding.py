"""Randomness that depends on the run and the step, never on what happened before."""

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def seed_all(*key: object) -> None:
    """Seed every generator that a method might use, from what identifies the moment."""
    text = "|".join(map(str, key))
    word = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    # Not torch.manual_seed: before the first use of a GPU it keeps a stack trace of every call.
    torch.default_generator.manual_seed(word >> 1)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.manual_seed_all(word >> 1)
    random.seed(word)
    np.random.seed(word & 0xFFFFFFFF)  # foreign methods may use it


@contextmanager
def isolated() -> Iterator[None]:
    """Give the caller its random state back afterwards."""
    state, numpy_state = random.getstate(), np.random.get_state()
    is_cuda = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = range(torch.cuda.device_count() if is_cuda else 0)
    with torch.random.fork_rng(devices=list(devices)):
        try:
            yield
        finally:
            random.setstate(state)
            np.random.set_state(numpy_state)


@contextmanager
def torch_threads(wanted: int | None) -> Iterator[None]:
    """Let torch use so many CPU threads, and as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(wanted or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
