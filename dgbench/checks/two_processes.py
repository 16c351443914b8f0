"""One step of methods in two processes that share a batch, on this machine's CPU."""

import multiprocessing
import os
import socket
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

import torch
from torch import Tensor

from dgbench.checks.lab import Subject, with_sgd

Weights = dict[str, Tensor]


def weights_after_one_step(names: Sequence[str]) -> dict[str, Weights | str]:
    """The weights after one step of SGD in which two processes share the batch.

    By method, all in one process group; a text says what went wrong.
    """
    context = multiprocessing.get_context("spawn")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    ends, processes = [], []
    for rank in range(2):
        receive, send = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(names, rank, port, send), daemon=True)
        process.start()
        send.close()
        ends.append(receive)
        processes.append(process)
    weights: dict[str, Weights | str] = {}
    try:
        for name in names:
            both = [_received(end) for end in ends]
            problems = [found for found in both if isinstance(found, str)]
            weights[name] = problems[0] if problems else both[0]
            if problems:
                # The other process may wait for the one that failed: nothing more can be asked.
                break
    finally:
        for process in processes:
            process.join(0 if len(weights) < len(names) else 10)
            if process.is_alive():
                process.kill()
    return {
        name: {key: torch.tensor(value) for key, value in found.items()}
        if isinstance(found, dict)
        else found
        for name, found in weights.items()
    }


def _received(end: Connection) -> Any:
    """Weights as nested lists, or what went wrong."""
    try:
        return end.recv() if end.poll(120) else "no answer within two minutes"
    except EOFError:
        return "a process that died"


def _work(names: Sequence[str], rank: int, port: int, send: Connection) -> None:
    os.environ |= {
        "LOCAL_RANK": str(rank),
        "NODE_RANK": "0",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    torch.set_num_threads(1)
    try:
        for name in names:
            subject = Subject(name)
            module = subject.trained(
                1, module=with_sgd(subject.module()), devices=2, rank=rank, finishes=False
            )
            # As plain lists: tensors sent through a pipe live in memory shared with this process.
            send.send({key: value.tolist() for key, value in module.state_dict().items()})
    except BaseException as error:
        send.send(f"{type(error).__name__}: {str(error)[:500]}")
    finally:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
