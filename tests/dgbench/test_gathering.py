"""Two real processes that gather see one process's batch, loss and gradient."""

import multiprocessing
import socket

import pytest
import torch
from torch import distributed as dist

from dgbench.api.gathering import gather

pytestmark = pytest.mark.usefixtures("forked")


def loss_of(z, labels):
    """A loss that compares all pairs: a contrastive one in miniature."""
    distance = torch.cdist(z, z).square()
    same = labels[:, None] == labels[None]
    return (distance * same).mean() + torch.relu(2 - distance)[~same].mean()


def whole():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(8, 5, generator=generator, dtype=torch.double)
    weights = torch.randn(5, 3, generator=generator, dtype=torch.double, requires_grad=True)
    labels = torch.tensor([0, 1, 0, 1, 2, 2, 0, 1])
    return x, weights, labels


def work(rank, n, port, send, does_gather):
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=n)
    x, weights, labels = whole()
    z, mine = x[rank::n] @ weights, labels[rank::n]
    if does_gather:
        z, mine = gather(z), gather(mine)
    loss = loss_of(z, mine)
    loss.backward()
    dist.all_reduce(weights.grad)  # as DDP does
    send.send((z.shape[0], loss.item(), (weights.grad / n).tolist()))
    dist.destroy_process_group()


def in_processes(n, does_gather):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    ends, processes = [], []
    for rank in range(n):
        receive, send = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(rank, n, port, send, does_gather))
        process.start()
        send.close()
        ends.append(receive)
        processes.append(process)
    answers = [end.recv() for end in ends]
    for process in processes:
        process.join()
    return answers


@pytest.mark.parametrize("does_gather", [True, False])
def test_two_processes_see_the_loss_and_gradient_of_one(does_gather):
    x, weights, labels = whole()
    loss = loss_of(x @ weights, labels)
    loss.backward()
    for size, value, gradient in in_processes(2, does_gather):
        is_same = value == pytest.approx(loss.item()) and torch.allclose(
            torch.tensor(gradient, dtype=torch.double), weights.grad
        )
        assert is_same == does_gather
        assert size == (8 if does_gather else 4)


def test_a_single_process_gathers_nothing():
    values = torch.rand(3, 2)
    assert gather(values) is values
