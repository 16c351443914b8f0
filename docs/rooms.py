"""Print the tables of architecture.md: the rooms, and what the contracts let them import.

python docs/rooms.py rooms|contracts
"""

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PACKAGES = ("data_gen", "dgbench", "baselines", "leaderboard")


def main() -> None:
    """Print one of the tables."""
    tables = {"rooms": rooms, "contracts": contracts}
    if sys.argv[1:] not in [[name] for name in tables]:
        sys.exit(__doc__)
    sys.stdout.write("\n".join(tables[sys.argv[1]]()) + "\n")


def rooms() -> Iterator[str]:
    """List every package and the folders with code in it, each with its first sentence."""
    yield "| room | what it is for |"
    yield "| --- | --- |"
    for package in PACKAGES:
        folder = ROOT / package
        folders = [folder, *sorted(file.parent for file in folder.glob("*/__init__.py"))]
        for room in folders:
            yield f"| `{room.relative_to(ROOT)}/` | {first_line(room / '__init__.py')} |"


def first_line(file: Path) -> str:
    """The first line of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def contracts() -> Iterator[str]:
    """List the contracts that `lint-imports` holds."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for contract in settings["tool"]["importlinter"]["contracts"]:
        yield from layers(contract) if contract["type"] == "layers" else forbidden(contract)


def layers(contract: dict[str, Any]) -> Iterator[str]:
    """List floors from the highest to the lowest."""
    containers = contract.get("containers", [])
    inside = f" (inside {names(containers)})" if containers else ""
    yield f"- **{contract['name']}**{inside}: each imports only from floors below its own."
    for number, layer in enumerate(contract["layers"], 1):
        yield f"    {number}. {names(room.strip(' ()') for room in layer.split('|'))}"


def forbidden(contract: dict[str, Any]) -> Iterator[str]:
    """Tell who may not import what."""
    sources, targets = names(contract["source_modules"]), names(contract["forbidden_modules"])
    how = "directly" if contract.get("allow_indirect_imports") else "directly or by way of others"
    yield f"- **{contract['name']}**: {sources} may not import {targets}, {how}."
    if ignored := contract.get("ignore_imports"):
        yield f"    Allowed all the same: {names(ignored)}."


def names(modules: Iterable[str]) -> str:
    """Names of modules as code, with commas."""
    return ", ".join(f"`{name}`" for name in modules)


if __name__ == "__main__":
    main()
