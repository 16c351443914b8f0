"""Finds docstrings, messages, pages and names that a reader has to read twice."""

import ast
import re
from typing import NamedTuple

MAX_WORDS = 25
"""Words of a docstring's first line."""
OPENERS = {"from", "how", "of", "what", "where", "who", "whoever"}
"""First words that start a riddle: the thing itself, or a verb, comes first."""
RIDDLES = (
    r"\b(none|null|error) where (it|they|there) (is|are) (no|none|not)\b",
    r"\b(where|if|unless) (it|there|they) (is|are) (none|one|not one)\b",
    r"\bwhat (is|was|are) not \w+ (is|was|are) not\b",
    r"\bwhoever\b",
    r"\bstands? no more\b",
    r"\bfor ever\b",
    r"\bat hand\b",
    r"\bmay not be sent: no\b",
    r"\bone \w+ an? (benchmark|byte|domain|method|noun|pattern|reason|row|run|seed|step)\b",
    r"(?<!there )\b(is|are|was|were) no (?!longer|more|less|fewer|better|worse)\w",
    r"(?<!raises )(?<!raise )(?<!and )(?<!or )(?<!an )(?<!the )\b\w+Error (where|unless|if)\b",
)
"""Turns of phrase, as regular expressions, that say a plain thing in a way that nobody speaks."""
VAGUE = {"at", "each", "found", "known", "of", "one", "wanted"}
"""Names that do not say what they hold."""


class Problem(NamedTuple):
    """Something that reads badly."""

    line: int
    what: str


def docstring_problems(source, *, kept=frozenset()):
    """Find the problems of all docstrings in some source, those under fields included."""
    for line, text, is_field in sorted(_docstrings(ast.parse(source))):
        if text in kept:
            continue
        first = text.strip().split("\n")[0]
        words = first.split()
        if ";" in first:
            yield Problem(line, "its first line chains clauses by a semicolon")
        if len(words) > MAX_WORDS:
            yield Problem(line, f"its first line has {len(words)} words")
        if words and not is_field and words[0].lower() in OPENERS:
            yield Problem(line, f"it begins with {words[0]!r}")
        yield from _riddles(line, text)


def message_problems(source):
    """Find the riddles in all other texts of some source, such as messages and help."""
    tree = ast.parse(source)
    docstrings = {line for line, _, _ in _docstrings(tree)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text), lineno=line) if line not in docstrings:
                yield from _riddles(line, text)


def page_problems(page):
    """Find the riddles in a page of the documentation, line by line."""
    for number, line in enumerate(page.splitlines(), start=1):
        yield from _riddles(number, line)


def name_problems(source):
    """Find the variables and parameters whose names say nothing, and the tests named by riddles."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) if name in VAGUE:
                yield Problem(node.lineno, f"the name {name!r} does not say what it holds")
            case ast.FunctionDef(name=name) if name.startswith("test_"):
                yield from _title_problems(node.lineno, name)


def _title_problems(line, name):
    """Find the riddles in the name of a test, which is a sentence."""
    sentence = name.removeprefix("test_").replace("_", " ")
    if (word := sentence.split()[0]) in OPENERS:
        yield Problem(line, f"the name {name!r} begins with {word!r}")
    yield from _riddles(line, sentence)


def _riddles(line, text):
    plain = " ".join(text.split())
    for riddle in RIDDLES:
        if match := re.search(riddle, plain, re.IGNORECASE):
            yield Problem(line, f"it says {match[0]!r}")


def _docstrings(tree):
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for index, statement in enumerate(node.body):
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield statement.lineno, text, index > 0
