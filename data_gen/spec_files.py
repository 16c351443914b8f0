"""Specs in YAML: a file of the user's own, or those that installed packages register."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from data_gen.foundation.errors import DGBenchError, UsageError, ended, suggestion
from data_gen.foundation.yaml_text import parse_yaml
from data_gen.registry import problem_sentence, spec_files, spec_folders
from data_gen.spec import Spec
from data_gen.spec_parts import Budget, Environment, Grid, PatternEntry


def parse_spec(text: str, *, where: str) -> Spec:
    """Parse a spec in YAML. Errors call it `where`."""
    return spec_from(parse_yaml(text, where=where), where=where)


def spec_from(document: Any, *, where: str) -> Spec:
    """Validate a spec that was parsed from YAML or from a data set's `benchmark.json`."""
    if not isinstance(document, dict):
        raise UsageError(f"{where}: expected a mapping of the spec's keys.")
    try:
        return Spec.model_validate(document)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        location = ".".join(map(str, problem["loc"]))
        sentence = problem_sentence(problem)
        if problem["type"] == "extra_forbidden":
            models = (Spec, PatternEntry, Grid, Environment, Budget)
            fields = {field for model in models for field in model.model_fields}
            sentence += f". {suggestion(str(problem['loc'][-1]), fields)}"
        place = f"{where}: {location}:" if location else f"{where}:"
        raise UsageError(f"{place} {ended(sentence)}") from error


def read_spec(path: Path) -> Spec:
    """Read the spec in a YAML file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read the spec {str(path)!r}: {error}.") from error
    return parse_spec(text, where=str(path))


def registered() -> dict[str, dict[str, Any]]:
    """Return the registered benchmarks by id, as unvalidated documents, newest version last."""
    documents: dict[str, dict[str, Any]] = {}
    for file in spec_files():
        document = parse_yaml(file.read_text(encoding="utf-8"), where=str(file))
        try:
            identity = f"{document['name']}@{document['version']}"
        except (TypeError, KeyError) as error:
            raise DGBenchError(f"{file}: the spec has no name and version.") from error
        if identity in documents:
            raise DGBenchError(f"{file}: the benchmark {identity!r} is registered twice.")
        documents[identity] = document
    return dict(sorted(documents.items(), key=lambda item: (item[1]["name"], item[1]["version"])))


def newest(documents: Mapping[str, dict[str, Any]] | None = None) -> dict[str, dict[str, Any]]:
    """Return the newest version of every registered benchmark, as `registered` does.

    `documents` are those that it returned, for who has them.
    """
    if documents is None:
        documents = registered()
    by_name = {str(document["name"]): identity for identity, document in documents.items()}
    return {identity: documents[identity] for identity in by_name.values()}


def successor_of(identity: str) -> str | None:
    """Return the newest version of a registered benchmark, or None for what has no newer one."""
    return successors().get(identity)


def successors() -> dict[str, str]:
    """Return the newest version of every registered benchmark that is older."""
    documents = registered()
    by_name = {document["name"]: identity for identity, document in documents.items()}
    return {
        identity: by_name[document["name"]]
        for identity, document in documents.items()
        if by_name[document["name"]] != identity
    }


class Companion(NamedTuple):
    """A file beside a spec."""

    name: str
    text: str


def companion_of(spec: Spec, suffix: str, *, beside: Path | None = None) -> Companion | None:
    """Read the file with this suffix that belongs to a spec, or return None for no such file.

    It lies beside the specs of the installed packages, or beside the spec file `beside`. A version
    without a file of its own may find that of version 1.
    """
    folders = [beside.parent] if beside else list(spec_folders())
    for name in (companion_name(spec.id, suffix), spec.name + suffix):
        for folder in folders:
            if (folder / name).is_file():
                return Companion(name, (folder / name).read_text(encoding="utf-8"))
    return None


def companion_name(identity: str, suffix: str) -> str:
    """Return the name of a file beside a spec: `mnist-ladder@2.yaml`, without `@1` for version 1.

    The spec's own file is called so too.
    """
    return identity.removesuffix("@1") + suffix


def find_spec(name: str, *, documents: Mapping[str, dict[str, Any]] | None = None) -> Spec:
    """Find a registered benchmark. A name without a version means the newest one.

    `documents` are those that `registered` returned, for who asks often.
    """
    if documents is None:
        documents = registered()
    by_name = {str(document["name"]): identity for identity, document in documents.items()}
    identity = by_name.get(name, name)
    if identity not in documents:
        raise UsageError(
            f"No benchmark is called {name!r}. {suggestion(name, by_name)} "
            "`dgbench benchmarks` lists them all."
        )
    return spec_from(documents[identity], where=identity)
