"""Print every code that a bundle may be refused with as the table in submissions.md."""

import sys

from dgbench.submission.format.rejection import Code


def main() -> None:
    """A line a code, in the order in which they are looked for."""
    lines = ["| code | what to do |", "|---|---|"]
    lines += [f"| `{code.value}` | {code.hint} |" for code in Code]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
