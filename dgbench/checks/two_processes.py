"""One step of a method in two processes that share a batch, on this machine's CPU."""

import multiprocessing
import os
import socket
from multiprocessing.connection import Connection
from typing import Any

import torch
from torch import Tensor

from dgbench.checks.lab import ConformanceError, Subject, with_sgd

Weights = dict[str, Tensor]


def weights_after_one_step(name: str) -> Weights:
    """The weights after one step of SGD in which two processes share the batch."""
    context = multiprocessing.get_context("spawn")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    ends, processes = [], []
    for rank in range(2):
        receive, send = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(name, rank, port, send), daemon=True)
        process.start()
        send.close()
        ends.append(receive)
        processes.append(process)
    try:
        found_weights = [_received(end) for end in ends]
    finally:
        for process in processes:
            process.join(10)
            if process.is_alive():
                process.kill()
    for weights in found_weights:
        if isinstance(weights, str):
            raise ConformanceError(f"A step in two processes failed with {weights}.")
    assert isinstance(found_weights[0], dict)  # noqa: S101  (strings were raised above)
    return {key: torch.tensor(value) for key, value in found_weights[0].items()}


def _received(end: Connection) -> dict[str, Any] | str:
    """Weights as nested lists, or what went wrong."""
    try:
        return end.recv() if end.poll(120) else "no answer within two minutes"
    except EOFError:
        return "a process that died"


def _work(name: str, rank: int, port: int, send: Connection) -> None:
    os.environ |= {
        "LOCAL_RANK": str(rank),
        "NODE_RANK": "0",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    torch.set_num_threads(1)
    try:
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
