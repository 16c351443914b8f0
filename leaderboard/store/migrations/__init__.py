"""Alembic's migrations of the store, run by `Store.open`."""
