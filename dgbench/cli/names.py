"""Completes names on the command line, so that a sweep can be resumed from any folder."""

from collections.abc import Sequence
from pathlib import Path

ALL = "all"
"""Word for every installed method."""


def method_names(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the method names in comma-separated texts, with absolute paths.

    `all` means every installed method that works.
    """
    from dgbench.registry import is_path, method_cards

    names: list[str] = []
    for name in _split(texts):
        if name == ALL:
            names += [card.name for card in method_cards() if not card.problem]
        elif is_path(name):
            file, _, attribute = name.rpartition(":")
            names.append(f"{Path(file).resolve()}:{attribute}" if file else name)
        else:
            names.append(name)
    return tuple(dict.fromkeys(names))


def benchmark_names(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the benchmark names in comma-separated texts, with versions and absolute paths.

    With its version in the name, a sweep stays the same when a newer benchmark is installed.
    """
    from data_gen.spec_files import find_spec

    names = []
    for name in _split(texts):
        is_file = Path(name).exists() or Path(name).suffix in (".yaml", ".yml")
        names.append(str(Path(name).resolve()) if is_file else find_spec(name).id)
    return tuple(dict.fromkeys(names))


def member_names(*, families: Sequence[str], suites: Sequence[str]) -> tuple[str, ...]:
    """Return the benchmarks of families and suites, each once."""
    from dgbench.lists.family import find_family
    from dgbench.lists.suite import find_suite

    names = [name for family in _split(families) for name in find_family(family).benchmarks]
    names += [name for suite in _split(suites) for name in find_suite(suite).members]
    return tuple(dict.fromkeys(names))


def absolute_sources(texts: Sequence[str]) -> tuple[str, ...]:
    """Return values of --source with absolute paths, so that a sweep can continue anywhere."""
    sources = []
    for text in texts:
        name, equals, place = text.rpartition("=")
        path = Path(place)
        sources.append(f"{name}{equals}{path.resolve() if path.is_dir() else place}")
    return tuple(sources)


def _split(texts: Sequence[str]) -> list[str]:
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]
