"""Open the store for a command; what is missing is named with its cure."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dgbench.cli.plugins import missing_extra

if TYPE_CHECKING:
    from leaderboard.service import Service

Database = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        help="A folder, a file, or postgresql+psycopg://USER@HOST/DATABASE. Default: the variable "
        "DGBENCH_STORE, else the user's data folder.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]

_OURS = ("data_gen", "dgbench", "baselines", "leaderboard")


def load(module: str) -> Any:
    """Import a module that needs the extra `leaderboard`."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in _OURS:
            raise
        raise missing_extra(error, "leaderboard") from error


@contextmanager
def opened(database: str | None) -> Iterator["Service"]:
    """The service over the store that `--db` names."""
    store = load("leaderboard.store.database").Store.open(database)
    service = load("leaderboard.service").Service(store)
    try:
        yield service
    finally:
        service.close()
