"""Open the store that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

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


@contextmanager
def opened(database: str | None) -> Iterator["Service"]:
    """Open the service over the store that `--db` names, or raise DGBenchError if it is absent."""
    with _opened(database, makes=False) as service:
        yield service


@contextmanager
def opened_or_made(database: str | None) -> Iterator["Service"]:
    """Open the service over the store that `--db` names, which the command may begin."""
    with _opened(database, makes=True) as service:
        yield service


def name_of(database: str | None) -> str:
    """Name the store that `--db` names, for people."""
    from leaderboard.store.places import named, place_of

    return named(place_of(database))


@contextmanager
def _opened(database: str | None, *, makes: bool) -> Iterator["Service"]:
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    service = Service(Store.open(database, makes=makes))
    try:
        yield service
    finally:
        service.close()
