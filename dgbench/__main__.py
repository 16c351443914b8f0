"""Entry point of `dgbench` and `python -m dgbench`.

It imports late, so that Ctrl-C ends it cleanly from the start.
"""

import sys


def main() -> None:
    """Run the command line and exit."""
    try:
        from dgbench.cli.main import run
    except KeyboardInterrupt:
        sys.exit("Error: Interrupted. Nothing was left half-written.")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
