"""Digest the source of a method: its file, and what that file imports of its own package.

Imports are found with `ast`, so nothing is run. Modules that are named only while the program runs,
as by importlib, are not found.
"""

import ast
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data_gen.foundation.documents import digest_of

_OURS = frozenset({"dgbench", "data_gen"})
"""Packages that no method owns. Records keep their version instead."""


def source_digest(file: Path, *, module: str = "") -> str:
    """Digest the file of a class and the modules of its own package that it imports, in turn.

    Args:
        file: The file that defines the class.
        module: The file's importable name, such as `baselines.erm`. Without it the package is told
            by its `__init__.py` files, and a file outside any package owns the files beside it.

    Returns:
        The SHA-256 of the file if it imports nothing of its own. Otherwise that of the lines that
        `sha256sum` prints for the file, followed by the others in the order of their names, all
        relative to the folder that holds the package.
    """
    home = _home_of(file, module)
    digests = {path: digest_of(path.read_bytes()) for path in _own_files(file, home)}
    if len(digests) == 1:
        return digests[file]
    names = {path: path.relative_to(home.folder).as_posix() for path in digests}
    others = sorted(digests.keys() - {file}, key=lambda path: names[path])
    return digest_of("".join(f"{digests[path]}  {names[path]}\n" for path in (file, *others)))


@dataclass(frozen=True, kw_only=True)
class _Home:
    """The folder and the package of the modules that belong to a file."""

    folder: Path
    package: str
    """Name of the only top-level module that belongs to it. Empty: all in the folder do."""

    def owns(self, parts: tuple[str, ...]) -> bool:
        return parts[0] not in _OURS and self.package in ("", parts[0])

    def file_of(self, parts: tuple[str, ...]) -> Path | None:
        """The file of a module, None if it has none here."""
        path = self.folder.joinpath(*parts)
        files = (path.with_name(f"{path.name}.py"), path / "__init__.py")
        return next((file for file in files if file.is_file()), None)


def _home_of(file: Path, module: str) -> _Home:
    if module:
        n_parents = module.count(".") + (file.name == "__init__.py")
        return _Home(folder=file.parents[n_parents], package=module.partition(".")[0])
    folder = file.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    if folder != file.parent:
        return _Home(folder=folder, package=file.relative_to(folder).parts[0])
    shared = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    return _Home(folder=folder, package=file.stem if folder.resolve() in shared else "")


def _own_files(file: Path, home: _Home) -> list[Path]:
    """The file and what it imports of its own, directly or through others."""
    reached, waiting = [file], [file]
    while waiting:
        for path in _imported_files(waiting.pop(), home):
            if path not in reached:
                reached.append(path)
                waiting.append(path)
    return reached


def _imported_files(file: Path, home: _Home) -> Iterator[Path]:
    """Yield the own files that a file imports, and those of packages on the way, below the top."""
    for parts in _imported_modules(file, home):
        if not home.owns(parts):
            continue
        for n_parts in range(min(2, len(parts)), len(parts) + 1):
            path = home.file_of(parts[:n_parts])
            if path is not None:
                yield path


def _imported_modules(file: Path, home: _Home) -> Iterator[tuple[str, ...]]:
    """The names of the modules that a file imports, split at the dots."""
    package = file.relative_to(home.folder).parts[:-1]
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return  # importing it fails as well, with a better message
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else ()
            base = (*start, *(node.module.split(".") if node.module else ()))
            for alias in node.names:
                is_module = home.file_of((*base, alias.name)) is not None
                if is_module or base:
                    yield (*base, alias.name) if is_module else base
