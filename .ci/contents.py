"""Check that the distributions hold what is used at run time, and print how much of what they hold.

python .ci/contents.py FILE.whl FILE.tar.gz
"""

import sys
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("data_gen", "dgbench", "baselines", "leaderboard")
NOT_IN_THE_WHEEL = "baselines/results/"
OF_ANOTHER_DISTRIBUTION = "baselines/results/reference/"


def main() -> int:
    """0 where nothing is missing."""
    missing = []
    for name in sys.argv[1:]:
        path = Path(name)
        inside = names_in(path)
        missing += [f"{path.name} lacks {file}" for file in expected(path) - inside]
        rooms = Counter(file.split("/")[0] for file in inside)
        counts = ", ".join(f"{room} {n}" for room, n in rooms.most_common(8))
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 2**20:.1f} MiB; files: {counts}\n")
    sys.stderr.writelines(f"{line}\n" for line in missing)
    return 1 if missing else 0


def names_in(path: Path) -> set[str]:
    """The files of a distribution, by their path in the sources."""
    if path.suffix == ".whl":
        return set(zipfile.ZipFile(path).namelist())
    with tarfile.open(path) as archive:
        return {member.name.partition("/")[2] for member in archive if member.isfile()}


def expected(path: Path) -> set[str]:
    """Every file of the rooms: code, py.typed, specs, schemas, templates and migrations."""
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*") if file.is_file()]
    names = {file.relative_to(ROOT).as_posix() for file in files if "__pycache__" not in file.parts}
    left_out = NOT_IN_THE_WHEEL if path.suffix == ".whl" else OF_ANOTHER_DISTRIBUTION
    names = {name for name in names if not name.startswith(left_out)}
    return {*names, *(f"{room}/py.typed" for room in ROOMS)}


if __name__ == "__main__":
    sys.exit(main())
