"""Find methods and backbones: installed ones by entry point, others as a class in a file.

Listing reads source files without running them. A method is imported only when it is used.
"""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, NamedTuple

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError, UsageError, ended, suggestion
from data_gen.registry import find_point, load_point, owner_of
from dgbench.results.facts import Paper
from dgbench.source_digest import source_digest

METHODS_GROUP = "dgbench.methods"
"""Each entry point names a method class. Its own name is the method's id."""

load_entry_point = load_point


class MethodCard(NamedTuple):
    """The facts of a method that can be told without importing it."""

    name: str
    owner: str
    """Package that registers the method, or the file that it is in."""
    summary: str = ""
    """First line of its docstring."""
    about: str = ""
    """The rest of its docstring."""
    reference: str = ""
    """Its paper in one line, or the paragraph of its docstring that begins with `Reference:`."""
    uses: tuple[str, ...] = ()
    """Sorted. `?` if they cannot be read without running the file."""
    paper: Paper | None = None
    paradigm: str = "network"
    uses_backbone: bool = True
    is_yardstick: bool = False
    problem: str = ""
    """Why the method cannot be used. Empty if it can."""

    def document(self) -> dict[str, Any]:
        """All fields as plain JSON values."""
        return {**self._asdict(), "paper": None if self.paper is None else asdict(self.paper)}


class FoundMethod(NamedTuple):
    """A method that was imported."""

    name: str
    cls: type[Any]
    version: str
    """Version of the package that registers the method, empty for a method from a file."""
    source_digest: str
    """Digest of the file that defines it and of what that imports of its own package."""


class InstalledMethod(NamedTuple):
    """An installed method, without importing it."""

    distribution: str
    entry_point: str
    """Where its class is, such as `baselines.erm:ERM`."""
    source_digest: str
    """Digest of the file that defines it and of what that imports of its own package."""
    summary: str
    """First line of its docstring."""
    paper: Paper | None = None
    is_yardstick: bool = False


def method_cards() -> Iterator[MethodCard]:
    """Yield a card of every installed method, by name. A broken method's card says why."""
    for point in sorted(entry_points(group=METHODS_GROUP), key=lambda point: point.name):
        try:
            yield _card_of(point)
        except Exception as error:  # a package that is half there may raise anything
            text = " ".join(str(error).split())[:200]
            problem = f"{type(error).__name__}: {text}; repair or uninstall it."
            yield MethodCard(point.name, owner_of(point), problem=problem)


def method_card(name: str) -> MethodCard:
    """Read the card of one method, installed or `path.py:Class`."""
    if is_path(name):
        path, attribute = _split_path(name)
        return _read_card(name, str(path), path, attribute)
    return _card_of(find_point(METHODS_GROUP, name, "method"))


def installed_method(name: str) -> InstalledMethod | None:
    """Describe the method that an installed package registers by this name, or return None."""
    for point in entry_points(group=METHODS_GROUP, name=name):
        file = _file_of(point)
        if file is not None:
            card = _card_of(point)
            return InstalledMethod(
                card.owner,
                point.value,
                source_digest(file, module=point.module),
                card.summary,
                card.paper,
                card.is_yardstick,
            )
    return None


def find_method(name: str) -> FoundMethod:
    """Import a method by its installed name or as `path.py:Class`."""
    if is_path(name):
        path, attribute = _split_path(name)
        cls = _class_in(path, attribute)
        return FoundMethod(_kebab(attribute), _checked(cls, name), "", source_digest(path))
    point = find_point(METHODS_GROUP, name, "method")
    cls = _checked(load_point(METHODS_GROUP, name, "method"), f"{owner_of(point)}: {point.value}")
    file = _file_of(point)
    version = point.dist.version if point.dist else ""
    digest = source_digest(file, module=point.module) if file else ""
    return FoundMethod(name, cls, version, digest)


def is_path(name: str) -> bool:
    """Tell whether a method is given as `path.py:Class`."""
    return name.rpartition(":")[0].endswith(".py") or name.endswith(".py")


def _card_of(point: EntryPoint) -> MethodCard:
    owner = owner_of(point)
    path = _file_of(point)
    if path is None:
        problem = f"{point.value!r} names no file; repair or uninstall {owner}."
        return MethodCard(point.name, owner, problem=problem)
    return _read_card(point.name, owner, path, point.value.partition(":")[2])


def _file_of(point: EntryPoint) -> Path | None:
    """Find the file of an entry point's module without importing any package."""
    top, *rest = point.module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None:
        return None
    if not rest:
        return Path(spec.origin) if spec.origin else None
    for folder in spec.submodule_search_locations or ():
        path = Path(folder, *rest)
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def _read_card(name: str, owner: str, path: Path, attribute: str) -> MethodCard:
    """Read the docstring and the literal facts of a class. Nothing of the file is run."""
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except (OSError, SyntaxError, ValueError) as error:
        return MethodCard(name, owner, problem=f"{path} cannot be read: {error}.")
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == attribute:
            return _card_of_class(name, owner, node)
    return MethodCard(name, owner, problem=f"{path} has no class {attribute!r} at its top level.")


def _card_of_class(name: str, owner: str, node: ast.ClassDef) -> MethodCard:
    paragraphs = (ast.get_docstring(node) or "").split("\n\n")
    references = [text for text in paragraphs if text.startswith("Reference:")]
    facts = _assigned(node)
    paper = _literal_paper(facts.get("paper"))
    reference = references[0].removeprefix("Reference:") if references else ""
    if not reference and paper is not None:
        reference = paper.reference
    return MethodCard(
        name=name,
        owner=owner,
        summary=" ".join(paragraphs[0].split()),
        about="\n\n".join(_flowed(text) for text in paragraphs[1:] if text not in references),
        reference=" ".join(reference.split()),
        uses=_literal_uses(facts.get("uses")),
        paper=paper,
        paradigm=str(_literal(facts.get("paradigm"), default="network")),
        uses_backbone=bool(_literal(facts.get("uses_backbone"), default=True)),
        is_yardstick=bool(_literal(facts.get("is_yardstick"), default=False)),
    )


def _flowed(paragraph: str) -> str:
    """Join the lines of a paragraph, unless it is a list or has indented lines."""
    lines = paragraph.splitlines()
    is_laid_out = any(line.startswith((" ", "- ", "* ")) for line in lines)
    return paragraph if is_laid_out else " ".join(line.strip() for line in lines)


def _assigned(node: ast.ClassDef) -> dict[str, ast.expr]:
    """By name, the expression that each attribute of a class is set to."""
    expressions: dict[str, ast.expr] = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        expressions.update({name.id: value for name in targets if isinstance(name, ast.Name)})
    return expressions


def _literal(expression: ast.expr | None, *, default: object) -> object:
    """Evaluate a literal. Anything else gives the default."""
    try:
        return default if expression is None else ast.literal_eval(expression)
    except (ValueError, TypeError):
        return default


def _literal_uses(expression: ast.expr | None) -> tuple[str, ...]:
    if isinstance(expression, ast.Call) and expression.args:
        expression = expression.args[0]
    elif expression is None or isinstance(expression, ast.Call):
        return ()
    try:
        return tuple(sorted(ast.literal_eval(expression)))
    except (ValueError, TypeError):
        return ("?",)


def _literal_paper(expression: ast.expr | None) -> Paper | None:
    """The paper that a call `Paper(...)` with literal arguments makes, None for anything else."""
    if not isinstance(expression, ast.Call):
        return None
    try:
        return Paper(
            **{str(word.arg): ast.literal_eval(word.value) for word in expression.keywords}
        )
    except (ValueError, TypeError):
        return None


def _split_path(name: str) -> tuple[Path, str]:
    file, _, attribute = name.rpartition(":")
    path = Path(file)
    if not file or not attribute:
        raise UsageError(f"{name!r} names no class. Write path.py:Class.")
    if not path.is_file():
        raise UsageError(f"There is no file {file!r}. Give the path of the method's file.")
    return path, attribute


def _class_in(path: Path, attribute: str) -> Any:
    """Import a file under a name of its own, and take a class from it."""
    name = f"dgbench_file_{digest_of(str(path.resolve()))[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{str(path)!r} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # foreign code may raise anything; it is named, not hidden
        raise DGBenchError(
            f"Importing {str(path)!r} failed with {type(error).__name__}: {ended(str(error))} "
            "Repair the file."
        ) from error
    if not hasattr(module, attribute):
        classes = [key for key, value in vars(module).items() if isinstance(value, type)]
        raise UsageError(f"{str(path)!r} has no {attribute!r}. {suggestion(attribute, classes)}")
    return getattr(module, attribute)


def _checked(cls: Any, where: str) -> type[Any]:
    """Refuse anything but a Lightning module, told by its name, since torch is not imported."""
    if not isinstance(cls, type) or not any(
        base.__name__ == "LightningModule" and base.__module__.startswith(("lightning", "pytorch_"))
        for base in cls.__mro__
    ):
        raise DGBenchError(f"{where} is not a Lightning module. Subclass dgbench.api.LossMethod.")
    return cls


def _kebab(name: str) -> str:
    """Write `SpectralDecoupling` as `spectral-decoupling`, `ERM` as `erm`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_", "-", name)
    return words.lower()
