"""Checks the shapes in annotations while tests run (see the Makefile)."""

from beartype import BeartypeConf, beartype
from beartype.roar import BeartypeDecorHintException

# A whole number may stand where a float is asked for.
_beartype = beartype(conf=BeartypeConf(is_pep484_tower=True))


def checked(function):
    """Check a function's arguments, or leave it alone if the checker does not support its hints."""
    try:
        return _beartype(function)
    except BeartypeDecorHintException:
        return function
