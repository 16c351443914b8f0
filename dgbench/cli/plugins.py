"""Commands that other packages add, by the entry points `dgbench.commands`.

They are loaded for `dgbench --help`, so the module that an entry point names should import nothing
heavy at its top level.
"""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from data_gen.foundation.errors import DGBenchError, ended
from data_gen.registry import owner_of
from dgbench.cli.extras import missing_package

COMMANDS_GROUP = "dgbench.commands"
"""Group of entry points. Each has the name of its command, for a function or a `typer.Typer`."""


class WithPlugins(TyperGroup):
    """The commands of dgbench and of installed packages, which cannot replace those of dgbench."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        own = super().list_commands(ctx)
        return [*own, *sorted(set(_points()) - set(own))]

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        point = _points().get(cmd_name)
        return None if point is None else _command(point)


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=COMMANDS_GROUP)}


def _command(point: EntryPoint) -> Any:
    """Load the command of an entry point, or a command that only says why it cannot be loaded."""
    try:
        command = point.load()
    except ModuleNotFoundError as error:
        extra = next(iter(point.extras), None)
        if extra is None:
            return _broken_command(point, f"{type(error).__name__}: {error}")
        return _broken_command(
            point, str(missing_package(str(error.name), extra, owner=owner_of(point)))
        )
    except Exception as error:  # another package's module may raise anything when imported
        return _broken_command(point, f"{type(error).__name__}: {error}")
    if isinstance(command, typer.Typer):
        group = typer.Typer()
        group.add_typer(command, name=point.name)
        return typer.main.get_group(group).commands[point.name]
    if not callable(command):
        return _broken_command(point, "it is neither a function nor a Typer.")
    return _as_command(point.name, command)


def _as_command(name: str, function: Callable[..., Any], **settings: Any) -> Any:
    group = typer.Typer()
    group.command(name, **settings)(function)
    return typer.main.get_command(group)


def _broken_command(point: EntryPoint, problem: str) -> Any:
    """Make a command that accepts any arguments and says what is wrong with it."""
    reason = ended(" ".join(problem.split()))

    def broken() -> None:
        raise DGBenchError(
            f"{owner_of(point)} adds the command {point.name!r} as {point.value!r}, but it cannot "
            f"be used: {reason} Install what is missing, or uninstall that package."
        )

    broken.__doc__ = f"Cannot be used: {reason[:80]}"
    settings = {"allow_extra_args": True, "ignore_unknown_options": True}
    return _as_command(point.name, broken, context_settings=settings)
