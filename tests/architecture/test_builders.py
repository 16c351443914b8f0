"""Test modules share builders, never each other."""

import ast
from pathlib import Path

import tests

ROOT = Path(tests.__file__).parent


def imported_modules(path: Path) -> set[str]:
    """The modules that a file imports from, wherever in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }


def test_no_module_imports_from_a_test_module():
    """Builders that two test modules share belong in a module that is named after its product."""
    offenders = {
        path.relative_to(ROOT).as_posix(): sorted(modules)
        for path in ROOT.rglob("*.py")
        if (
            modules := {
                m for m in imported_modules(path) if m.rpartition(".")[2].startswith("test_")
            }
        )
    }
    assert offenders == {}
