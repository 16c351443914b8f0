"""Runs the migrations in the caller's transaction, as alembic asks for each command."""

from alembic import context
from sqlalchemy import Connection

from leaderboard.store.models import Base

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
