"""Entry point of `dgbench` and `python -m dgbench`.

It imports late, so that Ctrl-C ends it cleanly from the start.
"""

import os
import sys


def main() -> None:
    """Run the command line and exit."""
    try:
        from dgbench.cli.main import run
    except KeyboardInterrupt:
        sys.stderr.write("Error: Interrupted. Nothing was left half-written.\n")
        sys.stderr.flush()
        # Python 3.11 ends by the signal, whatever `sys.exit` says, if Ctrl-C came while an import
        # ran code from a string, as data classes do. Nothing has begun that would need an end.
        os._exit(1)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
