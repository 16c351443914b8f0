"""Finds code that could execute, unpickle or inject its input."""

import ast
import re

MODULES = {
    "pickle", "cPickle", "_pickle", "cloudpickle", "marshal", "shelve", "dbm", "dill", "joblib",
    "torch", "yaml", "xml", "tarfile", "runpy", "code", "codeop", "ctypes",
}  # fmt: skip
"""What unpickles, or runs code that it is given."""
WAYS_OUT = {
    "shutil",
    "importlib",
    "urllib.request",
    "http",
    "httpx",
    "requests",
    "socket",
}
"""Modules and functions that reach files, code or machines beyond the input."""
NAMES = {"eval", "exec", "compile", "__import__", "import_module", "breakpoint"}
METHODS = {
    "extract", "extractall", "unpack_archive", "load_module", "exec_module", "import_module",
    "run_module", "run_path", "system", "popen", "urlopen", "read_pickle", "to_pickle",
}  # fmt: skip
KEYWORDS = {"allow_pickle", "shell", "unsafe_allow_html", "unsafe_allow_javascript"}
_HTML = {"html", "iframe", "components"}
_TAKING_SQL = {
    "text",
    "literal_column",
    "exec_driver_sql",
    "execute",
    "executemany",
    "scalar",
    "scalars",
}
_SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|DROP|CREATE|ALTER|PRAGMA|VACUUM|ATTACH)\s")


def problems(source, *, modules=frozenset(MODULES)):
    """Each as a word that names it, such as `pickle` or `SQL`."""
    for node in ast.walk(ast.parse(source)):
        yield from _called(node)
        for name in _imported(node):
            yield from {name, name.split(".")[0]} & modules
        if _is_made_up(node) and _SQL.match(_first_words(node)):
            yield "SQL"


def _called(node):
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[argument, *_]) if (
            name in _TAKING_SQL and _is_made_up(argument)
        ):
            yield "SQL"
        case ast.Call(func=ast.Name(id=name)) if name in NAMES:
            yield name
        case ast.Call(func=ast.Attribute(attr=name)) if name in METHODS:
            yield name
        case ast.keyword(arg=name, value=value) if name in KEYWORDS:
            if not (isinstance(value, ast.Constant) and value.value is False):
                yield name
        case ast.Attribute(value=ast.Name(id="st"), attr=name) if name in _HTML:
            yield f"st.{name}"


def _imported(node):
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module), names=names):
            return [module, *(f"{module}.{alias.name}" for alias in names)]
    return []


def _is_made_up(node):
    """Whether a text is put together of parts, not all of which are constants of the module."""
    match node:
        case ast.JoinedStr(values=values):
            parts = [part.value for part in values if isinstance(part, ast.FormattedValue)]
            return not all(isinstance(part, ast.Name) and part.id.isupper() for part in parts)
        case ast.BinOp(op=ast.Add() | ast.Mod(), left=left, right=right):
            return _is_text(left) or _is_text(right)
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "join" | "replace")):
            return _is_text(value)
    return False


def _is_text(node):
    is_constant = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_constant or isinstance(node, ast.JoinedStr) or _is_made_up(node)


def _first_words(node):
    """The text that a made-up text begins with, as far as it stands in the code."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=[first, *_]):
            return _first_words(first)
        case ast.BinOp(left=left):
            return _first_words(left)
        case ast.Call(func=ast.Attribute(value=value)):
            return _first_words(value)
    return ""
