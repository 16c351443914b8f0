"""Exceptions by which a check says that a method fails it, or that it does not apply."""

from data_gen.foundation.errors import DGBenchError


class ConformanceError(DGBenchError):
    """A method does not do what the harness relies on."""


class NotApplicable(Exception):  # noqa: N818  (an answer, not an error)
    """The check does not apply to the method, for the given reason."""
