"""Write the pages of the site that are made from what the code says: nothing is typed twice.

Run by mkdocs (plugin gen-files).
"""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mkdocs_gen_files
import typer
import typer.cli

from data_gen.bayes import pattern_bayes_accuracy
from data_gen.preview import describe
from data_gen.spec import Spec
from data_gen.spec_files import find_spec, newest
from dgbench.cli.main import app
from dgbench.registry import method_cards
from dgbench.training.description import describe_method

ROOT = Path(__file__).parents[2]
ROOMS = {
    "api": ("dgbench.api",),
    "dgbench": (
        "dgbench.benchmarks",
        "dgbench.lists",
        "dgbench.references",
        "dgbench.results",
        "dgbench.metrics",
        "dgbench.selection",
        "dgbench.submission",
        "dgbench.verification",
        "dgbench.report",
        "dgbench.checks",
        "dgbench.training.plan",
        "dgbench.training.runner",
        "dgbench.doctor",
    ),
    "data_gen": ("data_gen",),
}
"""The pages of Python modules, and the packages on each."""
TITLES = {
    "api": "dgbench.api: what a method may import",
    "dgbench": "dgbench: run, score, compare",
    "data_gen": "data_gen: make data",
}


def main() -> None:
    """Write all of them."""
    write("index.md", start_page())
    write("reference/cli.md", command_line())
    write("reference/methods.md", "\n".join(methods()))
    write("reference/benchmarks.md", "\n".join(benchmarks()))
    write("reference/schemas.md", "\n".join(schemas()))
    for page, packages in ROOMS.items():
        write(f"reference/{page}.md", "\n".join(modules(TITLES[page], packages)))


def write(page: str, text: str) -> None:
    """One page of the site."""
    with mkdocs_gen_files.open(page, "w") as stream:
        stream.write(text)


def start_page() -> str:
    """The README, whose links begin at the root of the sources."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.sub(r"\]\((?!http|#)(?!docs/)", "](../", text).replace("](docs/", "](")


def command_line() -> str:
    """Every command's help."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("dgbench", [], resilient_parsing=True)
    text = typer.cli.get_docs_for_click(
        obj=group, ctx=context, name="dgbench", title="Command line"
    )
    return text.replace("\n# `", "\n## `")


def methods() -> Iterator[str]:
    """Every installed method's docstring, declarations and hyper-parameters."""
    yield "# Methods\n\nAs `dgbench methods` lists them; each is one file in `baselines/`.\n"
    for card in method_cards():
        method = describe_method(card.name)
        uses = ", ".join(f"`{name}`" for name in card.uses) or "nothing extra"
        yield f"## {card.name}\n\n{method['summary']}\n\n{method['about']}\n"
        if method["reference"]:
            paper = method["paper"] or {}
            links = [f"[{key}]({paper[key]})" for key in ("url", "code") if paper.get(key)]
            yield f"Reference: {' '.join([method['reference'], *links])}\n"
        yield f"Uses {uses}.\n"
        yield "| hyper-parameter | default | search range | |\n| --- | --- | --- | --- |"
        for parameter in method["hyper_parameters"]:
            name, default = f"`{parameter['name']}`", parameter["default"]
            cells = (name, default, parameter["range"], parameter["description"])
            yield f"| {' | '.join(plain(cell) for cell in cells)} |"
        yield ""


def benchmarks() -> Iterator[str]:
    """The newest version of every registered spec."""
    yield "# Benchmarks\n\nAs `dgbench benchmarks show NAME` tells them.\n"
    for identity in newest():
        yield from benchmark(find_spec(identity))


def benchmark(spec: Spec) -> Iterator[str]:
    """One spec: its patterns and its domains."""
    yield f"## {spec.id}\n\n{spec.summary}\n\n{spec.about.strip()}\n"
    yield f"Source {spec.source}; {spec.budget.steps:,} steps of {spec.budget.batch_size} images; "
    yield f"spec digest `{spec.digest}`.\n"
    yield "| pattern | kind | predictivity | Bayes accuracy | role |"
    yield "| --- | --- | --- | --- | --- |"
    for environment in spec.training_environments or (None,):
        for entry in spec.within(environment).values():
            name = f"{entry.name} in {environment}" if environment else entry.name
            role = "hidden" if entry.name in spec.hidden else "dominant" if spec.hidden else ""
            bayes = pattern_bayes_accuracy(spec, entry.name, environment=environment)
            yield f"| {name} | {entry.kind} | {entry.rho:g} | {bayes:.4f} | {role} |"
    yield "\n| test domain | what it does |\n| --- | --- |"
    for test in spec.test_domains:
        yield f"| `{test.name}` | {describe(spec, test.domain)} |"
    yield ""


def schemas() -> Iterator[str]:
    """Every published JSON Schema: its fields, and the file itself."""
    yield "# Files and their schemas\n\nJSON files that dgbench writes, and what stands in them.\n"
    for file in sorted(ROOT.glob("*/**/*.schema.json")):
        if ".venv" in file.parts:
            continue
        with mkdocs_gen_files.open(f"reference/schemas/{file.name}", "w") as stream:
            stream.write(file.read_text(encoding="utf-8"))
        schema = json.loads(file.read_text(encoding="utf-8"))
        yield f"## {file.name}\n\n{flat(schema.get('description', ''))}\n"
        yield f"The schema: [{file.name}](schemas/{file.name}).\n"
        parts = {schema.get("title", "the file"): schema, **schema.get("$defs", {})}
        for name, part in parts.items():
            if "properties" in part:
                yield from fields(name, part)


def fields(name: str, part: dict[str, Any]) -> Iterator[str]:
    """The fields of one object."""
    yield f"**{name}** {flat(part.get('description', ''))}\n"
    yield "| field | type | |\n| --- | --- | --- |"
    for field, schema in part["properties"].items():
        yield f"| `{field}` | {plain(kind(schema))} | {plain(schema.get('description', ''))} |"
    yield ""


def kind(schema: dict[str, Any]) -> str:
    """The type of a field, in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(map(kind, schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(map(repr, schema["enum"]))
    if "const" in schema:
        return repr(schema["const"])
    if schema.get("type") == "array":
        return f"list of {kind(schema['items'])}" if "items" in schema else "list"
    return str(schema.get("type", "anything"))


def modules(title: str, packages: tuple[str, ...]) -> Iterator[str]:
    """The docstrings of some packages' public modules."""
    yield f"# {title}\n"
    for package in packages:
        try:
            imported = importlib.import_module(package)
        except ModuleNotFoundError:
            continue
        inside = pkgutil.iter_modules(getattr(imported, "__path__", ()))
        public = [info.name for info in inside if not info.name.startswith("_") and not info.ispkg]
        for name in (package, *(f"{package}.{module}" for module in public)):
            yield f"## {name}\n\n::: {name}\n"


def flat(text: str) -> str:
    """A text on one line."""
    return " ".join(str(text).split())


def plain(text: object) -> str:
    """A text that can stand in a cell of a table."""
    return flat(str(text)).replace("|", "\\|").replace("<", "&lt;")


main()
