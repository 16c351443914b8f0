"""Test images of the benchmarks, drawn from the glyphs that come with dgbench."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from PIL import Image

from data_gen.generator import Generator
from data_gen.picture_sources import picture_sources
from data_gen.preview import SheetColours, preview
from data_gen.sources import known_digest
from data_gen.spec import Spec
from data_gen.spec_files import find_spec
from dgbench.references import Reference, reference_of
from leaderboard.web.theme import SHEETS


class DrawnImages(NamedTuple):
    """Some test images of one domain, with their labels."""

    images: UInt8[np.ndarray, "n h w 3"]
    labels: tuple[str, ...]


@st.cache_resource(show_spinner=False, max_entries=4)
def generator_of(benchmark: str) -> Generator | None:
    """Return what draws a benchmark's test images, or None where its source is of others."""
    spec = find_spec(benchmark)
    sources = picture_sources(spec.sources)
    return None if sources is None else Generator(spec, sources)


@st.cache_data(show_spinner="Drawing samples", max_entries=32)
def sample_grid(benchmark: str, *, is_dark: bool) -> Image.Image | None:
    """Draw one glyph of each class in every domain, in the colours of the page."""
    generator = generator_of(benchmark)
    colours = SheetColours(*SHEETS["dark" if is_dark else "light"])
    return None if generator is None else preview(generator, colours=colours)


def reference_for_official(spec: Spec) -> Reference | None:
    """Return the published reference values of a benchmark's official data."""
    digests = {name: known_digest(name) or "" for name in spec.sources}
    return reference_of(spec, digests)


def draw(benchmark: str, domain: str, places: Sequence[int]) -> DrawnImages | None:
    """Draw test images of a domain by index, or return None if its source is of others."""
    generator = generator_of(benchmark)
    if generator is None or not places:
        return None
    split = generator.split(domain)
    part = split.parts[0]
    chunk = generator.render(split, part.domain, part.images[np.asarray(places)])
    return DrawnImages(chunk.images, tuple(generator.spec.classes[label] for label in chunk.labels))


def enlarged(image: UInt8[np.ndarray, "h w 3"], *, side: int = 96) -> Image.Image:
    """Enlarge an image so that its pixels can be seen."""
    return Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST)
