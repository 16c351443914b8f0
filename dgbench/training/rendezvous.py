"""The place of a process among those of its run, and the local port at which they meet.

dgbench starts the processes of a run itself. What a cluster or a launcher says in environment
variables about ranks, nodes and addresses concerns the job around it, never the run.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lightning.fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning.pytorch.utilities import rank_zero_only
from typing_extensions import override

_HOST = "127.0.0.1"
_LAUNCHERS = ("TORCHELASTIC_",)
"""Prefixes of variables by which torch believes that a launcher keeps its meeting point."""
_DEFAULTS = ("PL_TRAINER_", "PL_GLOBAL_SEED")
"""Prefixes of variables from which Lightning fills in what its Trainer is not told."""


@dataclass(frozen=True)
class ProcessRank:
    """Which of the processes of a run this one is."""

    rank: int = 0
    world_size: int = 1
    port: int = 0
    """Where the processes meet, if there are several."""

    @property
    def is_first(self) -> bool:
        """Whether this process writes the run folder."""
        return self.rank == 0


class OwnProcesses(ClusterEnvironment):
    """Tells Lightning the ranks that dgbench has given its processes, whatever is set around it."""

    def __init__(self, rank: ProcessRank) -> None:
        self._rank = rank
        # Lightning has set it when it was imported, from the variables of any cluster. It is an
        # attribute of a function, which types do not know.
        rank_zero_only.rank = rank.rank  # type: ignore[attr-defined]

    @property
    @override
    def creates_processes_externally(self) -> bool:
        return True

    @property
    @override
    def main_address(self) -> str:
        return _HOST

    @property
    @override
    def main_port(self) -> int:
        return self._rank.port

    @staticmethod
    @override
    def detect() -> bool:
        return False

    @override
    def world_size(self) -> int:
        return self._rank.world_size

    @override
    def set_world_size(self, size: int) -> None:
        _expect("processes", size, self._rank.world_size)

    @override
    def global_rank(self) -> int:
        return self._rank.rank

    @override
    def set_global_rank(self, rank: int) -> None:
        _expect("rank", rank, self._rank.rank)

    @override
    def local_rank(self) -> int:
        return self._rank.rank

    @override
    def node_rank(self) -> int:
        return 0


def _expect(what: str, given: int, own: int) -> None:
    if given != own:
        raise ValueError(f"Lightning computed {what} {given}, but dgbench has set {own}.")


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        return int(listener.getsockname()[1])


@contextmanager
def own_variables() -> Iterator[None]:
    """Hide from torch and Lightning the variables that would decide in dgbench's place."""
    hidden = {
        name: os.environ.pop(name)
        for name in list(os.environ)
        if name.startswith((*_LAUNCHERS, *_DEFAULTS))
    }
    try:
        yield
    finally:
        os.environ.update(hidden)
