"""Print the families or the suites as a table in Markdown, for benchmarks.md.

python docs/benchmark_lists.py families|suites
"""

import sys
from collections.abc import Iterator

from dgbench.lists.family import families
from dgbench.lists.suite import suites


def family_lines() -> Iterator[str]:
    """A line for each family."""
    yield "| family | strength | F of the hidden pattern | levels: members |"
    yield "| --- | --- | --- | --- |"
    for name, family in families().items():
        members = ", ".join(f"{member.level:g}: `{member.benchmark}`" for member in family.members)
        yield f"| `{name}` | {family.axis.title} | {family.trend} | {members} |"


def suite_lines() -> Iterator[str]:
    """A line for each suite."""
    yield "| suite | members |"
    yield "| --- | --- |"
    for identity, suite in suites().items():
        yield f"| `{identity}` | {', '.join(f'`{member}`' for member in suite.members)} |"


def main() -> None:
    """Write the table that was asked for."""
    tables = {"families": family_lines, "suites": suite_lines}
    if sys.argv[1:] not in [[name] for name in tables]:
        sys.exit(__doc__)
    sys.stdout.writelines(f"{line}\n" for line in tables[sys.argv[1]]())


if __name__ == "__main__":
    main()
