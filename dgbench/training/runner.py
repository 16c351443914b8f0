"""One run from start to record: train, evaluate, and leave a folder that can be trusted."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from lightning.pytorch import LightningModule

from data_gen.manifest import SplitRecord
from dgbench.api import Method
from dgbench.benchmarks import Benchmark, Loaded, open_benchmark
from dgbench.decoded import cache_folder
from dgbench.results.folder import CHECKPOINT, LOG, PREDICTIONS, read_record, write_record
from dgbench.results.predictions import write_predictions
from dgbench.results.record import Cost, DomainCounts, Energy, RunRecord
from dgbench.training.callbacks import Advance, Log, Watch, log_seconds
from dgbench.training.cost import (
    EnergyMeter,
    Stopwatch,
    flops_per_image,
    hardware,
    packages,
    peak_memory,
)
from dgbench.training.data import Batches, TrainingSet, training_set
from dgbench.training.evaluation import accuracy, evaluate
from dgbench.training.method_errors import attributed_to
from dgbench.training.plan import Plan
from dgbench.training.probes import probe
from dgbench.training.seeding import isolated, seed_all, torch_threads
from dgbench.training.sessions import ended, prepare, this_process
from dgbench.training.trainer import device_of, fit
from dgbench.training.weights import FINAL, load_weights, save_weights, steps_in


@dataclass(frozen=True)
class Place:
    """Which of the processes of a run this one is."""

    rank: int = 0
    world_size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it writes the run folder."""
        return self.rank == 0


class Runner:
    """Runs the seeds of one plan in this process, which loads the data once."""

    def __init__(self, plan: Plan, place: Place | None = None) -> None:
        self.plan = plan
        self.place = place or Place()
        self.device = device_of(plan.request, self.place.rank)
        wants_energy = plan.request.with_energy and self.place.is_first
        self._meter = EnergyMeter() if wants_energy else None
        self._scratch: Path | None = None

    @cached_property
    def _training(self) -> tuple[TrainingSet, SplitRecord]:
        plan, name = self.plan, self.plan.request.train_domain
        benchmark = plan.benchmark
        shape = (benchmark.size(name), *benchmark.image_size, 3)
        streams = plan.request.stream
        if streams is None:
            streams = int(np.prod(shape, dtype=np.int64)) > _room(self.device)
        mapped = self._mapped(shape) if streams else None
        loaded = benchmark.load(name, into=mapped)
        stored = mapped if streams else None
        data = training_set(
            benchmark, loaded, uses=plan.recipe.uses, device=self.device, stored=stored
        )
        return data, loaded.record

    def _mapped(self, shape: tuple[int, ...]) -> "np.memmap[tuple[int, ...], np.dtype[np.uint8]]":
        folder = cache_folder() / "streams"
        folder.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(tempfile.mkdtemp(dir=folder))
        return np.lib.format.open_memmap(
            self._scratch / "images.npy", mode="w+", dtype=np.uint8, shape=shape
        )

    def close(self) -> None:
        """Remove what was only needed during the runs."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def run(self, seed: int, *, advance: Advance | None = None) -> RunRecord:
        """Train and evaluate one seed, or go on where an earlier session was stopped."""
        folder = self.plan.folder(seed)
        earlier = prepare(self.plan, seed) if self.place.is_first else None
        if earlier is not None and earlier.status == "done":
            return earlier
        energy: list[Energy] = []
        with torch_threads(self.plan.request.threads):
            record = self._begun(seed, earlier)
            try:
                with isolated(), self._measured(energy), attributed_to(self.plan.found.cls):
                    record = self._work(record, folder, advance)
            except BaseException as error:
                if self.place.is_first:
                    write_record(folder, ended(read_record(folder), error))
                raise
        if self.place.is_first:
            if record.cost is not None and energy:
                cost = record.cost.model_copy(update={"energy": energy[0]})
                record = record.model_copy(update={"cost": cost})
            write_record(folder, record)
            with suppress(FileNotFoundError):
                (folder / CHECKPOINT).unlink()
        return record

    def evaluate(self, record: RunRecord, folder: Path) -> RunRecord:
        """Evaluate the final weights of a run once more; its predictions are written anew."""
        with isolated():
            module = self.plan.new_module(record.seed)
            load_weights(module, folder / FINAL)
            record = self._evaluated(module.to(self.device), record, folder)
        return record.model_copy(update={"status": "done", "message": ""})

    @contextmanager
    def _measured(self, energy: list[Energy]) -> Iterator[None]:
        if self._meter is None:
            yield
        else:
            with self._meter.measure(energy):
                yield

    def _begun(self, seed: int, earlier: RunRecord | None) -> RunRecord:
        """The record of a run that has just begun, on disk before anything else happens."""
        record = RunRecord(
            status="running",
            configuration=self.plan.configuration,
            seed=seed,
            trial=self.plan.request.trial,
            regularisation=self.plan.recipe.regularisation,
            paradigm=self.plan.recipe.paradigm,
            uses_backbone=self.plan.recipe.uses_backbone,
            paper=self.plan.recipe.paper,
            process=this_process(),
            hardware=hardware(
                self.device,
                n_devices=self.place.world_size,
                strategy=self.plan.request.strategy if self.place.world_size > 1 else "single",
            ),
            packages=packages(),
            resumed=0 if earlier is None else earlier.resumed + 1,
        )
        if self.place.is_first:
            write_record(self.plan.folder(seed), record)
        return record

    def _work(self, record: RunRecord, folder: Path, advance: Advance | None) -> RunRecord:
        seconds = Stopwatch()
        with seconds.on("loading"):
            data, digests = self._training
            module = self.plan.new_module(record.seed)
        self._train(module, data, record.seed, folder, advance)
        if not self.place.is_first:
            return record
        module.to(self.device)
        with seconds.on("evaluation"):
            record = self._evaluated(module, record, folder)
        update = {
            "status": "done",
            "train": digests,
            "steps_done": self.plan.steps,
            "cost": self._cost(module, record, seconds, log_seconds(folder / LOG)),
        }
        return record.model_copy(update=update)

    def _train(
        self,
        module: LightningModule,
        data: TrainingSet,
        seed: int,
        folder: Path,
        advance: Advance | None,
    ) -> None:
        request, steps = self.plan.request, self.plan.steps
        if (folder / FINAL).is_file():
            load_weights(module, folder / FINAL)
            return
        checkpoint = folder / CHECKPOINT if (folder / CHECKPOINT).is_file() else None
        done = steps_in(checkpoint) if checkpoint else 0
        batches = Batches(
            data,
            steps=steps,
            batch_size=self.plan.batch_size,
            seed=seed,
            rank=self.place.rank,
            world_size=self.place.world_size,
            as_pairs=self.plan.recipe.is_plain,
        )
        (folder / CHECKPOINT).parent.mkdir(parents=True, exist_ok=True)
        watch = Watch(
            log=Log(folder / LOG, from_step=done) if self.place.is_first else None,
            checkpoint=folder / CHECKPOINT,
            checkpoint_every=request.checkpoint_every,
            steps=steps,
            eval_every=request.eval_every,
            curves=_Curves(request.benchmark, request.sources, request.generator_seed),
            advance=advance,
            tensorboard=folder / "tensorboard" if request.with_tensorboard else None,
        )
        try:
            if done < steps:
                fit(module, batches, watch, request, device=self.device, checkpoint=checkpoint)
            elif checkpoint is not None:
                load_weights(module, checkpoint)
        finally:
            watch.close()
        if self.place.is_first:
            if "balanced_validation" in self.plan.recipe.uses:
                loaded = self.plan.benchmark.load("validation_balanced")
                finish(module, loaded, self.plan.benchmark, self.plan.batch_size, seed, self.device)
            save_weights(module, folder / FINAL)

    def _evaluated(self, module: LightningModule, record: RunRecord, folder: Path) -> RunRecord:
        benchmark = self.plan.benchmark
        found = [evaluate(module, benchmark, name) for name in benchmark.test_names]
        predictions = [each.predictions for each in found]
        if not self.plan.request.with_probabilities:
            predictions = [each._replace(probabilities=None) for each in predictions]
        digest = write_predictions(folder / PREDICTIONS, predictions)
        counts: dict[str, DomainCounts] = {each.predictions.domain: each.counts for each in found}
        development = {}
        if self.plan.request.with_development:
            for name in benchmark.test_names:
                development[name] = evaluate(module, benchmark, f"dev.{name}").counts
        probes = {}
        if self.plan.can_probe and isinstance(module, Method):
            untrained = self.plan.new_module(record.seed).to(self.device)
            assert isinstance(untrained, Method)  # noqa: S101  (the same class)
            probes = probe(module, untrained, benchmark)
        return record.model_copy(
            update={
                "validation": evaluate(module, benchmark, "validation").counts,
                "development": development,
                "domains": counts,
                "predictions_digest": digest,
                "probes": probes,
            }
        )

    def _cost(
        self, module: LightningModule, record: RunRecord, seconds: Stopwatch, training: float
    ) -> Cost:
        n_evaluated = sum(counts.n for counts in record.domains.values())
        evaluation = seconds.seconds["evaluation"]
        is_cuda = self.device.type == "cuda"
        return Cost(
            parameters=sum(weights.numel() for weights in module.parameters()),
            flops_per_image=flops_per_image(module, self.plan.task.image_shape),
            training_seconds=training,
            evaluation_seconds=evaluation,
            loading_seconds=seconds.seconds["loading"],
            training_images_per_second=self.plan.steps * self.plan.batch_size / max(training, 1e-3),
            evaluation_images_per_second=n_evaluated / evaluation,
            peak_memory_bytes=peak_memory(),
            peak_device_memory_bytes=torch.cuda.max_memory_allocated() if is_cuda else None,
            energy=None,
        )


def finish(
    module: LightningModule,
    loaded: Loaded,
    benchmark: Benchmark,
    batch_size: int,
    seed: int,
    device: torch.device,
) -> None:
    """Show balanced validation images to a method that declares them, after its last step."""
    if isinstance(module, Method) and "balanced_validation" in module.uses:
        data = training_set(benchmark, loaded, uses=frozenset(), device=device)
        size = min(batch_size, len(data))
        module.to(device)
        seed_all("finish", seed)
        module.finish(Batches(data, steps=len(data) // size, batch_size=size, seed=seed))


class _Curves:
    """Accuracy on the development domains: held-out training digits in the test domains' states.

    It holds no image and opens the benchmark anew each time: a method that looks through
    everything it can reach during training finds nothing to peek at.
    """

    def __init__(self, what: str, sources: tuple[str, ...], seed: int | None) -> None:
        self._what, self._sources, self._seed = what, sources, seed

    def __call__(self, module: LightningModule) -> dict[str, float]:
        benchmark = open_benchmark(self._what, given=self._sources, seed=self._seed)
        names = [f"dev.{name}" for name in benchmark.test_names]
        return {name: accuracy(module, benchmark, name) for name in names}


def _room(device: torch.device) -> int:
    """Bytes that a training set may take: half of what the device or the machine has free."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] // 2
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
