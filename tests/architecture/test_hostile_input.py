"""What reads a stranger's bundle has no way to execute it."""

import ast
from pathlib import Path

import pytest

import dgbench.submission

FOLDER = Path(dgbench.submission.__file__).parent
FILES = sorted(FOLDER.glob("*.py"))
MODULES = {
    "pickle", "cPickle", "marshal", "shelve", "dill", "joblib", "torch", "yaml", "xml", "tarfile",
    "shutil", "importlib", "runpy", "ctypes", "urllib.request", "http", "httpx", "requests",
    "socket",
}  # fmt: skip
NAMES = {"eval", "exec", "compile", "__import__", "breakpoint"}
METHODS = {"extract", "extractall", "load_module", "system", "popen", "unpack_archive", "urlopen"}
ALLOWED = {("packing.py", "importlib"), ("conformance.py", "importlib")}
"""importlib.metadata reads the versions of installed packages."""


def problems(source, name="file.py"):
    """Everything in a file that could execute or unpickle what it reads."""
    for node in ast.walk(ast.parse(source)):
        yield from _calls(node)
        for module in _imports(node):
            top = module.split(".")[0]
            if {module, top} & MODULES and (name, top) not in ALLOWED:
                yield module


def _calls(node):
    match node:
        case ast.Call(func=ast.Name(id=called)) if called in NAMES:
            yield called
        case ast.Call(func=ast.Attribute(attr=called)) if called in METHODS:
            yield called
        case ast.keyword(arg="allow_pickle" | "shell"):
            yield node.arg


def _imports(node):
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module):
            return [module or ""]
    return []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_executes_or_unpickles_what_it_reads(path):
    assert list(problems(path.read_text(encoding="utf-8"), path.name)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from torch import load",
        "import yaml",
        "eval(text)",
        "archive.extractall()",
        "np.load(f, allow_pickle=True)",
        "import urllib.request",
        "subprocess.run(x, shell=True)",
    ],
)
def test_the_check_sees_what_it_looks_for(source):
    assert list(problems(source))
