"""The speed of the leaderboard's server with many submissions, and the memory that it takes.

    python speed/leaderboard_server.py [--n 10000] [--repeats N] [--visitors 50] [--no-browser]

Fills a store with synthetic submissions of one track, serves it by `dgbench leaderboard serve`, and
asks: the API, cold (after a change) and for what the reader has already; the page in Chromium; many
visitors at once, each a web socket that asks for the page and waits until it is sent. Figures are
wall-clock milliseconds of this run on this machine, and depend on what else it does; the load below
them says how much that is, and the server's processor time, in milliseconds a time, does not.
"""

import argparse
import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from rich.console import Console
from rich.table import Table
from visitors import visit

sys.path.insert(0, str(Path(__file__).parents[1]))

BENCHMARK = "mnist-color@1"
BOARD = f"api/v1/leaderboard?benchmark={BENCHMARK}"
N_SCORED = 100
"""Synthetic predictions that are drawn and scored."""
CHROMIUM = "/usr/bin/chromium"
GOALS = {
    "API, JSON, cold": "p95 100",
    "API, 304": "p95 10",
    "page, first visit of a new server": "2500",
    "page, a new visitor": "2500",
    "page, again": "p50 1500",
    "filter to updated": "p95 250",
    "visitors at once, all served (10)": "500",
    "visitors at once, all served (50)": "2500",
}
_OBSERVE = """() => {
  window.ended = 0;
  const app = document.querySelector('[data-testid="stApp"]');
  new MutationObserver(() => {
    if (app.dataset.testScriptState === 'notRunning') window.ended = performance.now();
  }).observe(app, {attributes: true, attributeFilter: ['data-test-script-state']});
}"""


def main() -> None:
    """Fill, serve, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--no-browser", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "board.sqlite")
        seconds = timed(lambda: fill(store, asked.n)) / 1000
        Console().print(f"filled with {asked.n:,} submissions in {seconds:.0f} s")
        results = Results()
        with serving(store) as (url, process):
            results.server = process
            if not asked.no_browser:
                in_browser(url, asked.repeats, results)
            of_api(url, store, asked.repeats, results)
            for n in (10, asked.visitors):
                for _ in range(5):
                    name = f"visitors at once, all served ({n})"
                    results.take(name, lambda n=n: asyncio.run(visit(url, n)))
            memory = process.memory_info().rss / 1e6
    show(results, memory)


def fill(store: Path, n: int) -> None:
    """Write rows as the service does, and rank them once, at the end.

    They differ in name and id, but share the predictions of a hundred synthetic submissions.
    """
    from sqlalchemy import insert

    from leaderboard.board import materialize
    from leaderboard.service import Service
    from leaderboard.store.database import Store
    from leaderboard.store.models import EvidenceRow, SubmissionRow
    from tests.leaderboard import synthetic

    levels = np.random.default_rng(0).uniform(0.1, 0.9, N_SCORED)
    scored = [synthetic.score(synthetic.bundle(f"m-{x}", level=float(x))) for x in levels]
    clock = synthetic.Clock()
    made = [_renamed(scored[number % N_SCORED], number) for number in range(n)]
    service = Service(Store.open(str(store)))
    with service.store.write() as session:
        session.execute(
            insert(SubmissionRow), [_submission(submission, clock()) for submission in made]
        )
        evidence = [_columns(submission.evidence_row()) for submission in made]
        session.execute(insert(EvidenceRow), evidence)
        first = session.query(SubmissionRow).first()
        if first is not None:
            materialize.refresh(session, materialize.group_of(first), service._rank)
    # A server refuses a store whose folder of bundles is empty.
    service.store.blobs.write(b"a bundle")
    service.close()


def _renamed(scored: Any, number: int) -> Any:
    identifier = hashlib.sha256(str(number).encode()).hexdigest()[:32]
    name = f"method-{number}"
    facts = replace(scored.facts, submission_id=identifier, method=name, display_name=name)
    return replace(scored, facts=facts)


def _submission(scored: Any, received_at: str) -> dict[str, Any]:
    from leaderboard.board.documents import document_of
    from leaderboard.store.models import track_text

    facts = scored.facts
    return {
        "id": facts.submission_id,
        "received_at": received_at,
        "submitter": "operator",
        "benchmark": facts.benchmark,
        "uses": track_text(facts.uses),
        "selection": facts.selection,
        "method": facts.method,
        "facts": document_of(facts),
        "card": scored.card,
        "manifest": scored.manifest.canonical.decode(),
        "model_card": "",
        "bundle_digest": facts.submission_id,
        "bundle_bytes": 1,
        "evidence_digest": facts.submission_id,
        "state": "shown",
        "reason": "",
    }


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


@contextmanager
def serving(store: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server in a process of its own: its address, and the process."""
    command = [sys.executable, "-m", "dgbench", "leaderboard", "serve", "--no-open", "--port", "0"]
    server = subprocess.Popen(  # noqa: S603 (our own command)
        [*command, "--db", str(store)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        line = server.stdout.readline() if server.stdout else ""
        url = next(word for word in line.split() if word.startswith("http"))
        while not answers(url):
            time.sleep(0.2)
        yield url, psutil.Process(server.pid)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)


def answers(url: str) -> bool:
    """Whether the server has begun to answer."""
    try:
        return httpx.get(f"{url}api/v1/ready", timeout=60).is_success
    except httpx.TransportError:
        return False


class Results:
    """Wall-clock and processor times by name."""

    server: psutil.Process

    def __init__(self) -> None:
        self.wall: dict[str, list[float]] = {}
        self.busy: dict[str, list[float]] = {}

    def take(self, name: str, work: Callable[[], object]) -> None:
        """Measure a piece of work, by the milliseconds that it returns if it does."""
        before = sum(self.server.cpu_times()[:2])
        begun = time.perf_counter()
        result = work()
        took = (time.perf_counter() - begun) * 1000
        self.wall.setdefault(name, []).append(result if isinstance(result, float) else took)
        busy = (sum(self.server.cpu_times()[:2]) - before) * 1000
        self.busy.setdefault(name, []).append(busy)


def of_api(url: str, store: Path, repeats: int, results: Results) -> None:
    """The API after a change, again for somebody else, and for who has the answer."""
    from leaderboard.store import meta
    from leaderboard.store.database import Store

    opened = Store.open(str(store))
    plain, zipped = {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip"}
    with httpx.Client(base_url=url, timeout=60) as client:
        for _ in range(repeats):
            with opened.write() as session:
                meta.count_revision(session)
            results.take("API, JSON, cold", partial(client.get, BOARD, headers=plain))
            results.take("API, kept and compressed", partial(client.get, BOARD, headers=zipped))
            held = {"If-None-Match": client.get(BOARD, headers=zipped).headers["etag"]}
            for _ in range(5):
                results.take("API, 304", partial(client.get, BOARD, headers=held))
        Console().print(f"the answer has {len(client.get(BOARD).content) / 1e6:.1f} MB")
    opened.close()


def in_browser(url: str, repeats: int, results: Results) -> None:
    """The page in Chromium: first visits, one with the browser's own copies, and a search."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        results.take("page, first visit of a new server", partial(draw, browser, url))
        board = f"{url}board"
        for _ in range(max(3, repeats // 2)):
            results.take("overview, a new visitor", partial(draw, browser, url))
            results.take("page, a new visitor", partial(draw, browser, board))
        page = browser.new_page()
        opened(page, board)
        for _ in range(max(3, repeats // 2)):
            results.take("page, again", lambda: timed(lambda: opened(page, board)))
        page.evaluate(_OBSERVE)
        search = page.get_by_label("Search").first
        for number in range(repeats):
            words = f"method-{number}"
            results.take("filter to updated", partial(filtered, page, search, words))
        browser.close()


def draw(browser: Browser, url: str) -> float:
    """Milliseconds until a new visitor sees the table."""
    context = browser.new_context()
    page = context.new_page()
    took = timed(lambda: opened(page, url))
    context.close()
    return took


def opened(page: Page, url: str) -> None:
    """Go to the page and wait for the table."""
    page.goto(url)
    page.wait_for_selector("table a", timeout=120_000)


def filtered(page: Page, search: Locator, words: str) -> float:
    """Milliseconds from the first letter, since the search is live, until the page is drawn."""
    page.evaluate("() => { window.ended = 0; window.begun = performance.now(); }")
    search.fill(words)
    search.press("Enter")
    page.wait_for_function("() => window.ended > 0", timeout=60_000)
    page.wait_for_timeout(300)  # a second run of the script would count as well
    return float(page.evaluate("() => window.ended - window.begun"))


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that a piece of work takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def show(results: Results, memory: float) -> None:
    """Print the figures beside the goals."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("milliseconds", no_wrap=True)
    for heading in ("best", "p50", "p95", "goal", "server busy", "times"):
        table.add_column(heading, justify="right")
    for name, measured in results.wall.items():
        goal = next((goal for begin, goal in GOALS.items() if name.startswith(begin)), "")
        best, median, high = (f"{value:.0f}" for value in np.percentile(measured, [0, 50, 95]))
        busy = f"{np.median(results.busy[name]):.0f}"
        table.add_row(name, best, median, high, goal, busy, str(len(measured)))
    console = Console()
    console.print(table)
    console.print(
        f"memory of the server {memory:.0f} MB (goal 600); load {os.getloadavg()[0]:.1f} on "
        f"{os.cpu_count()} cores",
        highlight=False,
    )


if __name__ == "__main__":
    main()
