"""The share of a run that is the network's own work.

    python speed/training.py [--source DIR] [--steps N] [--repeats N] [--accelerator cpu|gpu]

The harness is compared with a bare PyTorch loop (same network, batches, data on the device, fused
Adam), and with the usual way: PNG files decoded by the workers of a DataLoader. The three take
turns, and the ratios of the medians are what can be compared between machines. Then one whole
`dgbench train erm mnist-color` is run as a user would run it.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms.functional import to_tensor

from dgbench.benchmarks import open_benchmark
from dgbench.training.callbacks import RunCallback
from dgbench.training.data import Batches, TrainingSet, as_floats, training_set
from dgbench.training.log import TrainingLog
from dgbench.training.plan import Plan, Request
from dgbench.training.trainer import device_of, fit


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", action="append", default=[])
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--accelerator", default="cpu")
    options = parser.parse_args()
    request = Request(
        method="erm",
        benchmark="mnist-color",
        sources=tuple(options.source),
        steps=options.steps,
        accelerator=options.accelerator,
    )
    console = Console(width=110)
    console.print(
        f"{torch.get_num_threads()} CPU threads, load {os.getloadavg()[0]:.1f}, torch "
        f"{torch.__version__}, accelerator {options.accelerator}"
    )
    _steps(request, options.repeats, console)
    _loading(options.source, console)
    _whole_run(options.source, options.accelerator, console)


def _steps(request: Request, repeats: int, console: Console) -> None:
    plan = Plan(request)
    device = device_of(request, 0)
    loaded = plan.benchmark.load("train")
    data = training_set(plan.benchmark, loaded, uses=frozenset(), device=device)
    pictures = _Pictures(loaded.images, loaded.labels)
    n_usual = max(50, plan.steps // 5)
    ways: dict[str, Callable[[], float]] = {
        "bare loop": lambda: _bare(plan, data, device) / plan.steps,
        "harness": lambda: _harness(plan, data, device) / plan.steps,
        "PNG, DataLoader, workers": lambda: _usual(plan, pictures, device, n_usual) / n_usual,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(repeats + 1):
        for name, way in ways.items():
            seconds = way()
            if turn:  # the first is to warm up
                times[name].append(seconds)
    bare = statistics.median(times["bare loop"])
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("way", "ms a step", "images/s", "to bare loop"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for name, measured in times.items():
        seconds = statistics.median(measured)
        table.add_row(
            name,
            f"{1000 * seconds:.2f}",
            f"{plan.batch_size / seconds:,.0f}",
            f"{seconds / bare:.3f}",
        )
    console.print(table)


def _bare(plan: Plan, data: TrainingSet, device: torch.device) -> float:
    """The loop that one would write by hand for this very task."""
    network = torch.nn.Sequential(
        plan.task.new_network(), torch.nn.Linear(plan.task.n_features, plan.task.n_classes)
    ).to(device, memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
    order = torch.randperm(len(data), device=device)
    start = _now(device)
    for step in range(plan.steps):
        first = step * plan.batch_size % (len(data) - plan.batch_size)
        rows = order[first : first + plan.batch_size]
        images = as_floats(data.images.index_select(0, rows))  # type: ignore[union-attr]
        loss = F.cross_entropy(network(images), data.labels[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return _now(device) - start


def _harness(plan: Plan, data: TrainingSet, device: torch.device) -> float:
    """Lightning's Trainer with our batches, log and checkpoints."""
    module = plan.new_module(0).to(device)
    batches = Batches(data, steps=plan.steps, batch_size=plan.batch_size, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        callback = RunCallback(
            log=TrainingLog(Path(folder, "log.csv"), from_step=0),
            checkpoint=Path(folder, "last.ckpt"),
            checkpoint_every=plan.request.checkpoint_every,
            steps=plan.steps,
        )
        start = _now(device)
        fit(module, batches, callback, plan.request, device=device, checkpoint=None)
        seconds = _now(device) - start
        callback.close()
    return seconds


class _Pictures(Dataset[tuple[torch.Tensor, int]]):
    """The same images as PNG bytes, decoded one by one."""

    def __init__(self, images: Any, labels: Any) -> None:
        self._files = []
        for image in images[:20_000]:
            stream = io.BytesIO()
            Image.fromarray(image).save(stream, "PNG")
            self._files.append(stream.getvalue())
        self._labels = labels

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        image = Image.open(io.BytesIO(self._files[row])).convert("RGB")
        return to_tensor(image), int(self._labels[row])


def _usual(plan: Plan, pictures: _Pictures, device: torch.device, steps: int) -> float:
    network = torch.nn.Sequential(
        plan.task.new_network(), torch.nn.Linear(plan.task.n_features, plan.task.n_classes)
    ).to(device)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    loader = DataLoader(
        pictures, plan.batch_size, shuffle=True, drop_last=True, num_workers=os.cpu_count() or 1
    )
    batches = _endless(loader)
    next(batches)  # starting the workers is not counted
    start = _now(device)
    for _ in range(steps):
        images, labels = next(batches)
        loss = F.cross_entropy(network(images.to(device)), labels.to(device))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return _now(device) - start


def _endless(loader: DataLoader[Any]) -> Iterator[Any]:
    while True:
        yield from loader


def _loading(sources: list[str], console: Console) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given = [f"--source={source}" for source in sources]
        _dgbench("generate", "mnist-color", "--out", f"{folder}/data", "--quiet", *given)
        os.environ["DGBENCH_CACHE"] = f"{folder}/cache"
        for when in ("first", "again"):
            start = time.perf_counter()
            open_benchmark(f"{folder}/data").load("train")
            seconds = time.perf_counter() - start
            console.print(f"loading the generated training split, {when}: {seconds:.2f} s")
        del os.environ["DGBENCH_CACHE"]


def _whole_run(sources: list[str], accelerator: str, console: Console) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given = [f"--source={source}" for source in sources]
        start = time.perf_counter()
        _dgbench(
            "train",
            "erm",
            "mnist-color",
            "--out",
            folder,
            "--quiet",
            "--accelerator",
            accelerator,
            *given,
        )
        seconds = time.perf_counter() - start
        record = json.loads(next(Path(folder).rglob("run.json")).read_text())
    cost = record["cost"]
    work = cost["training_seconds"] + cost["evaluation_seconds"]
    console.print(f"dgbench train erm mnist-color: {seconds:.1f} s from start to end")
    for part in ("loading", "training", "evaluation"):
        console.print(f"  {part}: {cost[f'{part}_seconds']:.2f} s")
    console.print(f"  evaluation is {cost['evaluation_seconds'] / work:.1%} of the work")


def _dgbench(*arguments: str) -> None:
    command = [sys.executable, "-m", "dgbench", *arguments]
    subprocess.run(command, check=True)  # noqa: S603  (our own command line)


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


if __name__ == "__main__":
    main()
