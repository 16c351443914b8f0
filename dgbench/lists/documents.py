"""Reads the YAML of families and suites, and finds their members."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from data_gen.foundation.documents import Document
from data_gen.foundation.errors import UsageError, ended, suggestion
from data_gen.foundation.yaml_text import parse_yaml
from data_gen.registry import problem_sentence, registered_files
from data_gen.spec import Spec
from data_gen.spec_files import registered, spec_from

MemberName = Annotated[str, Field(min_length=1)]
"""Full name of a benchmark, such as `mnist-color@1`."""


def read_list(model: type[Document], path: Path, kind: str) -> Document:
    """Read a list from a file of the user's own. Messages call it a `kind`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read the {kind} {str(path)!r}: {error}.") from error
    return parse_list(model, text, where=str(path))


def registered_lists(model: type[Document], group: str, kind: str) -> list[Document]:
    """Read the lists that installed packages register, in no particular order."""
    return [
        parse_list(model, file.read_text(encoding="utf-8"), where=str(file))
        for file in registered_files(group, kind)
    ]


def parse_list(model: type[Document], text: str, *, where: str) -> Document:
    """Parse and validate a list. Errors call it `where`."""
    document: Any = parse_yaml(text, where=where)
    if not isinstance(document, dict):
        raise UsageError(f"{where}: expected a mapping with a name and members.")
    try:
        return model.model_validate(document)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise UsageError(f"{where}: {place}: {ended(problem_sentence(problem))}") from error


def members(names: Sequence[str], *, list_name: str) -> Mapping[str, Spec]:
    """Find the specs of the members of a list.

    Raises UsageError for a name that is unknown, has no version, or is there twice.
    """
    documents = registered()
    specs: dict[str, Spec] = {}
    for name in names:
        if "@" not in name:
            raise UsageError(
                f"{list_name}: the member {name!r} has no version, so what it means would change "
                f"with the next one. Write {name}@1, or which one is meant."
            )
        if name in specs:
            raise UsageError(f"{list_name}: the member {name!r} is there twice.")
        if name not in documents:
            raise UsageError(
                f"{list_name}: no benchmark is called {name!r}. {suggestion(name, documents)}"
            )
        specs[name] = spec_from(documents[name], where=name)
    return specs
