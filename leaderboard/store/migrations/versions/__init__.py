"""Revisions of the tables, one in each file. Released ones never change."""
