"""Deliberate errors: each says what is wrong, where, and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_QUOTE = 60
"""Characters of a stranger's text that an error quotes."""


class DGBenchError(Exception):
    """The work failed for a reason that the user can act on (exit code 1)."""

    exit_code = 1


class UsageError(DGBenchError, ValueError):
    """The request itself was wrong: an unknown name, a bad value (exit code 2)."""

    exit_code = 2


def ended(sentence: str) -> str:
    """End a sentence with a full stop, unless it ends already."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def quoted(text: str) -> str:
    """Quote what a stranger wrote, cut where it is long, without letters that cannot be printed."""
    cut = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."
    return repr("".join(letter if letter.isprintable() else " " for letter in cut))


def suggestion(name: str, candidates: Iterable[str], *, most: int | None = None) -> str:
    """Name the candidate that is nearest to a mistyped name, or else those that there are.

    `most` is how many of them are named, by default all.
    """
    names = sorted(candidates)
    near = get_close_matches(name[:LONGEST_QUOTE], names, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    shown = names[:most]
    more = f" and {len(names) - len(shown):,} more" if len(shown) < len(names) else ""
    return f"Known: {', '.join(shown)}{more}." if names else "None is known."
