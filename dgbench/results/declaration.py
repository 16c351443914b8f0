"""`sweep.json`: the declaration of a sweep. Its runs, beside it, are its only other state."""

from collections.abc import Mapping
from json import JSONDecodeError
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from data_gen.foundation.documents import read_versioned
from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.foundation.files import write_whole
from dgbench.results.growing import LATER, Growing

DECLARATION = "sweep.json"

_LISTS = ("methods", "benchmarks", "seeds")
"""Lists that a later call may add to. Every run has its own name, so nothing moves."""


class Declaration(Growing):
    """Every method on every benchmark, in so many trials, each with every seed."""

    schema_version: Literal[1] = 1
    methods: Annotated[tuple[str, ...], Field(min_length=1)]
    """Installed names, or `/path.py:Class`."""
    benchmarks: Annotated[tuple[str, ...], Field(min_length=1)]
    """Full names, or the paths of a spec file or a data set."""
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)] = (0,)
    trials: Annotated[int, Field(ge=1)] = 1
    """Trial 0 has the defaults. The others are drawn from the method's ranges."""
    sweep_seed: Annotated[int, Field(ge=0)] = 0
    """Keys the draws."""
    sources: tuple[str, ...] = ()
    generator_seed: Annotated[int, Field(ge=0)] | None = None
    backbone: str = "small-cnn"
    steps: Annotated[int, Field(ge=1)] | None = None
    """Null: each benchmark's budget."""
    batch_size: Annotated[int, Field(ge=1)] | None = None
    precision: str = "32-true"
    development: bool = True
    """Whether development domains are evaluated: `oracle`, `leave-one-pattern-out` read them."""
    probes: bool = True
    development_only: Annotated[bool, LATER] = False
    """Whether no test domain is drawn."""

    def grown(self, asked: Mapping[str, Any], *, where: Path) -> "Declaration":
        """Add what a later call asks for. A contradiction raises UsageError."""
        for name, value in asked.items():
            declared = getattr(self, name)
            if name not in (*_LISTS, "trials") and value != declared:
                raise UsageError(
                    f"The sweep in {str(where)!r} was declared with {name} = {_text(declared)}, "
                    f"not {_text(value)}. Leave the option out, or choose another --out."
                )
        added: dict[str, Any] = {
            name: tuple(dict.fromkeys((*getattr(self, name), *asked.get(name, ()))))
            for name in _LISTS
        }
        added["trials"] = max(self.trials, asked.get("trials", 1))
        return self.model_copy(update=added)


def declare(folder: Path, asked: Mapping[str, Any]) -> Declaration:
    """Combine a folder's sweep with what a call asks for, without writing anything."""
    earlier = read_declaration(folder)
    if earlier is not None:
        return earlier.grown(asked, where=folder)
    return Declaration(**asked)


def write_declaration(folder: Path, declaration: Declaration) -> None:
    """Write `sweep.json`, whole or not at all."""
    write_whole(folder / DECLARATION, (declaration.model_dump_json(indent=1) + "\n").encode())


def read_declaration(folder: Path) -> Declaration | None:
    """Read the declaration of the sweep in a folder. None without one."""
    path = folder / DECLARATION
    try:
        return read_versioned(Declaration, text=path.read_bytes(), name=repr(str(path)))
    except FileNotFoundError:
        return None
    except (OSError, JSONDecodeError, UnicodeDecodeError) as error:
        raise DGBenchError(
            f"{str(path)!r} cannot be read: {error}. Remove it and declare the sweep anew; its "
            "runs are kept and found again."
        ) from error
    except ValueError as error:
        raise DGBenchError(
            f"{str(path)!r} does not declare a sweep: {error}. Remove it and declare the sweep "
            "anew; its runs are kept and found again."
        ) from error


def _text(value: Any) -> str:
    return "the default" if value in (None, ()) else repr(value)
