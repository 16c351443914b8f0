"""Turn a benchmark's spec and a seed into images, factor tables and a data set card.

The names below are those that code outside this package needs most. Importing the package loads
none of them: each is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data_gen.generator import Generator
    from data_gen.pattern import Pattern
    from data_gen.scene import Scene
    from data_gen.sources import load_sources
    from data_gen.spec import Spec
    from data_gen.spec_files import find_spec, read_spec
    from data_gen.streams import Stream

__all__ = [
    "Generator",
    "Pattern",
    "Scene",
    "Spec",
    "Stream",
    "find_spec",
    "load_sources",
    "read_spec",
]

_MODULES = {
    "Generator": "generator",
    "Pattern": "pattern",
    "Scene": "scene",
    "Spec": "spec",
    "Stream": "streams",
    "find_spec": "spec_files",
    "load_sources": "sources",
    "read_spec": "spec_files",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
