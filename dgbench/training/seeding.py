"""Randomness that depends on the run and the step, never on earlier draws."""

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def seed_all(*key: object) -> None:
    """Seed every generator that a method might use with a key, such as a run and its step."""
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
    """Restore the caller's random state after a block."""
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
def torch_threads(n_threads: int | None) -> Iterator[None]:
    """Let torch use some number of CPU threads within a block, or as many as before for None."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
