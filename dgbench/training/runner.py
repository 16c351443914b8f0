"""One run from start to record: train, evaluate, and leave a complete run folder."""

from contextlib import suppress
from pathlib import Path

from lightning.pytorch import LightningModule

from data_gen.foundation.errors import DGBenchError
from dgbench.results.folder import CHECKPOINT, LOG, read_record, write_record
from dgbench.results.lease import Lease
from dgbench.results.record import RunRecord
from dgbench.training.callbacks import OnStep, RunCallback
from dgbench.training.data import Batches, TrainingSet
from dgbench.training.development import DevelopmentCurves
from dgbench.training.evaluator import Evaluator
from dgbench.training.hardware import hardware
from dgbench.training.log import TrainingLog, log_seconds
from dgbench.training.measurements import Measurements
from dgbench.training.method_errors import attributed_to
from dgbench.training.plan import Plan
from dgbench.training.rendezvous import ProcessRank
from dgbench.training.seeding import isolated, torch_threads
from dgbench.training.sessions import begun, ended, session
from dgbench.training.stopping import StepStop, heed
from dgbench.training.trainer import device_of, finish, fit
from dgbench.training.training_store import TrainingStore
from dgbench.training.weights import FINAL, load_weights, save_weights, steps_in


class Runner:
    """Runs the seeds of one plan in this process, which loads the data once."""

    def __init__(
        self, plan: Plan, rank: ProcessRank | None = None, *, stop: StepStop | None = None
    ) -> None:
        """`stop` finds the last step together with the other processes of the run."""
        self.plan = plan
        self._stop = stop
        self._lease: Lease | None = None
        self.rank = rank or ProcessRank()
        self.device = device_of(plan.request, self.rank.rank)
        self._store = TrainingStore(plan, self.device)
        self._evaluator = Evaluator(plan, self.device)
        self._measurements = Measurements(
            self.device, with_energy=plan.request.with_energy and self.rank.is_first
        )

    def close(self) -> None:
        """Remove the files that only the runs themselves needed."""
        self._store.close()

    def run(self, seed: int, *, on_step: OnStep | None = None) -> RunRecord:
        """Train and evaluate one seed, or resume where an earlier session stopped."""
        with session(self.plan, seed) as here:
            if here.earlier is not None and here.earlier.status == "done":
                return here.earlier
            self._lease = here.lease
            return self.run_claimed(seed, here.earlier, on_step=on_step)

    def run_claimed(
        self, seed: int, earlier: RunRecord | None, *, on_step: OnStep | None = None
    ) -> RunRecord:
        """Do a run whose lease the caller holds."""
        folder = self.plan.folder(seed)
        measured = self._measurements.of_one_run()
        with torch_threads(self.plan.request.threads):
            record = self._begin(seed, earlier)
            try:
                with isolated(), measured, attributed_to(self.plan.found.cls):
                    record = self._work(record, folder, on_step)
            except BaseException as error:
                if self.rank.is_first and self._is_mine():
                    write_record(folder, ended(read_record(folder), error))
                raise
        if self.rank.is_first:
            record = self._measurements.with_energy(record)
            write_record(folder, record)
            with suppress(FileNotFoundError):
                (folder / CHECKPOINT).unlink()
        return record

    def evaluate(self, record: RunRecord, folder: Path) -> RunRecord:
        """Evaluate the final weights of a run once more, which rewrites its predictions."""
        with isolated():
            module = self.plan.new_module(record.seed)
            load_weights(module, folder / FINAL)
            record = self._evaluator.evaluate(module.to(self.device), record, folder)
        return record.model_copy(update={"status": "done", "message": ""})

    def _is_mine(self) -> bool:
        """Whether no other process has taken the run over."""
        try:
            if self._lease is not None:
                self._lease.check()
        except DGBenchError:
            return False
        return True

    def _begin(self, seed: int, earlier: RunRecord | None) -> RunRecord:
        """The record of a run that has just begun, on disk before anything else happens."""
        n_devices = self.rank.world_size
        strategy = self.plan.request.strategy if n_devices > 1 else "single"
        machine = hardware(self.device, n_devices=n_devices, strategy=strategy)
        record = begun(self.plan, seed, machine=machine, earlier=earlier)
        if self.rank.is_first:
            write_record(self.plan.folder(seed), record)
        return record

    def _work(self, record: RunRecord, folder: Path, on_step: OnStep | None) -> RunRecord:
        """Train and, in the first process, evaluate and complete the record."""
        plan, measurements = self.plan, self._measurements
        with measurements.timed("loading"):
            data, digests = self._store.loaded
            module = plan.new_module(record.seed)
        self._train(module, data, record.seed, folder, on_step)
        if not self.rank.is_first:
            return record
        module.to(self.device)
        with measurements.timed("evaluation"):
            record = self._evaluator.evaluate(module, record, folder)
        cost = measurements.cost(
            module,
            image_shape=plan.task.image_shape,
            n_trained=plan.steps * plan.batch_size,
            n_evaluated=sum(counts.n for counts in record.evaluated.values()),
            training_seconds=log_seconds(folder / LOG),
        )
        return record.model_copy(
            update={"status": "done", "train": digests, "steps_done": plan.steps, "cost": cost}
        )

    def _train(
        self,
        module: LightningModule,
        data: TrainingSet,
        seed: int,
        folder: Path,
        on_step: OnStep | None,
    ) -> None:
        """Give the module its final weights, and keep them, unless they are in the folder."""
        if (folder / FINAL).is_file():
            load_weights(module, folder / FINAL)
            return
        checkpoint = folder / CHECKPOINT if (folder / CHECKPOINT).is_file() else None
        steps_done = steps_in(checkpoint) if checkpoint else 0
        batches = self._batches(data, seed)
        callback = self._callback(folder, steps_done, on_step)
        try:
            if steps_done < self.plan.steps:
                fit(
                    module,
                    batches,
                    callback,
                    self.plan.request,
                    device=self.device,
                    checkpoint=checkpoint,
                    rank=self.rank,
                )
            elif checkpoint is not None:
                load_weights(module, checkpoint)
        finally:
            callback.close()
        heed()
        if self.rank.is_first:
            self._finish(module, seed)
            save_weights(module, folder / FINAL)

    def _finish(self, module: LightningModule, seed: int) -> None:
        """Show balanced validation images to the method, if it declares them."""
        plan = self.plan
        if "balanced_validation" in plan.recipe.uses:
            finish(
                module,
                plan.benchmark.load("validation_balanced"),
                benchmark=plan.benchmark,
                batch_size=plan.batch_size,
                seed=seed,
                device=self.device,
                dtype=plan.dtype,
            )

    def _batches(self, data: TrainingSet, seed: int) -> Batches:
        return Batches(
            data,
            steps=self.plan.steps,
            batch_size=self.plan.batch_size,
            seed=seed,
            rank=self.rank.rank,
            world_size=self.rank.world_size,
            as_pairs=self.plan.recipe.is_plain,
            dtype=self.plan.dtype,
        )

    def _callback(self, folder: Path, steps_done: int, on_step: OnStep | None) -> RunCallback:
        request = self.plan.request
        (folder / CHECKPOINT).parent.mkdir(parents=True, exist_ok=True)
        log = TrainingLog(folder / LOG, from_step=steps_done) if self.rank.is_first else None
        return RunCallback(
            log=log,
            checkpoint=folder / CHECKPOINT,
            checkpoint_every=request.checkpoint_every,
            steps=self.plan.steps,
            eval_every=request.eval_every,
            curves=DevelopmentCurves(request),
            on_step=on_step,
            tensorboard=folder / "tensorboard" if request.with_tensorboard else None,
            stop=self._stop,
            lease=self._lease,
        )
