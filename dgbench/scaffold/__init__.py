"""Writes the skeleton of a plug-in package."""

import keyword
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.foundation.files import folder_whole

_FILES = {
    "pyproject.toml": "pyproject.toml.template",
    "README.md": "README.md.template",
    "$module/__init__.py": "init.py.template",
    "$module/method.py": "method.py.template",
    "tests/test_method.py": "test_method.py.template",
}


def new_method(name: str, folder: Path) -> Path:
    """Write an installable package with one method, its test and its entry point.

    Raises UsageError if the name is invalid or the folder is not empty.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or len(name) > 60:
        raise UsageError(
            f"{name!r} cannot be a method's name. Use small letters, digits and single hyphens, "
            "such as 'my-method'."
        )
    module = name.replace("-", "_")
    if keyword.iskeyword(module):
        raise UsageError(f"{name!r} is a keyword of Python. Choose another name.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{str(folder)!r} exists already and is not empty. Give another folder.")
    words = {
        "name": name,
        "module": module,
        "cls": "".join(part.capitalize() for part in name.split("-")),
        "dgbench": version("dgbench"),
    }
    try:
        with folder_whole(folder) as draft:
            for place, template in _FILES.items():
                path = draft / Template(place).substitute(words)
                path.parent.mkdir(parents=True, exist_ok=True)
                text = files(__name__).joinpath(template).read_text(encoding="utf-8")
                path.write_text(Template(text).substitute(words), encoding="utf-8")
            if folder.is_dir():
                folder.rmdir()  # fails if something was put there in the meantime
    except OSError as error:
        raise DGBenchError(f"Cannot write {str(folder)!r}: {error.strerror}.") from error
    return folder
