"""Errors of training, below everything that raises or handles them."""

from data_gen.foundation.errors import DGBenchError, UsageError


class DivergedError(DGBenchError):
    """The loss or the logits are no longer numbers."""


class MethodError(DGBenchError):
    """The code of a method raised an exception."""


class UnfitError(UsageError):
    """The benchmark lacks what the method needs, so the two do not apply to each other."""


class StoppedError(DGBenchError):
    """A signal has asked to end. The run can be resumed."""

    exit_code = 75
    """The code of sysexits.h for what may work later, by which scripts queue a job again."""
