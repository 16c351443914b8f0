"""An estimate of the time that a sweep would take on this machine, from measured steps."""

import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from data_gen.foundation.progress import Progress
from dgbench.benchmarks import Benchmark, open_benchmark
from dgbench.sweep.cached_benchmark import CachedBenchmark
from dgbench.sweep.grid import Job
from dgbench.sweep.pace import Pace
from dgbench.training.callbacks import RunCallback
from dgbench.training.data import Batches, training_set
from dgbench.training.plan import Plan
from dgbench.training.runner import Runner
from dgbench.training.seeding import isolated, torch_threads
from dgbench.training.trainer import device_of, fit

_STEPS = (4, 16)
"""Steps of two short trainings, whose difference cancels the fixed cost of a training."""


def measure(jobs: Iterable[Job], pace: Pace, *, progress: Progress) -> None:
    """Teach `pace` the kinds of jobs that it does not know, by a few steps of each.

    `progress` is told how many kinds are known.

    The time around the steps (loading, evaluation, probes) comes from one short but complete run
    on each benchmark.
    """
    kinds: dict[str, dict[tuple[str, str], Job]] = {}
    for job in jobs:
        if not pace.knows(job):
            kinds.setdefault(job.benchmark, {}).setdefault(job.kind, job)
    n_known = 0
    for examples in kinds.values():
        first = next(iter(examples.values()))
        benchmark = CachedBenchmark(_opened(first))
        progress(n_known, f"evaluation on {first.benchmark}")
        with tempfile.TemporaryDirectory(prefix="dgbench-") as scratch:
            around = _around(first, benchmark, Path(scratch))
            for job in examples.values():
                progress(n_known, f"steps of {job.method} on {job.benchmark}")
                n_known += 1
                pace.add(job, around + job.steps * _step(job, benchmark, Path(scratch)))


def _opened(job: Job) -> Benchmark:
    request = job.request
    return open_benchmark(request.benchmark, given=request.sources, seed=request.generator_seed)


def _around(job: Job, benchmark: Benchmark, scratch: Path) -> float:
    """Seconds of a run with one step."""
    request = replace(job.request, steps=1, out=scratch, with_energy=False)
    start = time.perf_counter()
    Runner(Plan(request, benchmark)).run(job.seed)
    return time.perf_counter() - start


def _step(job: Job, benchmark: Benchmark, scratch: Path) -> float:
    """Seconds of one training step."""
    plan = Plan(job.request, benchmark)
    device = device_of(job.request, 0)
    loaded = benchmark.load("train")
    data = training_set(benchmark, loaded, uses=plan.recipe.uses, device=device)
    seconds = []
    with torch_threads(job.request.threads), isolated():
        for steps in _STEPS:
            module = plan.new_module(job.seed)
            batches = Batches(
                data,
                steps=steps,
                batch_size=plan.batch_size,
                seed=job.seed,
                as_pairs=plan.recipe.is_plain,
            )
            callback = RunCallback(
                log=None, checkpoint=scratch / "last.ckpt", checkpoint_every=steps, steps=steps
            )
            start = time.perf_counter()
            fit(module, batches, callback, job.request, device=device, checkpoint=None)
            seconds.append(time.perf_counter() - start)
    return max(0.0, seconds[1] - seconds[0]) / (_STEPS[1] - _STEPS[0])
