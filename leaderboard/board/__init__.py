"""Rows: how they are made, ranked, asked for and compared."""
