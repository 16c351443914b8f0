"""The check in two processes: they share a batch, on the CPU of this machine."""

import multiprocessing
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

import torch
from torch import nn

from dgbench.api import Method
from dgbench.checks.errors import ConformanceError, NotApplicable
from dgbench.checks.lab import Subject, Weights, weights_of, with_sgd
from dgbench.training.rendezvous import ProcessRank, free_port

_BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)


def check_two_processes(subject: Subject) -> None:
    """Two processes that share a batch step along the gradient of one that sees it all."""
    cls = subject.found.cls
    if issubclass(cls, Method) and cls.batch_semantics == "local":
        raise NotApplicable("the method declares that it uses statistics of one device's images")
    module = subject.module()
    if any(isinstance(part, _BATCH_NORMS) for part in module.modules()):
        raise NotApplicable("batch normalisation uses the statistics of one device's images")
    try:
        with_sgd(module)
    except TypeError as error:
        raise NotApplicable(str(error)) from error
    expect_same_step(subject, weights_after_one_step([subject.name])[subject.name])


def expect_same_step(subject: Subject, shared: Weights | str) -> None:
    """Raise ConformanceError unless one process steps to the weights of two that share a batch."""
    if isinstance(shared, str):
        raise ConformanceError(f"A step in two processes failed with {shared}.")
    alone = weights_of(subject.trained(1, module=with_sgd(subject.module()), finishes=False))
    start = weights_of(subject.module())
    for name in alone:
        before, after_one, after_two = (
            weights[name].double().nan_to_num(0, 0, 0) for weights in (start, alone, shared)
        )
        step, other = after_one - before, after_two - before
        if not torch.allclose(step, other, rtol=1e-3, atol=1e-7 + 1e-4 * float(step.abs().max())):
            raise ConformanceError(
                f"One step in two processes moves {name!r} by another gradient than in one. A loss "
                "that compares images must gather them (self.gather, batch_semantics = 'global'); "
                "random numbers must be keyed by image (batch.uniform); else declare "
                "batch_semantics = 'local'."
            )


def weights_after_one_step(names: Sequence[str]) -> dict[str, Weights | str]:
    """The weights after one step of SGD in which two processes share the batch, by method.

    All methods take their step in one process group. A text instead of weights says what went
    wrong with a method; the methods after it are then missing.
    """
    context = multiprocessing.get_context("spawn")
    port = free_port()
    connections, processes = [], []
    for rank in range(2):
        receive, send = context.Pipe(duplex=False)
        place = ProcessRank(rank, 2, port)
        process = context.Process(target=_work, args=(names, place, send), daemon=True)
        process.start()
        send.close()
        connections.append(receive)
        processes.append(process)
    weights: dict[str, Weights | str] = {}
    try:
        for name in names:
            answers = [_received(connection) for connection in connections]
            problem = next((answer for answer in answers if isinstance(answer, str)), None)
            weights[name] = _as_weights(answers[0]) if problem is None else problem
            if problem is not None:
                # The other process may wait for the one that failed, so nothing more can be asked.
                break
    finally:
        for process in processes:
            process.join(0 if len(weights) < len(names) else 10)
            if process.is_alive():
                process.kill()
    return weights


def _received(connection: Connection) -> Any:
    """Weights as nested lists, or a text that says what went wrong."""
    try:
        return connection.recv() if connection.poll(120) else "no answer within two minutes"
    except EOFError:
        return "a process that died"


def _as_weights(lists: Mapping[str, Any]) -> Weights:
    return {name: torch.tensor(values) for name, values in lists.items()}


def _work(names: Sequence[str], rank: ProcessRank, send: Connection) -> None:
    """Take the steps of one of the two processes."""
    torch.set_num_threads(1)
    try:
        for name in names:
            subject = Subject(name)
            module = subject.trained(
                1, module=with_sgd(subject.module()), rank=rank, finishes=False
            )
            # As plain lists, since tensors sent through a pipe live in memory shared with this
            # process.
            send.send({key: value.tolist() for key, value in module.state_dict().items()})
    except BaseException as error:
        send.send(f"{type(error).__name__}: {str(error)[:500]}")
    finally:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
