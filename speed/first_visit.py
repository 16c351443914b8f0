"""Measure what a first visit to the leaderboard's page loads, on the wire, in Chromium.

    python speed/first_visit.py [--db STORE] [--page board] [--most-bytes 1600000]

Without --db a store with a few reference results is made. The exit code is 1 where the visit loads
more than --most-bytes. Headers are counted as Chromium counts them, and the messages of the web
socket, which are not compressed, as well.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from rich.console import Console

from dgbench.submission.pack.packing import pack
from leaderboard.records import OPERATOR
from leaderboard.service import Service
from leaderboard.store.database import Store

REFERENCE = Path(__file__).parent.parent / "baselines" / "results" / "reference" / "mnist-color@1"
METHODS = ("erm", "mixup", "prcl")
MOST_BYTES = 1_600_000
PATIENCE = 120_000


@dataclass
class Load:
    """The bytes that came over the wire, by kind."""

    by_kind: Counter[str] = field(default_factory=Counter)
    n_requests: int = 0

    @property
    def n_bytes(self) -> int:
        """All bytes."""
        return sum(self.by_kind.values())


def first_visit(address: str) -> Load:
    """Open the page in a browser that has never seen it."""
    load, kinds = Load(), dict[str, str]()
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")

        def begun(event: dict[str, Any]) -> None:
            kinds[event["requestId"]] = event["type"]

        def done(event: dict[str, Any]) -> None:
            load.n_requests += 1
            kind = kinds.get(event["requestId"], "Other")
            load.by_kind[kind] += int(event["encodedDataLength"])

        def told(event: dict[str, Any]) -> None:
            load.by_kind["WebSocket"] += len(event["response"]["payloadData"])

        session.on("Network.requestWillBeSent", begun)
        session.on("Network.loadingFinished", done)
        session.on("Network.webSocketFrameReceived", told)
        page.goto(address, timeout=PATIENCE)
        page.locator("h1").first.wait_for(timeout=PATIENCE)
        page.locator('[data-test-script-state="notRunning"]').wait_for(timeout=PATIENCE)
        page.wait_for_load_state("networkidle", timeout=PATIENCE)
        browser.close()
    return load


@contextmanager
def served(store: Path) -> Iterator[str]:
    """Serve a store on a free port."""
    command = (sys.executable, "-m", "dgbench", "leaderboard", "serve", "--no-open", "--empty")
    with subprocess.Popen(  # noqa: S603 (our own program)
        [*command, "--port", "0", "--db", str(store)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            for line in process.stdout or ():
                if address := re.search(r"http://\S+", line):
                    yield address[0]
                    break
            else:
                sys.exit("the server did not start")
        finally:
            process.terminate()
            process.wait(timeout=20)


def filled(folder: Path) -> Path:
    """Make a store with a few reference results."""
    service = Service(Store.open(str(folder / "board.db")))
    for method in METHODS:
        path = pack([REFERENCE / method], folder / f"{method}.dgsub").path
        service.receive(path.read_bytes(), OPERATOR)
    service.close()
    return folder / "board.db"


def main() -> int:
    """Measure, print, and compare with the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--db", type=Path, help="the store that is shown")
    parser.add_argument("--most-bytes", type=int, default=MOST_BYTES)
    parser.add_argument("--page", default="", help="path of the page, the first page by default")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        served(options.db or filled(Path(folder))) as address,
    ):
        load = first_visit(address + options.page)
    console = Console(highlight=False)
    for kind, n_bytes in load.by_kind.most_common():
        console.print(f"{kind:12} {n_bytes:>10,} bytes")
    console.print(f"{'all':12} {load.n_bytes:>10,} bytes in {load.n_requests} requests")
    return int(load.n_bytes > options.most_bytes)


if __name__ == "__main__":
    sys.exit(main())
