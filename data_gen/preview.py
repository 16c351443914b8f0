"""A picture of a benchmark: one glyph a class, shown in every domain."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from data_gen.domain import RENDERINGS, Domain
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import draft_of
from data_gen.generator import Chunk, Generator
from data_gen.spec import Spec


class SheetColours(NamedTuple):
    """The colours of what stands around the images, as `#rrggbb`."""

    paper: str
    ink: str
    faint: str


LIGHT = SheetColours("#ffffff", "#141820", "#6e7682")
_MARGIN, _GAP, _CAPTION = 20, 6, 16
_TITLE_ROOM = 76
_COLUMNS = 10


class PictureRow(NamedTuple):
    """One line of the picture."""

    name: str
    note: str
    tiles: UInt8[np.ndarray, "n h w 3"]
    labels: Sequence[str]


def preview(generator: Generator, *, colours: SheetColours = LIGHT) -> Image.Image:
    """Draw the test domains of a benchmark, without the factorial, with labels under the images."""
    spec = generator.spec
    rows = [
        PictureRow(
            name=name,
            note=describe(spec, domain),
            tiles=(chunk := _some_of_each_class(generator, name, domain)).images,
            labels=[spec.classes[label] for label in chunk.labels],
        )
        for name, domain, _ in spec.test_domains
        if not name.startswith("f.")
    ]
    subtitle = f"{spec.summary} The same glyphs in every row; the label is below."
    return _sheet(spec.id, subtitle, rows, colours)


def describe(spec: Spec, domain: Domain) -> str:
    """Say in a few words what a domain does to the patterns."""
    if domain.is_conflict:
        return f"each pattern says another class; label: {spec.hidden[0]}"
    if domain.environment:
        environment = next(env for env in spec.environments if env.name == domain.environment)
        return "held out" if environment.held_out else "trained on"
    changed = dict(domain.changed)
    if not changed:
        return "as in training"
    kept = [name for name in spec.entries if name not in changed]
    if len(changed) > 1 and set(changed.values()) == {"uncorrelated"}:
        if not kept:
            return "nothing says the class"
        return f"only {' and '.join(kept)} {'says' if len(kept) == 1 else 'say'} the class"
    if len(changed) > 1 and len(set(changed.values())) == 1 and len(kept) == 1:
        return f"only {kept[0]} is shown; missing: {next(iter(changed.values()))}"
    return ", ".join(
        f"{name} missing: {state}" if state in RENDERINGS else f"{name} {state}"
        for name, state in changed.items()
    )


def _some_of_each_class(generator: Generator, name: str, domain: Domain) -> Chunk:
    """The same test glyphs for every domain: the first of each class in the small subset."""
    smallest = min((split for split in generator.splits.values() if split.role == "test"), key=len)
    images = smallest.parts[0].images
    classes = generator.classes_of("test", images)
    k = len(generator.spec.classes)
    of_each = [images[classes == value][: -(-_COLUMNS // k)] for value in range(k)]
    return generator.render(generator.split(name), domain, np.concatenate(of_each))


def _sheet(
    title: str, subtitle: str, rows: Sequence[PictureRow], colours: SheetColours
) -> Image.Image:
    height, width = rows[0].tiles.shape[1:3]
    zoom = max(1, 64 // width)
    names, notes = _font(15), _font(12)
    ruler = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    widths = [ruler.textlength(row.name, font=names) for row in rows]
    widths += [ruler.textlength(row.note, font=notes) for row in rows]
    left = _MARGIN + 16 + round(max(widths))
    n_columns = max(len(row.tiles) for row in rows)
    step_x, step_y = width * zoom + _GAP, height * zoom + _CAPTION + _GAP
    lines = _wrapped(subtitle, notes, max(left + n_columns * step_x, 560) - 2 * _MARGIN)
    top = _TITLE_ROOM + 16 * (len(lines) - 1)
    size = (max(left + n_columns * step_x, 560) + _MARGIN, top + len(rows) * step_y + _MARGIN // 2)
    sheet = Image.new("RGB", size, colours.paper)
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, 14), title, font=_font(22), fill=colours.ink)
    for index, line in enumerate(lines):
        draw.text((_MARGIN, 44 + 16 * index), line, font=notes, fill=colours.faint)
    for index, row in enumerate(rows):
        y = top + index * step_y
        middle = y + height * zoom // 2
        draw.text((_MARGIN, middle - 2), row.name, font=names, fill=colours.ink, anchor="ls")
        draw.text((_MARGIN, middle + 3), row.note, font=notes, fill=colours.faint, anchor="lt")
        for column, (tile, label) in enumerate(zip(row.tiles, row.labels, strict=True)):
            x = left + column * step_x
            big = Image.fromarray(tile).resize(
                (width * zoom, height * zoom), Image.Resampling.NEAREST
            )
            sheet.paste(big, (x, y))
            centre = (x + width * zoom // 2, y + height * zoom + 2)
            draw.text(centre, label, font=_font(11), fill=colours.faint, anchor="mt")
    return sheet


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType, so it cannot draw text")
    return font


def save_picture(picture: Generator | Path, target: Path) -> None:
    """Write a generator's preview, or a copy of a picture, whole or not at all."""
    try:
        data = picture.read_bytes() if isinstance(picture, Path) else _as_png(preview(picture))
        with draft_of(target, is_durable=False) as draft:
            draft.write_bytes(data)
    except OSError as error:
        raise DGBenchError(f"Cannot write {str(target)!r}: {error.strerror}.") from error


def _as_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
