"""Pictures of test images need no published files: the glyphs come with the package."""

import os
import shutil

import numpy as np
import pytest

from data_gen import picture_sources as module
from data_gen.foundation.errors import DGBenchError
from data_gen.generator import Generator
from data_gen.idx import Glyphs
from data_gen.picture_sources import packed, picture_sources
from data_gen.preview import LIGHT, SheetColours, preview
from data_gen.sources import DATA_VARIABLE, KNOWN, load_sources
from data_gen.spec_files import find_spec, registered

MOST_BYTES = 5_300_000


@pytest.fixture(autouse=True)
def _afresh():
    yield
    module._source.cache_clear()


def test_every_official_benchmark_can_be_drawn_without_any_file(monkeypatch, tmp_path):
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in registered():
        spec = find_spec(name)
        sources = picture_sources(spec.sources)
        assert sources is not None, name
        domain = spec.test_domains[-1]
        generator = Generator(spec, sources)
        split = generator.split(domain.name)
        chunk = generator.render(split, domain.domain, split.parts[0].images[-3:])
        assert len({image.tobytes() for image in chunk.images}) == 3, name


@pytest.mark.skipif(DATA_VARIABLE not in os.environ, reason="DGBENCH_DATA names no real MNIST")
@pytest.mark.parametrize("name", ["mnist-color@1", "mnist-collage@2", "colored-mnist@1"])
def test_pictures_are_those_that_methods_are_tested_on(name):
    spec = find_spec(name)
    official = Generator(spec, load_sources(spec.sources))
    ours = Generator(spec, picture_sources(spec.sources))
    for test in spec.test_domains[:12]:
        split = official.split(test.name)
        images = split.parts[0].images[::977]
        drawn, expected = (g.render(split, test.domain, images) for g in (ours, official))
        assert drawn.labels.tolist() == expected.labels.tolist()
        difference = np.abs(drawn.images.astype(int) - expected.images)
        # Only the mean glyph, which stands for a missing shape, is of a few more glyphs.
        assert difference.max() <= 2 * ("mean" in test.name)


def test_an_unknown_source_has_no_pictures():
    assert picture_sources(["mnist", "letters"]) is None


def test_the_files_are_small_and_their_licences_lie_beside_them():
    sizes = [path.stat().st_size for path in module.FOLDER.glob("*.xz")]
    assert len(sizes) == len(KNOWN) - 1
    assert sum(sizes) < MOST_BYTES
    licence = (module.FOLDER / "LICENSE.md").read_text(encoding="utf-8")
    assert "https://creativecommons.org/licenses/by-sa/3.0/" in licence
    assert "copyright 2017 Zalando SE" in licence


@pytest.mark.parametrize("damage", ["missing", "cut short", "half a glyph", "other glyphs"])
def test_damaged_files_say_how_to_get_them_again(tmp_path, monkeypatch, damage):
    file = tmp_path / "mnist.xz"
    shutil.copy(module.FOLDER / file.name, file)
    few = Glyphs(np.zeros((3, 28, 28), np.uint8), np.arange(3, dtype=np.uint8))
    if damage == "missing":
        file.unlink()
    elif damage == "cut short":
        file.write_bytes(file.read_bytes()[:-100])
    else:
        mean = few.images[0] if damage == "other glyphs" else few.images[0][:14]
        file.write_bytes(packed(mean, few))
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    module._source.cache_clear()
    with pytest.raises(DGBenchError, match=r"'mnist' for pictures are damaged: .* pip install"):
        picture_sources(["mnist"])


def test_a_sample_grid_takes_the_colours_of_its_page(generator):
    dark = SheetColours("#101010", "#ffffff", "#cccccc")
    pictures = [preview(generator, colours=colours) for colours in (LIGHT, dark)]
    assert [picture.getpixel((0, 0)) for picture in pictures] == [(255,) * 3, (16,) * 3]
    assert pictures[0].size == pictures[1].size
