"""References as BibTeX."""

import re
from collections.abc import Mapping, Sequence

from dgbench.standings.writers.latex import latex

_PERSON = re.compile(r"[^\W\d_][\w .'\-]* [\w.'\-]+")
"""Given names and a surname."""


def entry(key: str, fields: Mapping[str, str]) -> str:
    """Write one reference. The values are LaTeX already."""
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}\n}}\n"


def authors(names: Sequence[str]) -> str:
    """Names that BibTeX takes as they are.

    Names of people stay open to it, so that a style can shorten them. Anything else is one word.
    """
    return " and ".join(
        latex(name) if _PERSON.fullmatch(name) and " and " not in name else f"{{{latex(name)}}}"
        for name in names
    )


def address(url: str) -> str:
    """An address that neither ends its field nor begins a command."""
    return url.translate({ord(letter): f"%{ord(letter):02X}" for letter in "{}\\ "})
