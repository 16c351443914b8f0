"""A process that has imported what dgbench needs of others, and forks one process for each command.

A command has its own process, folder, environment, output and exit code, and imports dgbench
itself. What they share is the import of torch and its like, which takes longer than most tests.
"""

import atexit
import gc
import importlib
import json
import os
import sys
import threading
from typing import NoReturn

PACKAGES = (
    "alembic.config",
    "lightning.pytorch",
    "matplotlib.figure",
    "rich.console",
    "scipy.stats",
    "sqlalchemy.orm",
    "torchvision",
    "typer",
)


def main() -> None:
    """Run each command that standard input describes, and answer with its exit code."""
    for package in PACKAGES:
        importlib.import_module(package)
    gc.freeze()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    while request := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            become(**json.loads(request))
            end(run())
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def run() -> int:
    """Run the command, and return its exit code."""
    from dgbench.__main__ import main as command

    try:
        command()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def end(code: int) -> NoReturn:
    """End the process as Python would, but for taking all of torch's objects apart."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def become(
    *, arguments: list[str], folder: str, environment: dict[str, str], output: str, errors: str
) -> None:
    """Take on what makes this process that of one command."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["dgbench", *arguments]
    sys.path[0] = folder
    for number, path in enumerate((os.devnull, output, errors)):
        os.dup2(os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY), number)


if __name__ == "__main__":
    main()
