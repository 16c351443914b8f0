"""Take the pictures of the leaderboard's first pages from a running server, with Chromium.

    python docs/leaderboard_pictures.py URL

URL is the address of a server whose store holds the reference results.
"""

import argparse
import io
import shutil
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
WIDTH = 1200
SCOPE = "benchmark=mnist-color@1&track=standard&selection=fixed"
PICTURES = {
    "leaderboard-overview.png": ("", 900),
    "leaderboard.png": (f"board?{SCOPE}", 1180),
    "leaderboard-compare.png": (f"compare?{SCOPE}&id={{prcl}}&id={{mixup}}&id={{erm}}", 1330),
    "leaderboard-mistakes.png": (f"submission?{SCOPE}&id={{mixup}}&part=Mistakes", 1330),
}
"""The path of each page, and the height of its picture. Methods stand for their submissions."""
_COLORS = 128
_DRAWN = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    url = parser.parse_args().url.rstrip("/")
    rows = httpx.get(f"{url}/api/v1/leaderboard?benchmark=mnist-color@1").json()["rows"]
    ids = {row["method"]: row["submission_id"] for row in rows}
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for name, (path, height) in PICTURES.items():
            take(page, f"{url}/{path.format(**ids)}", height=height, file=IMAGES / name)
        browser.close()


def take(page: Page, address: str, *, height: int, file: Path) -> None:
    """Write a picture of a page, with few colours so that it stays small."""
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.goto(address)
    page.wait_for_selector("table")
    page.wait_for_selector(_DRAWN)
    page.wait_for_timeout(1000)  # letters and shades settle
    drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    drawn.quantize(_COLORS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
