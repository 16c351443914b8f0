"""`dgbench leaderboard serve`: run the web page and the API until Ctrl-C."""

import os
import re
import sys
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data_gen.foundation.errors import UsageError
from leaderboard.cli.opening import Database, name_of, opened_or_made
from leaderboard.logs import Form, LogLevel, configure, event

if TYPE_CHECKING:
    from leaderboard.server import ServerOptions

_BASE_PATH = re.compile(r"[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")


def serve(
    database: Database = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen at. 0.0.0.0: all.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen at. 0: any free one.")
    ] = 8501,
    base_path: Annotated[
        str,
        typer.Option(metavar="PATH", help="Path at which a proxy shows it, such as leaderboard."),
    ] = "",
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allowed-host",
            metavar="NAME",
            help="A host name that visitors use, such as dg.example.org. May be repeated.",
        ),
    ] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy",
            metavar="ADDRESS",
            help="A proxy whose X-Forwarded headers are believed. May be repeated.",
        ),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-origin",
            metavar="ORIGIN",
            help="A site whose pages may read the API, such as https://lab.example.org. May be "
            "repeated.",
        ),
    ] = None,
    site: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            envvar="DGBENCH_SITE",
            show_envvar=False,
            help="What the pages say about you: operator, contact, privacy, paper, code, docs.",
        ),
    ] = None,
    log_level: Annotated[
        LogLevel, typer.Option(help="Which lines of the log are written.")
    ] = "info",
    log_format: Annotated[
        Form, typer.Option(help="Lines for people, or one JSON object a line.")
    ] = "text",
    metrics_port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port of 127.0.0.1 at which Prometheus gets figures. Default: none.",
        ),
    ] = None,
    is_left_empty: Annotated[
        bool,
        typer.Option("--empty", help="Import no reference results into an empty store."),
    ] = False,
    opens: Annotated[
        bool | None,
        typer.Option(
            "--open/--no-open", help="Open a browser. Default: if this machine has a screen."
        ),
    ] = None,
) -> None:
    """Serve the leaderboard's web page and its API."""
    from leaderboard.access.sign_ins import KEY_VARIABLE, SIGN_INS
    from leaderboard.cli.reference import filling_meanwhile
    from leaderboard.front.site_file import read_site
    from leaderboard.metrics import Metrics
    from leaderboard.server import ServerOptions
    from leaderboard.server import serve as serve_at

    _check_reachable(host, allowed_host)
    options = ServerOptions(
        host=host,
        port=port,
        base_path=_checked(base_path),
        allowed_hosts=tuple(allowed_host or ()),
        trusted_proxies=tuple(proxy or ()),
        allowed_origins=tuple(allow_origin or ()),
        site=read_site(site),
    )

    configure(log_level, log_format)
    SIGN_INS.share_key(os.environ.get(KEY_VARIABLE))

    def tell(url: str) -> None:
        typer.echo(f"The leaderboard is at {url} (Ctrl-C ends it)")
        _tell_start(options, name_of(database), metrics_port)
        if _has_browser() if opens is None else opens:
            typer.launch(url)

    with (
        opened_or_made(database) as service,
        nullcontext() if is_left_empty else filling_meanwhile(service, database),
    ):
        if metrics_port is not None:
            metrics_port = Metrics(service).serve(metrics_port)
        serve_at(service, options, on_ready=tell)
    event("stopped")
    typer.echo("Stopped.")


def _check_reachable(host: str, allowed_host: list[str] | None) -> None:
    from leaderboard.api.hosts import is_wildcard

    if is_wildcard(host) and not allowed_host:
        raise UsageError(
            f"At {host} anyone who can reach this machine can ask. Say under which name visitors "
            "do: --allowed-host NAME (repeat it for several, '*' for any)."
        )


def _tell_start(options: "ServerOptions", store: str, metrics_port: int | None) -> None:
    event(
        "started",
        version=version("dgbench"),
        store=store,
        host=options.host,
        port=options.port,
        base_path=options.base_path,
        allowed_hosts=",".join(options.allowed_hosts),
        proxies=",".join(options.trusted_proxies),
        metrics_port=metrics_port,
    )


def _checked(base_path: str) -> str:
    path = base_path.strip("/")
    if path and not _BASE_PATH.fullmatch(path):
        raise UsageError(
            f"{base_path!r} is not a path. Use letters, digits, '-', '_', '.' and '/'."
        )
    return path


def _has_browser() -> bool:
    """Whether somebody sits at the machine: there is a terminal, and a screen for a page."""
    has_screen = sys.platform in {"darwin", "win32"} or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return has_screen and sys.stdout.isatty()
