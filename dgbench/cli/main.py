"""The `dgbench` command: every sub-command, and what happens when one fails."""

import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated

import click
import typer

from data_gen.errors import DGBenchError
from dgbench.cli import benchmarks, data

INTERRUPTED = "Interrupted. Nothing was left half-written."

app = typer.Typer(
    name="dgbench",
    help="Does a learning algorithm find the patterns that a stronger, easier pattern hides?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(benchmarks.app, name="benchmarks")
app.command("generate")(data.generate)
app.command("preview")(data.preview)
app.command("verify-data")(data.verify_data)


def _print_version(wanted: bool) -> None:
    if wanted:
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


def main() -> None:
    """Run the command line and exit: 0 done, 1 the work failed, 2 wrong use."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        result = typer.main.get_command(app).main(
            args=arguments, prog_name="dgbench", standalone_mode=False
        )
    except DGBenchError as error:
        return _fail(str(error), error.exit_code)
    except click.ClickException as error:
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()
            return 2
        return _fail(error.format_message(), 2)
    except (KeyboardInterrupt, click.Abort):
        return _fail(INTERRUPTED, 1)
    except BrokenPipeError:
        # The reader (`head`, say) has gone; what is still buffered must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # the last resort: one line now, everything in a file
        return _fail(f"{_one_line(error)} This is a defect; the details are in {_keep()}", 1)
    return result if isinstance(result, int) else 0


def _fail(message: str, code: int) -> int:
    if "--debug" in sys.argv:
        traceback.print_exc()
    typer.echo(f"{typer.style('Error:', fg='red', bold=True)} {message}", err=True)
    return code


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return (
        f"{type(error).__name__}: {text[:300].rstrip('.')}." if text else f"{type(error).__name__}."
    )


def _keep() -> Path:
    """Write the traceback in hand to a file that stays."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="dgbench-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exc(file=file)
    return Path(file.name)
