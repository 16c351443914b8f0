"""Read what the operator says about the site, from a file in TOML."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from data_gen.foundation.errors import UsageError, suggestion
from leaderboard.records import Site

_CONTACT = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+|https://[^\s<>]+|")
_LINK = re.compile(r"https://[^\s<>]+|")
_FORMS = {
    "contact": (_CONTACT, "an e-mail address or an https address"),
    "paper": (_LINK, "an https address"),
    "code": (_LINK, "an https address"),
    "docs": (_LINK, "an https address"),
}
_NAMES = [field.name for field in fields(Site)]


def read_site(file: Path | None) -> Site:
    """Read the operator's file. Without one the site names nobody."""
    if file is None:
        return Site()
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"--site: cannot read {str(file)!r}: {error}.") from error
    return Site(**_checked(said, file))


def _checked(said: Mapping[str, object], file: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, value in said.items():
        if name not in _NAMES:
            near = suggestion(name, _NAMES)
            raise UsageError(f"--site: {str(file)!r} says {name!r}, which nothing reads. {near}")
        if not isinstance(value, str):
            raise UsageError(f"--site: {name} in {str(file)!r} must be a text.")
        form, what = _FORMS.get(name, (None, ""))
        if form is not None and not form.fullmatch(value):
            raise UsageError(f"--site: {name} = {value!r} in {str(file)!r} is not {what}.")
        texts[name] = value
    return texts
