"""Train a submission's method once more, confined, with its own configuration."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pooch
from jaxtyping import UInt8
from pydantic import ValidationError

from data_gen.foundation.documents import first_problem
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.progress import Progress, silent
from data_gen.sources import DATA_VARIABLE
from dgbench.results.folder import RECORD
from dgbench.results.record import RunRecord
from dgbench.verification.claim import Claim, Code
from dgbench.verification.extract import ROW_BYTES, from_bytes
from dgbench.verification.limits import Limits
from dgbench.verification.record import Environment, Measure
from dgbench.verification.sandbox import Finished, Sandbox

_METHOD = "method"
_RUNS = "runs"
_PREDICTIONS = "predictions.bin"
_RECORD_BYTES = 2**22
_LINES = 4
"""Number of last lines of its output that are shown if a training fails."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The resources that trainings may use here."""

    limits: Limits = field(default_factory=Limits)
    sources: tuple[str, ...] = ()
    """Values of `--source`."""
    accelerator: str | None = None
    """By default the CPU if the claim was made on one, otherwise the best that is available."""
    threads: int | None = None
    """By default as many as the claim was made with."""


class Retrained(NamedTuple):
    """One run that was made again."""

    pred: UInt8[np.ndarray, " n"]
    """In the canonical order of the benchmark's answers."""
    record: RunRecord
    """As the run wrote it. No score is taken from it."""
    measures: tuple[Measure, ...]

    @property
    def environment(self) -> Environment:
        """The machine and versions that it ran with."""
        hardware = self.record.hardware
        return Environment(
            accelerator=hardware.accelerator,
            device=hardware.device,
            n_devices=hardware.n_devices,
            cpu_threads=hardware.cpu_threads,
            packages=self.record.packages,
        )


def retrain(
    claim: Claim,
    code: Code,
    machine: Machine,
    *,
    seed: int,
    generator_seed: int | None = None,
    progress: Progress = silent,
) -> Retrained:
    """Train one run, on the official data or on those of another generator seed.

    `progress` is told the seconds since the training began. Raises DGBenchError if it does not end
    as it should.
    """
    claimed = claim.bundle.manifest.hardware.accelerator
    accelerator = machine.accelerator or ("cpu" if claimed == "cpu" else "auto")
    limits = machine.limits
    if accelerator != "cpu":
        limits = replace(limits, address_space=None)
    readable, environment, sources = _data(machine.sources)
    with Sandbox(
        limits, readable=readable, environment=environment, devices=accelerator != "cpu"
    ) as sandbox:
        method = code.name
        if code.content is not None:
            file = sandbox.folder / _METHOD / Path(code.name.rpartition(":")[0]).name
            file.parent.mkdir()
            file.write_bytes(code.content)
            method = f"{file}:{code.name.rpartition(':')[2]}"
        command = _command(claim, machine, method, accelerator=accelerator, seed=seed)
        command += [f"--source={source}" for source in sources]
        if generator_seed is not None:
            command += ["--data-seed", str(generator_seed)]
        _check_end(sandbox.python(*command, progress=progress), f"Training with seed {seed}")
        return _result(sandbox, claim)


def _command(
    claim: Claim, machine: Machine, method: str, *, accelerator: str, seed: int
) -> list[str]:
    """Build the arguments of `dgbench train` that repeat the claim's configuration."""
    manifest = claim.bundle.manifest
    configuration = manifest.configuration
    threads = machine.threads or manifest.hardware.cpu_threads
    settings = [
        f"--set={name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in configuration.hyper_parameters.items()
    ]
    return [
        "-m",
        "dgbench",
        "train",
        method,
        manifest.benchmark.name,
        *settings,
        f"--seeds={seed}",
        f"--steps={configuration.steps}",
        f"--batch-size={configuration.batch_size}",
        f"--backbone={configuration.backbone}",
        f"--precision={configuration.precision}",
        f"--accelerator={accelerator}",
        *([f"--threads={threads}"] if threads else []),
        f"--out={_RUNS}",
        "--no-probabilities",
        "--quiet",
    ]


def _data(sources: Sequence[str]) -> tuple[list[Path], dict[str, str], list[str]]:
    """Return what a training reads glyphs from: folders, variables, and values of `--source`."""
    cache = Path(pooch.os_cache("dgbench"))
    readable = [cache] if cache.is_dir() else []
    # The library that downloads looks for its cache below this variable.
    environment = {"XDG_CACHE_HOME": str(cache.parent)}
    if given := os.environ.get(DATA_VARIABLE):
        folder = Path(given).resolve()
        readable.append(folder)
        environment[DATA_VARIABLE] = str(folder)
    resolved = []
    for source in sources:
        name, equals, place = source.rpartition("=")
        if Path(place).is_dir():
            readable.append(Path(place).resolve())
            place = str(Path(place).resolve())
        resolved.append(f"{name}{equals}{place}")
    return readable, environment, resolved


def _check_end(done: Finished, what: str) -> None:
    if done.stopped:
        raise DGBenchError(
            f"{what} was stopped: {done.stopped}. Allow more if the method is to be trusted so far."
        )
    if done.code != 0:
        said = " ".join(line.strip() for line in done.tail.splitlines()[-_LINES:])
        raise DGBenchError(f"{what} ended with code {done.code}. It said: {said[-600:]}")


def _result(sandbox: Sandbox, claim: Claim) -> Retrained:
    records = sorted((sandbox.folder / _RUNS).glob(f"*/*/*/*/{RECORD}"))
    if len(records) != 1:
        raise DGBenchError(f"The training left {len(records)} records of a run, expected one.")
    try:
        record = RunRecord.model_validate_json(sandbox.read(records[0], most=_RECORD_BYTES))
    except ValidationError as error:
        raise DGBenchError(
            f"The training left a damaged record of its run: {first_problem(error)}."
        ) from error
    if record.status != "done":
        raise DGBenchError(f"The training ended as {record.status}: {record.message[:300]}.")
    answers = claim.bundle.answers
    done = sandbox.python(
        "-m", "dgbench.verification.extract", str(records[0].parent), _PREDICTIONS, *answers.domains
    )
    _check_end(done, "Reading the predictions")
    most = ROW_BYTES * answers.n
    image_id, pred = from_bytes(sandbox.read(sandbox.folder / _PREDICTIONS, most=most))
    if not np.array_equal(image_id, answers.image_id) or pred.max() >= answers.n_classes:
        raise DGBenchError("The training did not predict every test image once, with a class.")
    return Retrained(pred=pred, record=record, measures=sandbox.measures())
