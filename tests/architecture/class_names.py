"""Finds classes and types that are defined more than once, and lists those that may be."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("data_gen", "dgbench", "baselines", "leaderboard")
TWICE = {
    # The same thing on two sides of a border that only JSON or predictions cross.
    "Flag", "Headline", "Manifest", "Problem", "Scored", "Scores", "Verification",
    "Verified",
    # An annotation of a field, or a choice of words, used in the file that defines it.
    "Cell", "Count", "Format", "Kind", "Pool", "Role", "Share", "Show", "Status", "Word",
    # Words that the field uses for two things which never meet in one file.
    "Choice", "Code", "Environment", "Event", "Finding", "Grid", "Job",
    "Limits", "Measure", "Request", "Row", "Run", "Sample", "State", "Table",
}  # fmt: skip
"""Names that are defined more than once for now. The list only shrinks."""


def defined_names(source):
    """The public classes and types that a module defines at its top level."""
    for node in ast.parse(source).body:
        match node:
            case ast.ClassDef(name=name):
                pass
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                pass
            case _:
                continue
        if name[0].isupper() and not name.isupper():
            yield name


def defined_twice(sources):
    """The names that more than one of some modules define, each with the modules."""
    modules = defaultdict(set)
    for module, source in sources.items():
        for name in defined_names(source):
            modules[name].add(module)
    return {name: sorted(where) for name, where in modules.items() if len(where) > 1}


def sources_of_ours():
    """The source of every shipped module, by its path."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }
