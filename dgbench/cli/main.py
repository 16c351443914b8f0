"""The `dgbench` command: its sub-commands, and the handling of their errors."""

import errno
import io
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated, Protocol, runtime_checkable

import typer

from data_gen.foundation.errors import DGBenchError, ended
from dgbench.cli import (
    benchmarks,
    ceilings,
    data,
    doctor,
    methods,
    quickstart,
    reports,
    runs,
    submissions,
    sweeps,
)
from dgbench.cli.extras import missing_extras_named
from dgbench.cli.plugins import WithPlugins

_INTERRUPTED_CODE = 130
"""Code that typer returns after Ctrl-C if it does not raise Abort."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
INTERRUPTED = "Interrupted. Nothing was left half-written."


@runtime_checkable
class _ParserError(Protocol):
    """The interface of the parser's errors, whether of click or of typer's own copy of it."""

    exit_code: int

    def format_message(self) -> str:
        """Return the error in one or more sentences."""


app = typer.Typer(
    name="dgbench",
    cls=WithPlugins,
    help="Does a learning algorithm find the patterns that a stronger, easier pattern hides?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("quickstart")(quickstart.quickstart)
app.add_typer(benchmarks.app, name="benchmarks")
app.command("generate")(data.generate)
app.command("preview")(data.preview)
app.command("verify-data")(data.verify_data)
app.add_typer(methods.app, name="methods")
app.command("new-method")(methods.new_method)
app.command("check-method")(methods.check_method)
app.command("train")(runs.train)
app.command("evaluate")(runs.evaluate)
app.command("ceilings")(ceilings.ceilings)
app.command("sweep")(sweeps.sweep)
app.command("report")(reports.report)
app.command("doctor")(doctor.doctor)
app.command("bundle")(submissions.bundle)
app.command("validate")(submissions.validate)
app.command("digests")(submissions.digests)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"dgbench {version('dgbench')}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Does a learning algorithm find the patterns that a stronger, easier pattern hides?"""


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code.

    The code is 0 for success, 1 if the work failed and 2 for wrong use.
    """
    _be_understood_everywhere()
    try:
        with missing_extras_named():
            result = typer.main.get_command(app).main(
                args=arguments, prog_name="dgbench", standalone_mode=False
            )
        sys.stdout.flush()
    except DGBenchError as error:
        return _fail(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _fail(INTERRUPTED, 1)
    except BrokenPipeError:
        # The reader, such as `head`, has gone. Buffered output must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # the last resort: one line now, and the details in a file
        return _unexpected(error)
    if result == _INTERRUPTED_CODE:
        return _fail(INTERRUPTED, 1)
    return result if isinstance(result, int) else 0


def _be_understood_everywhere() -> None:
    """Print what a terminal cannot show as `?`, and let child processes find the real modules.

    A file types.py in the working folder would otherwise be imported as the standard library's.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    os.environ.setdefault("PYTHONSAFEPATH", "1")


def _unexpected(error: Exception) -> int:
    """Say what an error of another kind was: wrong use, a full disk, or a defect."""
    if isinstance(error, _ParserError):
        return _wrong_use(error)
    if isinstance(error, OSError) and error.errno in _FULL:
        # What is buffered for the output would fail again when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _fail(f"The disk is full: {error.strerror}. Make room and try again.", 1)
    return _fail(f"{_one_line(error)} This is a defect; the details are in {_keep()}", 1)


def _fail(message: str, code: int) -> int:
    if "--debug" in sys.argv:
        traceback.print_exc()
    typer.echo(f"{typer.style('Error:', fg='red', bold=True)} {message}", err=True)
    return code


def _wrong_use(error: _ParserError) -> int:
    """Print the parser's error.

    It has no message if no command was given, since the parser has printed the help instead.
    """
    text = " ".join(error.format_message().split())
    if not text:
        return 2
    message = ended(text.replace("Value error, ", ""))
    return _fail(f"{message} `dgbench --help` shows what is understood.", 2)


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return (
        f"{type(error).__name__}: {text[:300].rstrip('.')}." if text else f"{type(error).__name__}."
    )


def _keep() -> Path:
    """Write the current traceback to a permanent file, and return its path."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="dgbench-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exc(file=file)
    return Path(file.name)
