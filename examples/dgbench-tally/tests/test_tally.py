"""The marks are as many as the value says, and the benchmark can be made."""

import numpy as np

from data_gen.generator import Generator
from data_gen.sources import load_sources
from data_gen.spec_files import find_spec


def test_value_k_has_k_plus_one_marks():
    spec = find_spec("mnist-tally@1")
    generator = Generator(spec, load_sources(spec.sources))
    chunk = generator.render(generator.split("none"), spec.domain("none"), np.arange(100))
    last_row = chunk.images[:, -2, :, 0] == 255
    assert (last_row.sum(axis=1) == chunk.values["tally"] + 1).all()
