"""The server: the web page and the API behind their guard, in one Streamlit app."""

import asyncio
import gc
import inspect
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import streamlit
import uvicorn
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from streamlit.starlette import App
from streamlit.web.bootstrap import load_config_options

from data_gen.foundation.errors import DGBenchError
from dgbench.submission.format.members import MAX_BUNDLE_BYTES, MIB
from leaderboard.api.compression import CompressedAssets
from leaderboard.api.guard import Guard
from leaderboard.api.hosts import allowed_hosts
from leaderboard.api.policy import page_content_policy
from leaderboard.api.problems import ProblemError, on_http_exception, on_problem
from leaderboard.api.routes import api_mount
from leaderboard.front.door import Door
from leaderboard.records import Query, Site
from leaderboard.service import Service
from leaderboard.web.benchmark_lists import installed_suites
from leaderboard.web.current_service import set_current_service, set_current_site
from leaderboard.web.scope import newest_ids, spec_of
from leaderboard.web.theme import OPTIONS

PAGE = Path(__file__).with_name("web") / "app.py"
"""The script that draws the web page."""
MAX_BODY_BYTES = MAX_BUNDLE_BYTES + 2 * MIB
"""The largest bundle and what a form wraps around it, as in `deploy/nginx.conf`."""
_MEGABYTE = 1_000_000
_MAX_MESSAGE_MEGABYTES = 64
"""Size of one message between page and server. Bundles take another way."""
_SHUTDOWN_SECONDS = 25
"""How long open answers may take after a signal, such as to an upload that is being scored."""
_BACKLOG = 512
_PAGE_PACKAGES = ("altair", "pandas", "pyarrow", "leaderboard.web.frame")
_SCREENS = "leaderboard.web.screens"
_RARE_PACKAGE = "scipy.optimize"
"""What the pages of families need, loaded while the first visitors look at other pages."""


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """The address on which the server listens, and the hosts and proxies that it trusts."""

    host: str = "127.0.0.1"
    port: int = 8501
    """0 for any free one."""
    base_path: str = ""
    """The path under which a proxy shows the server, without slashes around it."""
    allowed_hosts: tuple[str, ...] = ()
    """Further names that visitors may use, beside the machine's own."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded headers are believed."""
    allowed_origins: tuple[str, ...] = ()
    """Sites whose scripts may read the API in a visitor's browser."""
    site: Site = field(default_factory=Site)
    """What the operator says about the site."""

    @property
    def api_root(self) -> str:
        """The path of the API."""
        return f"/{self.base_path}/api" if self.base_path else "/api"

    def url(self, port: int) -> str:
        """The address that a browser on this machine opens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}{self.api_root.removesuffix('api')}"


def streamlit_options(options: ServerOptions) -> dict[str, Any]:
    """Return the settings of Streamlit, which override files and environment."""
    return {
        "global.developmentMode": False,
        "browser.gatherUsageStats": False,
        "client.allowedOrigins": [],
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "logger.hideWelcomeMessage": True,
        "runner.magicEnabled": False,
        # Python collects by itself; to go through all that is kept would double a page's cost.
        "runner.postScriptGC": False,
        "server.address": options.host,
        "server.allowedHosts": list(allowed_hosts(options.host, options.allowed_hosts)),
        "server.baseUrlPath": options.base_path,
        "server.enableAgentApi": False,
        "server.enableCORS": True,
        "server.enableStaticServing": False,
        "server.enableXsrfProtection": True,
        "server.fileWatcherType": "none",
        "server.headless": True,
        "server.maxMessageSize": _MAX_MESSAGE_MEGABYTES,
        "server.maxUploadSize": MAX_BUNDLE_BYTES // MIB,
        "server.maxWidgetStateSize": 1,
        "server.port": options.port,
        "server.runOnSave": False,
        **OPTIONS,
    }


def build_app(service: Service, options: ServerOptions, *, page: Path = PAGE) -> App:
    """Build the ASGI app of the page, the API and their guard."""
    load_config_options(streamlit_options(options))
    index_html = Path(streamlit.__file__).with_name("static") / "index.html"
    index = index_html.read_text(encoding="utf-8")
    guard = Middleware(
        Guard,
        allowed=allowed_hosts(options.host, options.allowed_hosts),
        api_root=options.api_root,
        page_policy=page_content_policy(index),
        max_body_bytes=MAX_BODY_BYTES,
    )
    assets = Middleware(CompressedAssets, root=options.api_root.removesuffix("api"))
    door = Middleware(Door, service=service, base_path=options.base_path, index=index)
    return App(
        page,
        routes=[api_mount(service, root=options.api_root, origins=options.allowed_origins)],
        middleware=[guard, door, assets],
        exception_handlers={ProblemError: on_problem, HTTPException: on_http_exception},
        lifespan=_lifespan(service),
    )


def serve(
    service: Service, options: ServerOptions, *, page: Path = PAGE, on_ready: Callable[[str], None]
) -> None:
    """Serve until Ctrl-C or SIGTERM. Call `on_ready` with the address when the port is bound."""
    set_current_service(service)
    set_current_site(options.site)
    with _bound(options) as listening:
        app = build_app(service, options, page=page)
        # SIGTERM ends the process as Ctrl-C does: after the open answers, with the store closed.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        server = uvicorn.Server(_uvicorn_config(app, options))
        on_ready(options.url(listening.getsockname()[1]))
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
    if not server.started:
        raise DGBenchError("The server could not start; what it logged above says why.")


def warm_up(service: Service) -> None:
    """Load what the first visitor would wait for, and remove what killed processes left."""
    service.remove_orphans()
    screens = [
        f"{_SCREENS}.{module.name}" for module in iter_modules([str(PAGE.parent / "screens")])
    ]
    for name in (*_PAGE_PACKAGES, *screens):
        import_module(name)
    inspect.stack()  # looks through all modules once, as Streamlit does at its first element
    newest_ids()
    for group in service.benchmarks():
        spec_of(group.benchmark)
        service.rows(Query(benchmark=group.benchmark, uses=group.uses, selection=group.selection))
    for suite in installed_suites().values():
        service.overview(suite)


def _lifespan(service: Service) -> Callable[[App], Any]:
    @asynccontextmanager
    async def lifespan(_: App) -> AsyncIterator[None]:
        await run_sync(warm_up, service)
        # What is loaded by now stays: the collector need not look at it at every page.
        gc.collect()
        gc.freeze()
        loading = asyncio.create_task(run_sync(import_module, _RARE_PACKAGE))
        yield
        await loading

    return lifespan


def _uvicorn_config(app: App, options: ServerOptions) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=_MAX_MESSAGE_MEGABYTES * _MEGABYTE,
        ws_per_message_deflate=False,
        ws_ping_interval=30,
        ws_ping_timeout=30,
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=bool(options.trusted_proxies),
        forwarded_allow_ips=list(options.trusted_proxies),
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )


def _bound(options: ServerOptions) -> socket.socket:
    try:
        is_v6 = isinstance(ip_address(options.host), IPv6Address)
    except ValueError:
        is_v6 = False
    try:
        return socket.create_server(
            (options.host, options.port),
            family=socket.AF_INET6 if is_v6 else socket.AF_INET,
            backlog=_BACKLOG,
        )
    except OSError as error:
        raise DGBenchError(
            f"Cannot listen on port {options.port} of {options.host!r}: {error.strerror}. "
            "End the program that has it, or choose another with --port."
        ) from error
