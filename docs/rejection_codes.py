"""Print every code of a refusal, for the table in submissions.md."""

import sys

from dgbench.submission.format.rejection import Code


def main() -> None:
    """Write a line for each code, in the order of the checks."""
    lines = ["| code | what to do |", "|---|---|"]
    lines += [f"| `{code.value}` | {code.hint} |" for code in Code]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
