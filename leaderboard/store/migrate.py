"""Bring the tables up to date with the migrations that are shipped beside this file."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from data_gen.foundation.errors import DGBenchError
from leaderboard.store.models import SCHEMA


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, within the caller's transaction."""
    try:
        command.upgrade(configuration(connection), SCHEMA)
    except CommandError as error:
        raise DGBenchError(
            f"The store's tables are of another dgbench, a newer one perhaps: {error}. Install "
            "that dgbench, or name another store with --db."
        ) from error


def configuration(connection: Connection) -> Config:
    """Make Alembic's settings for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
