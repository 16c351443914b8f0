"""The speed at which benchmarks are rendered and written, and the memory that it takes.

    python speed/generate.py [--source DIR] [NAME ...]

Every figure is of this run on this machine. The naive loop composes one image at a time in NumPy,
the way coloured digits are usually made; the ratio to it is what can be compared between machines.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from data_gen.generator import Generator
from data_gen.sources import load_sources
from data_gen.spec_files import find_spec, newest
from data_gen.workers import available_cores


def main() -> None:
    """Measure the named benchmarks, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--source", action="append", default=[])
    options = parser.parse_args()
    console = Console(width=120)
    naive = naive_rate(options.source)
    console.print(f"naive loop: {naive:,.0f} images/s, one core")
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("benchmark", no_wrap=True)
    headings = ("images", "render s", "images/s", "to naive", "generate s", "MB", "memory MB")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for name in options.names or newest():
        seconds, n_images = render_seconds(name, options.source)
        whole, megabytes, memory = generate_seconds(name, options.source)
        table.add_row(
            name,
            f"{n_images:,}",
            f"{seconds:.2f}",
            f"{n_images / seconds:,.0f}",
            f"{n_images / seconds / naive:.1f}",
            f"{whole:.1f}",
            f"{megabytes:.0f}",
            f"{memory:.0f}",
        )
    console.print(table)
    console.print(
        f"render: one core; generate: {available_cores()} cores, from the command line, start-up "
        "included; memory: the largest process of any benchmark so far"
    )


def naive_rate(given: list[str]) -> float:
    """Images a second of the plain loop, on coloured digits without any other work."""
    source = load_sources(["mnist"], given=given)["mnist"]
    palette = np.random.default_rng(0).integers(0, 256, (10, 3))
    n = 5000
    start = time.perf_counter()
    for glyph, label in zip(source.train.images[:n], source.train.labels[:n], strict=True):
        (glyph[:, :, None] / 255 * palette[label]).round().astype(np.uint8)
    return n / (time.perf_counter() - start)


def render_seconds(name: str, given: list[str]) -> tuple[float, int]:
    """Seconds to render every split on one core, and the number of images."""
    spec = find_spec(name)
    generator = Generator(spec, load_sources(spec.sources, given=given))
    start = time.perf_counter()
    n_images = sum(
        len(chunk.labels)
        for split in generator.splits.values()
        for _, chunk in generator.chunks(split)
    )
    return time.perf_counter() - start, n_images


def generate_seconds(name: str, given: list[str]) -> tuple[float, float, float]:
    """Seconds, size and largest process (both in MB) of `dgbench generate`."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "data"
        command = [sys.executable, "-m", "dgbench", "generate", name, "--out", str(out), "--quiet"]
        command += [part for source in given for part in ("--source", source)]
        start = time.perf_counter()
        subprocess.run(command, check=True)  # noqa: S603 (our own command)
        seconds = time.perf_counter() - start
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        shutil.rmtree(out)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return seconds, size / 1e6, memory / 1024


if __name__ == "__main__":
    main()
