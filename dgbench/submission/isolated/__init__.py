"""Scoring in a process of its own, where a hostile bundle can do no harm."""
