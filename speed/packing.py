"""The runs an hour of a sweep, with workers beside each other or with threads in one.

    python speed/packing.py [--benchmark NAME] [--steps N] [--runs N] [--cores N] [--repeats N]

The same runs (ERM, one a seed) are done by N workers with one thread each, and by one worker with N
threads; the two ways take turns. The ratio is what can be compared between machines. The time that
workers take to start is not counted: a sweep has many more runs than this.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from dgbench.results.declaration import Declaration
from dgbench.sweep.grid import expand
from dgbench.sweep.local import LocalEngine
from dgbench.training.plan import Request


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--benchmark", default="mnist-color-5k@1")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--runs", type=int, default=4, help="Measured runs of each worker.")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    ways = {
        f"{asked.cores} workers x 1 thread": (asked.cores, 1),
        f"1 worker x {asked.cores} threads": (1, asked.cores),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(asked.repeats):
        for name, (workers, threads) in ways.items():
            rates[name].append(_runs_an_hour(asked, workers=workers, threads=threads))
    packed, threaded = (statistics.median(rates[name]) for name in ways)
    print(  # noqa: T201
        f"erm on {asked.benchmark}, {asked.steps} steps; load {os.getloadavg()[0]:.1f}"
    )
    for name, rate in zip(ways, (packed, threaded), strict=True):
        print(f"{name}: {rate:.0f} runs an hour")  # noqa: T201
    print(f"workers beside each other do {packed / threaded:.2f} times as many")  # noqa: T201


def _runs_an_hour(asked: argparse.Namespace, *, workers: int, threads: int) -> float:
    """Count from the end of every worker's first run, which loads libraries and data."""
    n = workers * (1 + asked.runs)
    declared = Declaration(
        methods=("erm",),
        benchmarks=(asked.benchmark,),
        seeds=tuple(range(n)),
        steps=asked.steps,
        development=False,
        probes=False,
    )
    with tempfile.TemporaryDirectory() as place:
        out = Path(place)
        machine = Request(
            method="", benchmark="", accelerator="cpu", threads=threads, out=out, with_energy=False
        )
        engine = LocalEngine(out=out, workers=workers, threads=threads)
        ends = [
            time.perf_counter()
            for event in engine.run(expand(declared, machine).jobs)
            if event.end is not None
        ]
    return 3600 * (len(ends) - workers) / (ends[-1] - ends[workers - 1])


if __name__ == "__main__":
    main()
