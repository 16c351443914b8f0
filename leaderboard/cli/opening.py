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
    """Open the service over the store that `--db` names."""
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    service = Service(Store.open(database))
    try:
        yield service
    finally:
        service.close()
