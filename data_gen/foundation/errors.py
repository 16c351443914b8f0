"""What goes wrong on purpose: every deliberate error says what, where and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class DGBenchError(Exception):
    """The work failed for a reason that the user can act on (exit code 1)."""

    exit_code = 1


class UsageError(DGBenchError, ValueError):
    """The request itself was wrong: an unknown name, a bad value (exit code 2)."""

    exit_code = 2


def ended(sentence: str) -> str:
    """The sentence with a full stop, unless it has an end already."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def suggestion(name: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known name, or all of them when none is near."""
    known = sorted(known)
    near = get_close_matches(name, known, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Known: {', '.join(known)}." if known else "None is known."
