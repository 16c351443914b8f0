"""Renew the tables in the README and the docs by the commands that stand above them.

    python docs/tables.py [--check]

A table stands between `<!-- output of: COMMAND -->` and `<!-- end -->`, where COMMAND begins with
dgbench or python. With --check nothing is written, and the exit code is 1 where a page is not what
its commands print.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
BLOCK = re.compile(
    r"(<!-- output of: (dgbench|python) (.*?) -->\n).*?(<!-- end -->)", flags=re.DOTALL
)


def renewed(text: str) -> str:
    """Return a page with every table as its command prints it now."""
    return BLOCK.sub(lambda block: f"{block[1]}\n{_output(block[2], block[3])}\n{block[4]}", text)


def _output(program: str, arguments: str) -> str:
    # The shell expands {a,b} and *, as it does for a reader who types the command.
    module = "-m dgbench" if program == "dgbench" else ""
    script = f'"{sys.executable}" {module} {arguments}'
    command = ["bash", "-c", script]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    asked = parser.parse_args()
    stale = 0
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        new = renewed(old)
        if new != old:
            stale = 1
            sys.stderr.write(f"{page.relative_to(ROOT)} has tables of other runs\n")
            if not asked.check:
                page.write_text(new, encoding="utf-8")
    return stale if asked.check else 0


if __name__ == "__main__":
    sys.exit(main())
