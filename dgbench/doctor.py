"""Checks what works on this machine, and advises how to mend the rest."""

import importlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import Any, Literal, NamedTuple

from data_gen.foundation.errors import DGBenchError
from data_gen.registry import owner_of
from data_gen.sources import DATA_VARIABLE, EMBEDDED, KNOWN, is_at_hand, load_sources
from dgbench.decoded import CACHE_VARIABLE, cache_folder
from dgbench.registry import method_cards

DOCTOR_GROUP = "dgbench.doctor"
"""Group of entry points. Each names a function without arguments that yields findings."""
Status = Literal["works", "absent", "broken"]
_EXTRAS = {
    "hub": ("datasets",),
    "train": ("torch", "torchvision", "lightning", "matplotlib", "codecarbon"),
    "leaderboard": ("streamlit", "sqlalchemy", "alembic", "pandas"),
    "ray": ("ray",),
}
"""The packages that show whether an extra is installed."""
_ROOM = 1 << 30
"""Free disk space, in bytes, below which work will soon stop."""


class Finding(NamedTuple):
    """The result of one check."""

    what: str
    status: Status
    """`absent` means that it is missing but optional."""
    detail: str
    """Observation, such as a version or an error."""
    advice: str = ""
    """Action to take if it does not work."""


def findings() -> Iterator[Finding]:
    """Yield the result of every check, in the order in which things are needed."""
    yield _python()
    for extra in _EXTRAS:
        yield _extra(extra)
    if _version("torch"):
        yield _torch()
        yield _gpu()
    for name in (EMBEDDED, *(name for name in KNOWN if name != EMBEDDED)):
        yield _source(name)
    yield _folder("this folder", Path.cwd(), "Change to a folder of your own.")
    yield _folder("the cache", cache_folder(), f"Set {CACHE_VARIABLE} to a folder of your own.")
    yield from _plug_ins()
    yield from _of_other_packages()


def _python() -> Finding:
    about = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("python", "works", f"{about}; dgbench {version('dgbench')} in {sys.prefix}")


def missing_packages(extra: str) -> list[str]:
    """Return the packages of an extra that are not installed."""
    return [name for name in _EXTRAS[extra] if not _version(name)]


def _extra(extra: str) -> Finding:
    missing = missing_packages(extra)
    if not missing:
        there = ", ".join(f"{name} {_version(name)}" for name in _EXTRAS[extra])
        return Finding(f"extra [{extra}]", "works", there)
    detail = f"without {', '.join(missing)}"
    return Finding(f"extra [{extra}]", "absent", detail, f"pip install 'dgbench[{extra}]'")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _torch() -> Finding:
    """Import torch and torchvision, because a pair that does not match fails only then."""
    try:
        torch = importlib.import_module("torch")
        importlib.import_module("torchvision")
        total = float(torch.ones(2).sum())
    except Exception as error:  # a broken installation may raise anything
        return Finding(
            "torch", "broken", _short(error), "pip install --force-reinstall 'dgbench[train]'"
        )
    if total != 2:
        return Finding("torch", "broken", "1 + 1 is not 2 here", "Install torch again.")
    return Finding("torch", "works", f"{torch.get_num_threads()} threads on the CPU")


def _gpu() -> Finding:
    try:
        torch: Any = importlib.import_module("torch")
        if torch.cuda.is_available():
            names = [
                torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())
            ]
            torch.ones(2, device="cuda").sum().item()
            return Finding("GPU", "works", f"CUDA: {', '.join(names)}")
        if torch.backends.mps.is_available():
            return Finding("GPU", "works", "Apple's (MPS): --accelerator mps")
    except Exception as error:  # a driver may raise anything
        return Finding(
            "GPU",
            "broken",
            _short(error),
            "Train with --accelerator cpu until the driver is repaired.",
        )
    if cards := _cards_of_the_driver():
        return Finding(
            "GPU",
            "broken",
            f"torch {torch.__version__} cannot use {cards}",
            "Install the torch build for your driver's CUDA version.",
        )
    return Finding("GPU", "absent", "training runs on the CPU, which is enough for every benchmark")


def _cards_of_the_driver() -> str:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    command = [program, "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603  (our own command)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ", ".join(done.stdout.split("\n")).rstrip(", ") if done.returncode == 0 else ""


def _source(name: str) -> Finding:
    what = f"source {name}"
    if not is_at_hand(name):
        return Finding(
            what,
            "absent",
            "not on this machine, but downloaded when it is first needed",
            f"Off-line: set {DATA_VARIABLE}, or give --source {EMBEDDED}.",
        )
    try:
        source = load_sources([name])[name]
    except DGBenchError as error:
        return Finding(what, "broken", str(error), "See above.")
    n_glyphs = f"{len(source.train.images):,} + {len(source.test.images):,} glyphs"
    return Finding(what, "works", f"{n_glyphs}, checksums right")


def _folder(what: str, folder: Path, advice: str) -> Finding:
    whole = folder.absolute()
    there = next(place for place in (whole, *whole.parents) if _exists(place))
    if not os.access(there, os.W_OK):
        return Finding(what, "broken", f"{folder} cannot be written to", advice)
    free = shutil.disk_usage(there).free
    detail = f"{folder}, {free / 2**30:.0f} GiB free"
    return Finding(
        what,
        "works" if free >= _ROOM else "broken",
        detail,
        ""
        if free >= _ROOM
        else "Make room: a run takes some megabytes, an environment with torch several gigabytes.",
    )


def _exists(place: Path) -> bool:
    """Whether a place exists. One that may not be looked at does not, as far as work goes."""
    try:
        return place.exists()
    except OSError:
        return False


def _plug_ins() -> Iterator[Finding]:
    cards = list(method_cards())
    good = [card for card in cards if not card.problem]
    owners = sorted({card.owner for card in good})
    yield Finding("methods", "works", f"{len(good)} of {', '.join(owners)}")
    for card in cards:
        if card.problem:
            yield Finding(
                f"method {card.name}",
                "broken",
                f"{card.owner}: {card.problem}",
                f"pip uninstall {card.owner}, or repair it.",
            )


def _of_other_packages() -> Iterator[Finding]:
    for point in sorted(entry_points(group=DOCTOR_GROUP), key=lambda point: point.name):
        try:
            look: Callable[[], Iterable[Finding]] = point.load()
            yield from look()
        except ModuleNotFoundError as error:
            yield Finding(
                point.name,
                "absent",
                f"needs the package {error.name!r}",
                "Install the extra above that has it.",
            )
        except Exception as error:  # the code of another package, which is named here
            yield Finding(
                point.name,
                "broken",
                f"{owner_of(point)}: {_short(error)}",
                "Repair or uninstall that package.",
            )


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
