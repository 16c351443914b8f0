"""Deliberate errors: each says what is wrong, where, and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class DGBenchError(Exception):
    """The work failed for a reason that the user can act on (exit code 1)."""

    exit_code = 1


class UsageError(DGBenchError, ValueError):
    """The request itself was wrong: an unknown name, a bad value (exit code 2)."""

    exit_code = 2


def ended(sentence: str) -> str:
    """End a sentence with a full stop, unless it ends already."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def suggestion(name: str, candidates: Iterable[str]) -> str:
    """Name the candidate that is nearest to a mistyped name, or all of them if none is near."""
    names = sorted(candidates)
    near = get_close_matches(name, names, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Known: {', '.join(names)}." if names else "None is known."
