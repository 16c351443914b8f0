"""Whether several seeds are trained faster as one batched network than one after the other.

    python speed/batched_seeds.py [--seeds N] [--steps N] [--repeats N] [--device cpu|cuda]

The weights of all seeds are stacked, and a step of all is one call (`torch.func`). Both ways take
turns; what counts is the ratio. The two must also agree on the loss, or the comparison is void.
"""

import argparse
import copy
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from dgbench.networks import small_cnn

BATCH = 128
Step = Callable[[], list[float]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    torch.manual_seed(0)
    images = torch.rand(asked.seeds, BATCH, 3, 28, 28, device=asked.device)
    labels = torch.randint(0, 10, (asked.seeds, BATCH), device=asked.device)
    networks = [
        nn.Sequential(small_cnn((3, 28, 28)), nn.Linear(64, 10)).to(asked.device)
        for _ in range(asked.seeds)
    ]
    ways = {
        "one after the other": _separate(copy.deepcopy(networks), images, labels),
        "as one batched network": _batched(networks, images, labels),
    }
    losses = [torch.tensor(step()) for step in ways.values()]
    torch.testing.assert_close(*losses, rtol=1e-4, atol=1e-4)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(asked.repeats):
        for name, step in ways.items():
            start = time.perf_counter()
            for _ in range(asked.steps):
                step()  # reads the losses, so that the device has finished
            times[name].append((time.perf_counter() - start) / asked.steps / asked.seeds)
    separate, batched = (statistics.median(times[name]) for name in ways)
    print(f"{torch.get_num_threads()} CPU threads, {asked.device}, {asked.seeds} seeds")  # noqa: T201
    for name, seconds in zip(ways, (separate, batched), strict=True):
        print(f"{name}: {1000 * seconds:.2f} ms a step of one seed")  # noqa: T201
    print(f"batched is {separate / batched:.2f} times as fast")  # noqa: T201


def _separate(networks: list[nn.Sequential], images: Tensor, labels: Tensor) -> Step:
    networks = [network.to(memory_format=torch.channels_last) for network in networks]
    optimizers = [torch.optim.Adam(net.parameters(), 1e-3, fused=True) for net in networks]

    def step() -> list[float]:
        losses = []
        for network, optimizer, x, y in zip(networks, optimizers, images, labels, strict=True):
            loss = F.cross_entropy(network(x.contiguous(memory_format=torch.channels_last)), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        return torch.stack(losses).tolist()

    return step


def _batched(networks: list[nn.Sequential], images: Tensor, labels: Tensor) -> Step:
    stacked, _ = stack_module_state(networks)  # type: ignore[arg-type]
    weights = {name: value.detach().requires_grad_() for name, value in stacked.items()}
    skeleton = copy.deepcopy(networks[0]).to("meta")
    optimizer = torch.optim.Adam(weights.values(), 1e-3, fused=True)

    def loss_of(mine: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return F.cross_entropy(functional_call(skeleton, mine, (x,)), y)

    def step() -> list[float]:
        losses = vmap(loss_of)(weights, images, labels)
        optimizer.zero_grad()
        losses.sum().backward()
        optimizer.step()
        return losses.detach().tolist()

    return step


if __name__ == "__main__":
    main()
