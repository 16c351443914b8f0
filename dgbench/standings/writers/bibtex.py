"""References as BibTeX."""

from collections.abc import Mapping, Sequence

from dgbench.standings.writers.latex import latex


def entry(key: str, fields: Mapping[str, str]) -> str:
    """Write one reference. The values are LaTeX already."""
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}\n}}\n"


def authors(names: Sequence[str]) -> str:
    """Names that BibTeX takes as they are."""
    return " and ".join(f"{{{latex(name)}}}" for name in names)


def address(url: str) -> str:
    """An address that neither ends its field nor begins a command."""
    return url.translate({ord(letter): f"%{ord(letter):02X}" for letter in "{}\\ "})
