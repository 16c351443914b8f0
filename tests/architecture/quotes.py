"""Finds commands and options that a text quotes, and tells which of them do not exist."""

import ast
import re
import shlex
from functools import cache

import typer

from dgbench.cli.main import app

VALUE = "VALUE"
"""Stands for what code puts into a text."""
_QUOTED = re.compile(r"`(dgbench\s[^`]*)`|\[cyan\](dgbench\s[^\[]*)\[/\]")
_UNQUOTED = re.compile(r"(?<![\w/.-])dgbench ([a-z][^\n`]*)")
_OPTION = re.compile(r"(?<![\w(-])--[a-z](?:[a-z-]*[a-z])?(?![\w:-])")
_OTHER_TOOLS = re.compile(r"pip install(?: -?-[a-z-]+)*")
_SUBSTITUTED = re.compile(r"\$\([^)]*\)")
_AND_MORE = re.compile(r"(?<=\s)(?:\.\.\.|\u2026)(?=\s|$)")
_SHELL = re.compile(r"\s(?:\||>|<|&&|;|#)\s?.*")


@cache
def root():
    """The whole command line as a user gets it, plug-ins included."""
    command = typer.main.get_command(app)
    return command, command.make_context("dgbench", [], resilient_parsing=True)


@cache
def options_of(path):
    """The options of the command at a path such as `leaderboard show`, or of all below a group."""
    command, context = _command(tuple(path.split()) if path else ())
    options = _own_options(command)
    options |= {text for option in command.params for text in option.secondary_opts}
    for name in _names(command, context):
        options |= options_of(f"{path} {name}".strip())
    return options


def _command(words):
    command, context = root()
    for word in words:
        command = command.get_command(context, word)
        context = command.make_context(word, [], parent=context, resilient_parsing=True)
    return command, context


def _names(command, context):
    return command.list_commands(context) if hasattr(command, "list_commands") else []


def command_problems(line):
    """Find the mistakes in a command line that begins with `dgbench`."""
    if words := _words(line):
        yield from _parsed(*root(), words[1:], line)


def _words(line):
    """The words of a command line, without brackets around what may be left out."""
    line = re.sub(r"\s+", " ", line.replace("\\\n", " "))
    line = _SHELL.sub("", _SUBSTITUTED.sub(VALUE, line)).translate(str.maketrans("", "", "[]"))
    return shlex.split(_AND_MORE.sub("", line))


def _parsed(command, context, words, line):
    if not _names(command, context):
        yield from _unread(command, context, words, line)
        return
    while words and words[0] in _own_options(command):
        words = words[1 + (words[0] in _with_value(command)) :]
    if words and VALUE not in words[0]:
        for name in words[0].split("|"):
            child = command.get_command(context, name)
            if child is None:
                yield f"{line!r}: there is no command {name!r}"
            else:
                below = child.make_context(name, [], parent=context, resilient_parsing=True)
                yield from _parsed(child, below, words[1:], line)


def _own_options(command):
    """The options that a command takes before the name of a sub-command."""
    return {"--help", *(text for option in command.params for text in option.opts)}


def _with_value(command):
    """The options of a command that are followed by their value."""
    options = [option for option in command.params if not getattr(option, "is_flag", True)]
    return {text for option in options for text in option.opts}


def _unread(command, context, words, line):
    """Let the parser of a command read the words, which need not be all that it wants."""
    reading = context.__class__(command, info_name=command.name, parent=context.parent)
    try:
        _, left, _ = command.make_parser(reading).parse_args(args=list(words))
    except Exception as error:  # whatever the parser raises
        yield f"{line!r}: {getattr(error, 'message', error)}"
    else:
        if left:
            yield f"{line!r}: {' '.join(left)!r} is too much"


def text_problems(text, commands):
    """Find the mistakes in a text whose options are those of some commands."""
    quoted = [first or second for first, second in _QUOTED.findall(text)]
    for line in quoted:
        yield from command_problems(line)
    rest = _OTHER_TOOLS.sub(" ", _QUOTED.sub(" ", text))
    for tail in _UNQUOTED.findall(rest):
        yield from _mention_problems(tail.partition(". ")[0])
    rest = _UNQUOTED.sub(" ", rest)
    options = set().union(*(options_of(command) for command in commands))
    for option in _OPTION.findall(rest):
        if option not in options:
            where = ", ".join(command or "dgbench" for command in commands)
            yield f"{' '.join(text.split())!r}: {option} is not an option of {where}"


def _mention_problems(tail):
    """Find the mistakes in a command in running text, which may go on with prose."""
    command, context = root()
    path = []
    words = tail.split()
    while words and words[0].strip(".,:;") in _names(command, context):
        path.append(words.pop(0).strip(".,:;"))
        command, context = _command(tuple(path))
    if path:
        for option in _OPTION.findall(" ".join(words)):
            if option not in options_of(" ".join(path)):
                yield f"'dgbench {tail}': {option} is not an option of {' '.join(path)}"


def strings(source):
    """The texts in Python code, with VALUE for what is put into them."""
    tree = ast.parse(source)
    parts = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in ast.walk(node)} - {id(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                part.value if isinstance(part, ast.Constant) else VALUE for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from [node.value] if id(node) not in parts else []


_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_SHELL_LINE = re.compile(r"^ *(?:\$ )?(dgbench (?:\\\n|[^\n])*)", re.MULTILINE)
_CODE = re.compile(r"`([^`]*)`")


def page_problems(text, commands):
    """Find the mistakes in a Markdown page: in its blocks of commands and in its prose."""
    for block in _FENCE.findall(text):
        for line in _SHELL_LINE.findall(block):
            yield from command_problems(line)
    for paragraph in re.split(r"\n\s*\n", _CODE.sub(_kept, _FENCE.sub("", text))):
        yield from text_problems(paragraph, commands)


def _kept(code):
    """Code in running text, if it is an option or a command of dgbench."""
    return code[0] if code[1].startswith(("--", "dgbench ")) else " "
