"""How a check ends other than by passing."""

from data_gen.foundation.errors import DGBenchError


class ConformanceError(DGBenchError):
    """A method does not do what the harness relies on."""


class NotApplicable(Exception):  # noqa: N818  (an answer, not an error)
    """The check makes no sense for this method, for the reason given."""
