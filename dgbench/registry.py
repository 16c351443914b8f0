"""Find methods and backbones: installed ones by entry point, or a class in a file at hand.

Listing reads source files without running them; a method is imported only when it is used.
"""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, NamedTuple

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError, UsageError, suggestion
from data_gen.registry import find_point, load_point, owner_of

METHODS_GROUP = "dgbench.methods"
"""Each entry point names a method class; its own name is the method's id."""

load_entry_point = load_point


class MethodCard(NamedTuple):
    """What is known of a method without importing it."""

    name: str
    owner: str
    """Package that registers it, or the file it is in."""
    summary: str = ""
    """First line of its docstring."""
    about: str = ""
    """The rest of its docstring."""
    reference: str = ""
    """The paragraph of its docstring that begins with `Reference:`."""
    uses: tuple[str, ...] = ()
    problem: str = ""
    """Why it cannot be used, where that is so."""


class FoundMethod(NamedTuple):
    """A method that was imported."""

    name: str
    cls: type[Any]
    version: str
    """Of the package that registers it; empty for a file."""
    source_digest: str
    """SHA-256 of the file that defines it."""


class InstalledMethod(NamedTuple):
    """An installed method, without importing it."""

    distribution: str
    entry_point: str
    """Where its class is, such as `baselines.erm:ERM`."""
    source_digest: str
    """SHA-256 of the file that defines it."""
    summary: str
    """First line of its docstring."""


def method_cards() -> Iterator[MethodCard]:
    """A card of every installed method, by name; one that is broken says why."""
    for point in sorted(entry_points(group=METHODS_GROUP), key=lambda point: point.name):
        yield _card_of(point)


def method_card(name: str) -> MethodCard:
    """The card of one method, installed or `path.py:Class`."""
    if is_path(name):
        path, attribute = _split_path(name)
        return _read_card(name, str(path), path, attribute)
    return _card_of(find_point(METHODS_GROUP, name, "method"))


def installed_method(name: str) -> InstalledMethod | None:
    """What is known of the method that an installed package registers by this name, if any does."""
    for point in entry_points(group=METHODS_GROUP, name=name):
        file = _file_of(point)
        if file is not None:
            card = _card_of(point)
            return InstalledMethod(card.owner, point.value, _digest(file), card.summary)
    return None


def find_method(name: str) -> FoundMethod:
    """Import a method by its installed name or as `path.py:Class`."""
    if is_path(name):
        path, attribute = _split_path(name)
        cls = _class_in(path, attribute)
        return FoundMethod(_kebab(attribute), _checked(cls, name), "", _digest(path))
    point = find_point(METHODS_GROUP, name, "method")
    cls = _checked(load_point(METHODS_GROUP, name, "method"), f"{owner_of(point)}: {point.value}")
    file = _file_of(point)
    version = point.dist.version if point.dist else ""
    return FoundMethod(name, cls, version, _digest(file) if file else "")


def is_path(name: str) -> bool:
    """Whether a method is given as `path.py:Class`."""
    return name.rpartition(":")[0].endswith(".py") or name.endswith(".py")


def _card_of(point: EntryPoint) -> MethodCard:
    owner = owner_of(point)
    path = _file_of(point)
    if path is None:
        problem = f"{point.value!r} names no file; repair or uninstall {owner}."
        return MethodCard(point.name, owner, problem=problem)
    return _read_card(point.name, owner, path, point.value.partition(":")[2])


def _file_of(point: EntryPoint) -> Path | None:
    """The file that an entry point's module is in, found without importing any package."""
    top, *rest = point.module.split(".")
    found = importlib.util.find_spec(top)
    if found is None:
        return None
    if not rest:
        return Path(found.origin) if found.origin else None
    for folder in found.submodule_search_locations or ():
        path = Path(folder, *rest)
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def _read_card(name: str, owner: str, path: Path, attribute: str) -> MethodCard:
    """Read docstring and `uses` as literals; nothing of the file is run."""
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except (OSError, SyntaxError, ValueError) as error:
        return MethodCard(name, owner, problem=f"{path} cannot be read: {error}.")
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == attribute:
            paragraphs = (ast.get_docstring(node) or "").split("\n\n")
            is_reference = [text.startswith("Reference:") for text in paragraphs]
            reference = paragraphs[is_reference.index(True)] if any(is_reference) else ""
            rest = [text for text in paragraphs[1:] if text != reference]
            return MethodCard(
                name=name,
                owner=owner,
                summary=" ".join(paragraphs[0].split()),
                about="\n\n".join(_flowed(text) for text in rest),
                reference=" ".join(reference.removeprefix("Reference:").split()),
                uses=_literal_uses(node),
            )
    return MethodCard(name, owner, problem=f"{path} has no class {attribute!r} at its top level.")


def _flowed(paragraph: str) -> str:
    """A paragraph without its line breaks; lists and indented lines stay as they are."""
    lines = paragraph.splitlines()
    is_laid_out = any(line.startswith((" ", "- ", "* ")) for line in lines)
    return paragraph if is_laid_out else " ".join(line.strip() for line in lines)


def _literal_uses(node: ast.ClassDef) -> tuple[str, ...]:
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        if any(isinstance(target, ast.Name) and target.id == "uses" for target in targets):
            value = getattr(statement, "value", None)
            inner = value.args[0] if isinstance(value, ast.Call) and value.args else value
            try:
                return tuple(sorted(ast.literal_eval(inner))) if inner is not None else ()
            except (ValueError, TypeError):
                return ("?",)
    return ()


def _split_path(name: str) -> tuple[Path, str]:
    file, _, attribute = name.rpartition(":")
    path = Path(file)
    if not file or not attribute:
        raise UsageError(f"{name!r} names no class. Write path.py:Class.")
    if not path.is_file():
        raise UsageError(f"There is no file {file!r}. Give the path of the method's file.")
    return path, attribute


def _class_in(path: Path, attribute: str) -> Any:
    """A class of a file that is imported under a name of its own."""
    name = f"dgbench_file_{digest_of(str(path.resolve()))[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{str(path)!r} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # foreign code may raise anything; it is named, not hidden
        raise DGBenchError(
            f"Importing {str(path)!r} failed with {type(error).__name__}: {error}. Repair the file."
        ) from error
    if not hasattr(module, attribute):
        classes = [key for key, value in vars(module).items() if isinstance(value, type)]
        raise UsageError(f"{str(path)!r} has no {attribute!r}. {suggestion(attribute, classes)}")
    return getattr(module, attribute)


def _checked(cls: Any, where: str) -> type[Any]:
    """The class, if it is a Lightning module; known by name, since this file imports no torch."""
    if not isinstance(cls, type) or not any(
        base.__name__ == "LightningModule" and base.__module__.startswith(("lightning", "pytorch_"))
        for base in cls.__mro__
    ):
        raise DGBenchError(f"{where} is no Lightning module. Subclass dgbench.api.LossMethod.")
    return cls


def _kebab(name: str) -> str:
    """`SpectralDecoupling` as `spectral-decoupling`, `ERM` as `erm`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_", "-", name)
    return words.lower()


def _digest(path: Path) -> str:
    return digest_of(path.read_bytes())
