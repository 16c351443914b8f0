"""Make a data set on disk: all of it, or nothing."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from data_gen.card import render_card
from data_gen.formats import Format, open_writer
from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.foundation.files import folder_whole
from data_gen.foundation.progress import Progress, silent
from data_gen.generator import Generator
from data_gen.manifest import (
    CARD,
    MANIFEST,
    PICTURE,
    Digester,
    Manifest,
    SplitRecord,
    read_manifest,
    request_of,
)
from data_gen.measure import DriftError, Tally, check_part
from data_gen.preview import save_picture
from data_gen.spec import Spec
from data_gen.splits import Split
from data_gen.workers import Count, over_splits


class Built(NamedTuple):
    """A data set on disk."""

    folder: Path
    manifest: Manifest
    is_new: bool
    """False if the same data set was already there."""


class WrittenSplit(NamedTuple):
    """The digests and counts of one split, taken while it was written."""

    record: SplitRecord
    tallies: tuple[Tally, ...]
    """Counts of each part."""


def build(
    generator: Generator,
    folder: Path,
    *,
    layout: Format = "parquet",
    force: bool = False,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Built:
    """Write a benchmark's data set into `folder`, which must not hold anything else.

    Everything is made in a temporary folder beside it and then renamed, so a failure leaves
    `folder` as it was.
    """
    request = request_of(generator, layout, version("dgbench"))
    with _disk_trouble_named(folder):
        existing = _existing(folder, request, force=force)
        if existing is not None and not force:
            return Built(folder, existing, is_new=False)
        with folder_whole(folder) as draft:
            write = partial(write_split, folder=draft, layout=layout)
            written = over_splits(write, generator, jobs=jobs, progress=progress)
            manifest = _finish(draft, generator, request, written)
    return Built(folder, manifest, is_new=True)


def _finish(
    draft: Path, generator: Generator, request: Manifest, written: dict[str, WrittenSplit]
) -> Manifest:
    """Write the picture, the card and the manifest."""
    records = {name: split.record for name, split in written.items()}
    _check_renderings_differ(generator.spec, records)
    manifest = request.model_copy(update={"splits": records})
    tallies = {name: split.tallies for name, split in written.items()}
    save_picture(generator, draft / PICTURE)
    (draft / CARD).write_text(render_card(generator, manifest, tallies), encoding="utf-8")
    (draft / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return manifest


def write_split(
    generator: Generator, split: Split, count: Count, *, folder: Path, layout: Format
) -> WrittenSplit:
    """Render one split into a file of its own, digesting and counting it on the way."""
    spec = generator.spec
    parents = {name: entry.parent for name, entry in spec.entries.items()}
    digester = Digester(is_labelled=split.is_labelled)
    tallies = {part.domain: Tally(len(spec.classes)) for part in split.parts}
    writer = open_writer(
        folder, spec, split.name, layout, n_images=len(split), is_labelled=split.is_labelled
    )
    try:
        for part, chunk in generator.chunks(split):
            writer.add(chunk)
            digester.add(chunk)
            tallies[part.domain].add(chunk.labels, chunk.values, parents)
            count(len(chunk.labels))
    finally:
        writer.close()
    for part in split.parts:
        check_part(spec, split.name, part, tallies[part.domain])
    return WrittenSplit(digester.record(), tuple(tallies[part.domain] for part in split.parts))


def _existing(folder: Path, request: Manifest, *, force: bool) -> Manifest | None:
    """Return the data set in `folder`, or None if it is empty.

    Raises UsageError if its contents may neither stay nor be replaced.
    """
    if (folder.exists() and not folder.is_dir()) or (folder.is_symlink() and not folder.exists()):
        raise UsageError(f"--out {str(folder)!r} is not a folder. Choose another one.")
    if not folder.exists() or not any(folder.iterdir()):
        return None
    if not (folder / MANIFEST).is_file():
        raise UsageError(
            f"--out {str(folder)!r} holds something that dgbench did not make. "
            "Choose another folder."
        )
    manifest = read_manifest(folder)
    if foreign := next(_foreign(folder, manifest), None):
        raise UsageError(
            f"{str(foreign)!r} is not part of the data set in {str(folder)!r}. Move it away, or "
            "choose another --out."
        )
    if not force and not manifest.is_same_data(request):
        raise UsageError(
            f"--out {str(folder)!r} already holds {manifest.benchmark} (seed {manifest.seed}, "
            f"{manifest.layout}), made differently. Choose another folder, or replace it "
            "with --force."
        )
    if not force and (gone := [path for path in manifest.owned_paths(folder) if not path.exists()]):
        raise UsageError(f"{str(min(gone))!r} is gone. Make the data set again with --force.")
    return manifest


def _foreign(folder: Path, manifest: Manifest) -> Iterator[Path]:
    owned = manifest.owned_paths(folder)
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        if path not in owned and not manifest.has_file(path.relative_to(folder)):
            yield path


@contextmanager
def _disk_trouble_named(folder: Path) -> Iterator[None]:
    """Turn an OSError into one that says what to do."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            reason += ". Free some space, or choose another --out"
        raise DGBenchError(
            f"Cannot write {str(folder)!r}: {reason}. Nothing was changed there."
        ) from error


def _check_renderings_differ(spec: Spec, records: dict[str, SplitRecord]) -> None:
    """Refuse two renderings that look alike: they would be one domain, counted twice."""
    seen: dict[tuple[str, str], str] = {}
    for name in records:
        if not name.startswith(("mp.", "solo.")):
            continue
        patterns = name.rpartition(".")[0]
        other = seen.setdefault((patterns, records[name].pixels), name)
        if other != name:
            raise DriftError(
                f"{spec.id}: {other!r} and {name!r} show the same pixels. Change the look of the "
                "patterns that are missing there, or list fewer of their renderings."
            )
