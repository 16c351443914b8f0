"""Draw the leaderboard's own pictures: the head's strip, the icon, the preview of a link.

    python docs/site_pictures.py

All three show the digit of the README's picture in the domains of mnist-color.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hidden_pattern import METHODS, answers, tiles, typical
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from leaderboard.front.start_page import PREVIEW_SIZE
from leaderboard.web.pages import SENTENCE, SITE

ASSETS = Path(__file__).parents[1] / "leaderboard" / "web" / "assets"
PAPER, INK, FAINT = (255, 255, 255), (13, 19, 28), (84, 94, 110)
GAP = 8


def enlarged(tile: UInt8[np.ndarray, "h w 3"], times: int) -> Image.Image:
    """Enlarge an image so that its pixels can be seen."""
    height, width, _ = tile.shape
    return Image.fromarray(tile).resize((width * times, height * times), Image.Resampling.NEAREST)


def strip(images: Sequence[UInt8[np.ndarray, "h w 3"]], times: int) -> Image.Image:
    """Set images side by side on nothing."""
    parts = [enlarged(image, times) for image in images]
    width = sum(part.width for part in parts) + GAP * (len(parts) - 1)
    drawn = Image.new("RGBA", (width, parts[0].height), (0, 0, 0, 0))
    for index, part in enumerate(parts):
        drawn.paste(part, (index * (part.width + GAP), 0))
    return drawn


def preview(images: Sequence[UInt8[np.ndarray, "h w 3"]]) -> Image.Image:
    """Draw the picture that a link to the site shows in a message."""
    drawn = Image.new("RGB", PREVIEW_SIZE, PAPER)
    pen = ImageDraw.Draw(drawn)
    pen.text((60, 56), SITE, INK, font=ImageFont.load_default(84))
    first, _, second = SENTENCE.partition(" find ")
    for line, text in enumerate((first, f"find {second}")):
        pen.text((60, 176 + 50 * line), text, FAINT, font=ImageFont.load_default(36))
    row = strip(images, 6)
    drawn.paste(row, ((PREVIEW_SIZE[0] - row.width) // 2, 360), row)
    return drawn


def main() -> None:
    """Draw all pictures."""
    images = list(tiles(typical({method: answers(method) for method in METHODS})).values())
    strip(images, 2).save(ASSETS / "domains.png", optimize=True)
    preview(images).save(ASSETS / "preview.png", optimize=True)
    enlarged(images[0], 2).save(ASSETS / "icon.png", optimize=True)


if __name__ == "__main__":
    main()
