"""Test images of the benchmarks, drawn where their source is on this machine."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from PIL import Image

from data_gen.foundation.errors import DGBenchError
from data_gen.generator import Generator
from data_gen.preview import preview
from data_gen.sources import is_at_hand, known_digest, load_sources
from data_gen.spec import Spec
from data_gen.spec_files import find_spec
from dgbench.references import Reference, reference_of


class DrawnImages(NamedTuple):
    """Some test images of one domain, with their labels."""

    images: UInt8[np.ndarray, "n h w 3"]
    labels: tuple[str, ...]


@st.cache_resource(show_spinner=False, max_entries=4)
def generator_of(benchmark: str) -> Generator | None:
    """Return what draws a benchmark's official images, or None without its source."""
    spec = find_spec(benchmark)
    # A server makes no request to elsewhere: what is not here is not drawn.
    if not all(is_at_hand(name) for name in spec.sources):
        return None
    try:
        return Generator(spec, load_sources(spec.sources))
    except DGBenchError:
        return None


@st.cache_data(show_spinner="Drawing samples", max_entries=32)
def sample_grid(benchmark: str) -> Image.Image | None:
    """Draw one glyph of each class in every domain."""
    generator = generator_of(benchmark)
    return None if generator is None else preview(generator)


def reference_for_official(spec: Spec) -> Reference | None:
    """Return the published reference values of a benchmark's official data."""
    digests = {name: known_digest(name) or "" for name in spec.sources}
    return reference_of(spec, digests)


def draw(benchmark: str, domain: str, places: Sequence[int]) -> DrawnImages | None:
    """Draw test images of a domain by index, or return None without the source."""
    generator = generator_of(benchmark)
    if generator is None or not places:
        return None
    split = generator.split(domain)
    part = split.parts[0]
    chunk = generator.render(split, part.domain, part.images[np.asarray(places)])
    return DrawnImages(chunk.images, tuple(generator.spec.classes[label] for label in chunk.labels))


def enlarged(image: UInt8[np.ndarray, "h w 3"], *, side: int = 84) -> Image.Image:
    """Enlarge an image so that its pixels can be seen."""
    return Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST)
