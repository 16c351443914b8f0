"""Train the reference results again, or what is missing of them.

    python baselines/results/remake.py [--jobs N] [--out DIR] [reference] [prcl]
    python baselines/results/remake.py --missing
    python baselines/results/remake.py --keep DIR
    python baselines/results/remake.py --conformance
    python baselines/results/remake.py --same-results

`reference` is every method at its defaults, and `prcl` varies the partially reversed contrastive
loss, for docs/prcl.md. Each run takes one thread, so that nothing depends on the machine's cores. A
run that is done is left alone, and one that was stopped goes on.

`--missing` prints the reference runs that are not stored, the most useful first. `--keep` stores
the finished runs of a folder in which `dgbench train --out DIR` trained some of them, and may be
called while it does.

`--conformance` runs the conformance suite over every method whose source has changed since, and
keeps the outcomes beside the results, for the bundles that are made of them.

`--same-results` trains nothing. After a change of the methods' files that changes no result, such
as another wording, it writes the new source digests into the stored records and moves their
folders. Train one method before and after the change, and compare, before you call it.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from baselines.results.keeping import keep, keep_records, stored_seeds

HERE = Path(__file__).parent
REFERENCE = HERE / "reference"

MAIN = "mnist-color"
FIVE, THREE = range(5), range(3)
"""Seeds on the main benchmark and elsewhere."""
TWO_PATTERNS = ("mnist-color-swap", "mnist-color-weak", "fashion-color", "mnist-color-5k")
MORE_PATTERNS = ("mnist-ladder", "mnist-collage")
FAMILIES = ("mnist-color-rho995", "mnist-color-rho980", "mnist-color-rho950", "mnist-color-rho900",
            "mnist-color-sat60", "mnist-color-sat35", "mnist-color-sat20", "mnist-color-sat10",
            "mnist-color-sat05", "mnist-color-tint75", "mnist-color-tint50", "mnist-color-tint30",
            "mnist-color-tint20", "mnist-color-tint05")  # fmt: skip
"""The members of families that are in no other list."""
ENVIRONMENTS = "colored-mnist"
FIRST = ("erm", "prcl", "spectral-decoupling", "mixup")
NEXT = ("rsc", "lff", "supcon", "randconv", "dropout")
"""The methods, besides the first, whose curves over families are drawn."""
REST = ("diversity", "jtt", "l-spread", "greyscale", "shape-only", "color-only", "majority-class",
        "weight-decay", "label-smoothing", "cutmix", "sam", "swad", "jigsaw", "infodrop", "me-ada",
        "occamnet", "mixstyle", "augmix", "sagnet", "dfr")  # fmt: skip
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
    seeds: Sequence[int]
    settings: tuple[str, ...] = ()
    steps: int | None = None


def reference_jobs() -> Iterator[Job]:
    """Every method at its defaults, wherever it applies, the most useful first."""
    parts: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
        ((*FIRST, *NEXT, *REST), (MAIN,)),
        ((*FIRST, *NEXT), TWO_PATTERNS),
        (FIRST, MORE_PATTERNS),
        (FIRST, FAMILIES),
        (REST, TWO_PATTERNS),
        ((*FIRST, *NEED_ENVIRONMENTS, *NEXT, *REST), (ENVIRONMENTS,)),
        ((*NEXT, *REST), MORE_PATTERNS),
        (NEXT, FAMILIES),
    ]
    for methods, benchmarks in parts:
        for method in methods:
            for benchmark in benchmarks:
                seeds = FIVE if benchmark == MAIN else THREE
                yield Job("reference", method, benchmark, seeds)


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
    command += [
        "--seeds",
        ",".join(map(str, job.seeds)),
        "--threads",
        "1",
        "--accelerator",
        "cpu",
        "--quiet",
    ]
    command += ["--no-probabilities", "--resume", "--out", str(out / job.folder)]
    command += [part for setting in job.settings for part in ("--set", setting)]
    command += ["--steps", str(job.steps)] if job.steps else []
    code = subprocess.run(command, check=False).returncode  # noqa: S603 (our own command)
    what = " ".join([job.method, *job.settings, "on", job.benchmark])
    sys.stderr.write(f"{what}: {'done' if code == 0 else 'FAILED'}\n")
    return code


def missing() -> int:
    """Print the reference runs that are not stored, as METHOD BENCHMARK SEEDS."""
    from data_gen.spec_files import find_spec

    stored = stored_seeds(REFERENCE)
    n_missing = 0
    for job in reference_jobs():
        name = find_spec(job.benchmark).id
        seeds = [n for n in job.seeds if (name, job.method, n) not in stored]
        if seeds:
            sys.stdout.write(f"{job.method} {job.benchmark} {','.join(map(str, seeds))}\n")
        n_missing += len(seeds)
    sys.stderr.write(f"{n_missing} runs are missing.\n")
    return 0


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


def train(names: Sequence[str], n_at_a_time: int, out: Path) -> int:
    """Train the named sets of runs, then store them beside this file."""
    sets = {"reference": reference_jobs, "prcl": prcl_jobs}
    with ThreadPoolExecutor(n_at_a_time) as pool:
        jobs = [job for name in names for job in sets[name]()]
        codes = list(pool.map(lambda job: run(job, out), jobs))
    if "prcl" in names:
        keep_records(out / "prcl", HERE / "prcl")
    return max(*codes, keep(out / "reference", REFERENCE))


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = ("reference", "prcl")
    parser.add_argument("what", nargs="*", default=names, choices=(*names, names))
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at a time")
    parser.add_argument("--out", type=Path, default=Path("runs", "results"))
    parser.add_argument("--missing", action="store_true", help="only print what is not stored")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="only store the finished runs")
    parser.add_argument("--conformance", action="store_true", help="only check the methods")
    parser.add_argument("--same-results", action="store_true", help="only write source digests")
    asked = parser.parse_args()
    if asked.same_results:
        return relabel()
    if asked.conformance:
        from baselines.results.checking import check_methods  # imports torch

        return check_methods(REFERENCE)
    if asked.missing:
        return missing()
    if asked.keep:
        return keep(asked.keep, REFERENCE)
    return train(asked.what, asked.jobs, asked.out)


if __name__ == "__main__":
    sys.exit(main())
