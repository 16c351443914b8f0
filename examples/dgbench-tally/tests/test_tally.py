"""The marks are as many as the value says, and the benchmark can be made."""

import numpy as np

from data_gen.generator import Generator
from data_gen.sources import load_sources
from data_gen.spec_files import find_spec


def test_value_k_has_k_plus_one_marks():
    spec = find_spec("mnist-tally@1")
    generator = Generator(spec, load_sources(spec.sources))
    images = np.arange(100)
    shown = generator.render(generator.split("none"), spec.domain("none"), images)
    absent = "mp.tally.absent"
    plain = generator.render(generator.split(absent), spec.domain(absent), images)
    places = 2 * np.arange(1, 11)  # ten places for marks, every other column of 28
    is_marked = np.arange(10) <= shown.values["tally"][:, None]
    row, row_without = (chunk.images[:, -2, places, 0] for chunk in (shown, plain))
    assert (row[is_marked] == 255).all()
    # Elsewhere is what would be there anyway: a glyph may reach down to the marks.
    assert (row[~is_marked] == row_without[~is_marked]).all()
