"""Train the reference results again, or what is missing of them.

    python baselines/results/remake.py [--jobs N] [--out DIR] [reference] [prcl]
    python baselines/results/remake.py --same-results

`reference` is every method at its defaults, and `prcl` varies the partially reversed contrastive
loss, for docs/prcl.md. Each run takes one thread, so that nothing depends on the machine's cores. A
run that is done is left alone, and one that was stopped goes on.

`--same-results` trains nothing. After a change of the methods' files that changes no result, such
as another wording, it writes the new source digests into the stored records and moves their
folders. Train one method before and after the change, and compare, before you call it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
FIVE, THREE = "0-4", "0-2"
PREDICTIONS = "predictions.parquet"

MAIN = "mnist-color"
OTHERS = (
    "mnist-color-swap",
    "mnist-color-weak",
    "fashion-color",
    "mnist-color-rho980",
    "mnist-ladder",
)
REPRESENTATIVES = (
    "erm",
    "prcl",
    "spectral-decoupling",
    "rsc",
    "lff",
    "diversity",
    "supcon",
    "randconv",
)
REST = ("weight-decay", "dropout", "label-smoothing", "mixup", "cutmix", "sam", "swad", "jigsaw",
        "infodrop", "me-ada", "occamnet", "jtt", "l-spread", "mixstyle", "augmix", "sagnet",
        "greyscale", "dfr", "majority-class", "color-only", "shape-only")  # fmt: skip
NEED_ENVIRONMENTS = ("groupdro", "irm", "vrex", "coral", "mmd", "fishr")

VARIANTS = (
    *(("weight=" + weight,) for weight in ("0.1", "0.3", "1", "10", "30")),
    *(("reading=" + reading,) for reading in ("R2", "R3", "R4", "different-only")),
    ("is_normalised=true", "margin=2"),
    ("margin=5",),
    ("margin=60",),
    ("decay_steps=0",),
)
LENGTHS = (750, 1500, 10_000)


class Job(NamedTuple):
    """Some seeds of one configuration."""

    folder: str
    method: str
    benchmark: str
    seeds: str
    settings: tuple[str, ...] = ()
    steps: int | None = None


def reference_jobs() -> Iterator[Job]:
    """Every method at its defaults, the most telling first."""
    for method in REPRESENTATIVES:
        yield Job("reference", method, MAIN, FIVE)
    for benchmark in OTHERS:
        for method in REPRESENTATIVES[:2]:
            yield Job("reference", method, benchmark, THREE)
    for method in REST:
        yield Job("reference", method, MAIN, FIVE)
    for method in (*REPRESENTATIVES[:2], *NEED_ENVIRONMENTS):
        yield Job("reference", method, "colored-mnist", THREE)
    for benchmark in OTHERS:
        for method in REPRESENTATIVES[2:]:
            yield Job("reference", method, benchmark, THREE)


def prcl_jobs() -> Iterator[Job]:
    """One thing changed at a time, then lengths of training with and without the falling rate.

    The defaults themselves are among the reference runs.
    """
    for settings in VARIANTS:
        yield Job("prcl", "prcl", MAIN, THREE, settings)
    for steps in LENGTHS:
        yield Job("prcl", "erm", MAIN, THREE, (), steps)
        yield Job("prcl", "prcl", MAIN, THREE, (), steps)
        yield Job("prcl", "prcl", MAIN, THREE, ("decay_steps=0",), steps)


def run(job: Job, out: Path) -> int:
    """Train the seeds of one job. Failures are in its records and on standard error."""
    command = [sys.executable, "-m", "dgbench", "train", job.method, job.benchmark]
    command += ["--seeds", job.seeds, "--threads", "1", "--accelerator", "cpu", "--quiet"]
    command += ["--no-probabilities", "--resume", "--out", str(out / job.folder)]
    command += [part for setting in job.settings for part in ("--set", setting)]
    command += ["--steps", str(job.steps)] if job.steps else []
    code = subprocess.run(command, check=False).returncode  # noqa: S603 (our own command)
    what = " ".join([job.method, *job.settings, "on", job.benchmark])
    sys.stderr.write(f"{what}: {'done' if code == 0 else 'FAILED'}\n")
    return code


def keep(out: Path) -> None:
    """Store the record of every run, without white space, and the predictions on MAIN."""
    for path in sorted(out.rglob("run.json")):
        place = path.parent.relative_to(out)
        target = HERE / place
        target.mkdir(parents=True, exist_ok=True)
        record = json.loads(path.read_bytes())
        (target / path.name).write_text(json.dumps(record, separators=(",", ":")) + "\n")
        if place.parts[0] == "reference" and place.parts[1].startswith(f"{MAIN}@"):
            shutil.copyfile(path.parent / PREDICTIONS, target / PREDICTIONS)


def relabel() -> int:
    """Give the stored records the source digests of the methods as they are now."""
    from dgbench.registry import find_method
    from dgbench.results.folder import find_runs, read_record, run_folder

    n_moved = 0
    for folder in list(find_runs(HERE)):
        document = json.loads((folder / "run.json").read_bytes())
        method = document["configuration"]["method"]
        digest = find_method(method["name"]).source_digest
        if method["source_digest"] == digest:
            continue
        method["source_digest"] = digest
        text = json.dumps(document, separators=(",", ":")) + "\n"
        (folder / "run.json").write_text(text)
        record = read_record(folder)
        target = run_folder(folder.parents[3], record.configuration, record.seed)
        target.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(target)
        n_moved += 1
        if not any(folder.parent.iterdir()):
            folder.parent.rmdir()
    sys.stderr.write(f"{n_moved} runs have new source digests.\n")
    return 0


def main() -> int:
    """Train, then store beside this file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", nargs="*", default=["reference", "prcl"])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at a time")
    parser.add_argument("--out", type=Path, default=Path("runs", "results"))
    parser.add_argument("--same-results", action="store_true", help="only write source digests")
    asked = parser.parse_args()
    if asked.same_results:
        return relabel()
    sets = {"reference": reference_jobs, "prcl": prcl_jobs}
    if unknown := set(asked.what) - set(sets):
        parser.error(f"{unknown.pop()!r} is neither of {', '.join(sets)}")
    with ThreadPoolExecutor(asked.jobs) as pool:
        jobs = [job for name in asked.what for job in sets[name]()]
        codes = list(pool.map(lambda job: run(job, asked.out), jobs))
    keep(asked.out)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
