"""Print the reference values of every benchmark as the table in benchmarks.md."""

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from statistics import mean

import data_gen.specs
from data_gen.spec import Spec
from data_gen.spec_files import find_spec
from dgbench.metrics.trusted import trusted
from dgbench.references import SUFFIX, Reference, read_reference
from dgbench.standings.number_format import digits, shown


def rows(spec: Spec, reference: Reference) -> list[list[str]]:
    """Return a row for each pattern, the dominant one first."""
    names = sorted(spec.entries, key=lambda name: name in spec.hidden)
    table = []
    for name in names:
        only = spec.aliases.get(f"only.{name}", f"only.{name}")
        trust = trusted(
            mean(reference.erm[only]),
            chance=1 / len(spec.classes),
            ceiling=reference.ceilings[name],
        )
        table.append(
            [
                "" if table else f"`{spec.name}`",
                name,
                "hidden" if name in spec.hidden else "",
                f"{reference.ceilings[name]:.3f}",
                shown(trust, digits(2)),
            ]
        )
    return table


def _references() -> Iterator[Reference]:
    for file in Path(data_gen.specs.__path__[0]).glob(f"*{SUFFIX}"):
        yield read_reference(file.read_bytes(), name=file.name)


def main() -> None:
    """Write Markdown to standard output."""
    heads = ["benchmark", "pattern", "", "ceiling", "T of ERM"]
    lines = [heads, ["---"] * 3 + ["---:"] * 2]
    newest: dict[str, list[list[str]]] = {}
    for reference in sorted(_references(), key=lambda reference: reference.benchmark):
        spec = find_spec(reference.benchmark)
        if spec.hidden:
            newest[spec.name] = rows(spec, reference)
    lines += chain.from_iterable(newest.values())
    sys.stdout.writelines(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
