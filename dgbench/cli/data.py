"""`dgbench generate`, `preview` and `verify-data`: make, draw and check data sets."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from data_gen.foundation.errors import UsageError
from dgbench.cli.options import GeneratorSeed, Json, Quiet, Sources

if TYPE_CHECKING:
    from data_gen.foundation.progress import Progress
    from data_gen.generator import Generator
    from data_gen.spec import Spec

SpecFile = Annotated[
    Path | None, typer.Option("--spec", metavar="FILE.yaml", help="A spec of your own.")
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes. Default: one for each core.")]


def generate(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A benchmark, such as mnist-color.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Default: data/<benchmark>.")
    ] = None,
    source: Sources = None,
    seed: GeneratorSeed = None,
    layout: Annotated[
        Literal["parquet", "npz", "imagefolder"], typer.Option("--format", help="Layout on disk.")
    ] = "parquet",
    spec_file: SpecFile = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a data set that dgbench made there.")
    ] = False,
    multiply: Annotated[
        int, typer.Option(min=1, help="Times to draw each training glyph. Above 1: unofficial.")
    ] = 1,
    jobs: Jobs = None,
    quiet: Quiet = False,
) -> None:
    """Make a benchmark's data set, completely or not at all."""
    from data_gen.build import build

    spec = _spec(name, spec_file)
    generator = _generator(spec, source, seed=seed, multiply=multiply)
    folder = out if out is not None else Path("data") / spec.id
    total = sum(map(len, generator.splits.values()))
    with _progress(f"{spec.id}", total, quiet=quiet) as progress:
        built = build(generator, folder, layout=layout, force=force, jobs=jobs, progress=progress)
    if quiet:
        return
    if not built.is_new:
        typer.echo(f"{folder}: already there, made by the same request. Nothing to do.")
        return
    standing = (
        "official" if built.manifest.official else "unofficial: for study, not the leaderboard"
    )
    typer.echo(f"{folder}: {total:,} images in {len(generator.splits)} splits ({standing}).")
    typer.echo(f"Look at {folder / 'preview.png'}, read {folder / 'README.md'}.")


def preview(
    what: Annotated[
        str, typer.Argument(metavar="NAME|DIR", help="A benchmark, or a data set on disk.")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.png", help="Default: NAME.png.")
    ] = None,
    source: Sources = None,
    seed: GeneratorSeed = None,
) -> None:
    """Draw one glyph of each class in every domain, as a PNG."""
    from data_gen.manifest import MANIFEST, PICTURE, read_manifest
    from data_gen.preview import save_picture

    folder = Path(what)
    if folder.suffix in (".yaml", ".yml"):
        spec = _spec(None, folder)
    elif (folder / MANIFEST).is_file():
        manifest = read_manifest(folder)
        target = output or Path(f"{manifest.benchmark}.png")
        save_picture(folder / PICTURE, target)
        typer.echo(str(target))
        return
    elif folder.is_dir():
        raise UsageError(
            f"{what!r} is a folder without {MANIFEST}, so it is not a data set of dgbench."
        )
    else:
        spec = _spec(what, None)
    target = output or Path(f"{spec.id}.png")
    save_picture(_generator(spec, source, seed=seed), target)
    typer.echo(str(target))


def verify_data(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A data set that dgbench made.")],
    source: Sources = None,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Make a data set again and name every split, column and row that differs."""
    from data_gen.verify import differences, open_for_verifying

    manifest, generator = open_for_verifying(folder, given=source or ())
    total = sum(map(len, generator.splits.values()))
    with _progress(f"verify {manifest.benchmark}", total, quiet=as_json) as progress:
        problems = differences(folder, manifest, generator, jobs=jobs, progress=progress)
    if as_json:
        typer.echo(json.dumps({"benchmark": manifest.benchmark, "differences": problems}, indent=1))
    else:
        for problem in problems:
            typer.echo(problem)
        if not problems:
            typer.echo(
                f"{folder}: all {total:,} images of {manifest.benchmark} are as they should be."
            )
    if problems:
        raise typer.Exit(1)


def _spec(name: str | None, file: Path | None) -> "Spec":
    from data_gen.spec_files import find_spec, read_spec

    if (name is None) == (file is None):
        raise UsageError("Name a benchmark, or give a spec of your own with --spec FILE.yaml.")
    return read_spec(file) if file is not None else find_spec(str(name))


def _generator(
    spec: "Spec", given: Sequence[str] | None, *, seed: int | None, multiply: int = 1
) -> "Generator":
    from data_gen.generator import Generator
    from data_gen.sources import load_sources

    sources = load_sources(spec.sources, given=given or ())
    return Generator(spec, sources, seed=seed, multiply=multiply)


@contextmanager
def _progress(title: str, total: int, *, quiet: bool) -> Iterator["Progress"]:
    """Show a bar of images."""
    from rich import progress as columns

    from dgbench.cli.progress import progress

    with progress(
        columns.TextColumn("{task.description}"),
        columns.BarColumn(),
        columns.MofNCompleteColumn(),
        columns.TextColumn("images"),
        columns.TimeRemainingColumn(),
        quiet=quiet,
    ) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done, _="": bar.update(task, completed=done)
