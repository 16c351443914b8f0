"""Every pattern draws what it promises, purely, and its missing renderings look different."""

from dataclasses import replace

import numpy as np
import pytest

from data_gen.glyph_pool import make_glyph_pool
from data_gen.patterns.resample import rotate, scale, shift
from data_gen.registry import PATTERNS_GROUP, PatternSpec, registered_points
from data_gen.scene import PRIMARY, Layer, Scene, compose, full
from data_gen.sources import load_sources
from data_gen.streams import Stream
from tests.data_gen.specs import GREY, looks, palette

K = 10
N = 40


@pytest.fixture(scope="module")
def scene():
    source = load_sources(["mnist-5k"])["mnist-5k"]
    everything = np.arange(len(source.train.images))
    pool = make_glyph_pool(source.train, everything, source.train, everything)
    return Scene(
        glyph=source.train.images[:N],
        foreground=full(N, (255, 255, 255)),
        background=full(N, (0, 0, 0)),
        glyph_pools={PRIMARY: pool, "mnist-5k": pool},
    )


def carriers():
    kinds = [*looks(K), ("shape", {}), ("second_glyph", {"source": "mnist-5k"})]
    return [
        pytest.param(PatternSpec(kind=k, look=look).look, id=f"{k}-{i}")
        for i, (k, look) in enumerate(kinds)
    ]


def stream(images=N):
    return Stream("test", np.arange(images))


def test_every_registered_kind_is_tested_here():
    tested = {kind for kind, _ in looks(K)} | {"shape", "second_glyph"}
    assert {
        name
        for name, p in registered_points(PATTERNS_GROUP).items()
        if p.value.startswith("data_gen")
    } == tested


@pytest.mark.parametrize("look", carriers())
def test_drawing_leaves_its_input_alone_and_repeats_its_result(look, scene):
    before = compose(scene)
    values = np.arange(N) % K
    first = compose(look.draw(scene, values, stream()))
    assert np.array_equal(before, compose(scene))
    assert np.array_equal(first, compose(look.draw(scene, values, stream())))


@pytest.mark.parametrize("look", carriers())
def test_an_image_looks_the_same_in_every_batch(look, scene):
    values = np.arange(N) % K
    together = compose(look.draw(scene, values, stream()))
    subset = np.array([3, 17, 30])
    fewer = replace(
        scene,
        glyph=scene.glyph[subset],
        foreground=scene.foreground[subset],
        background=scene.background[subset],
    )
    alone = compose(look.draw(fewer, values[subset], Stream("test", subset)))
    assert np.array_equal(together[subset], alone)


@pytest.mark.parametrize("look", carriers())
def test_values_and_renderings_all_look_different(look, scene):
    """Average the pictures over the images. Patterns that do not draw the shape must differ."""
    if look.is_source_glyph:
        pictures = []
    else:
        pictures = [compose(look.draw(scene, np.full(N, v), stream())) for v in range(K)]
    pictures += [compose(look.draw_missing(scene, r, stream())) for r in sorted(look.renderings)]
    means = [picture.mean(axis=0) for picture in pictures]
    for i in range(len(means)):
        for j in range(i):
            assert np.abs(means[i] - means[j]).max() > 2, (i, j)


@pytest.mark.parametrize("look", carriers())
def test_appearances_are_probabilities(look):
    table = look.appearances(K)
    assert len(table) == K
    assert table.min() >= 0
    assert table.sum(axis=1) == pytest.approx(1)


def test_blending_is_the_rounded_weighted_mean():
    rng = np.random.default_rng(0)
    n, h, w = 4, 9, 9
    alphas = rng.integers(0, 256, (3, n, h, w)).astype(np.uint8)
    colors = rng.integers(0, 256, (4, n, 3)).astype(np.uint8)
    mixed = Scene(
        glyph=alphas[1],
        foreground=colors[1],
        background=colors[3],
        underlays=(Layer(alpha=alphas[0], colors=colors[0]),),
        overlays=(Layer(alpha=alphas[2], colors=colors[2]),),
        glyph_pools={},
    )
    expected = np.broadcast_to(colors[3][:, None, None].astype(int), (n, h, w, 3))
    for alpha, color in zip(alphas, colors[:3], strict=True):
        a = alpha[..., None].astype(int)
        # Half away from zero, in whole numbers: the slow way to round(x / 255).
        expected = (2 * (expected * (255 - a) + color[:, None, None] * a) + 255) // 510
    assert np.array_equal(compose(mixed), expected)


def test_a_colour_stays_within_half_a_step_of_its_own_in_mnist_color():
    from data_gen.spec_files import find_spec

    look = find_spec("mnist-color").entries["color"].look
    values = np.arange(100_000) % K
    drawn = look.colors(values, stream(100_000)).astype(int)
    ring = np.array(look.palette)
    nearest = np.abs(drawn[:, None] - ring[None]).sum(axis=2).argmin(axis=1)
    assert (nearest == values).all()


def test_missing_colours_are_the_mean_the_neutral_and_the_plain_one(scene):
    look = PatternSpec(kind="foreground_color", look={"palette": palette(10), "neutral": GREY}).look
    shown = {
        r: look.draw_missing(scene, r, stream()).foreground[0].tolist() for r in look.renderings
    }
    assert shown["neutral"] == GREY
    assert shown["absent"] == [255, 255, 255]
    assert shown["mean"] == np.floor(np.mean(palette(10), axis=0) + 0.5).tolist()


def test_a_right_half_and_a_left_half_fill_the_block(scene):
    covered = np.zeros((28, 28), int)
    for region in ("left", "right"):
        look = PatternSpec(
            kind="background_color",
            look={"palette": palette(10), "neutral": GREY, "region": region},
        ).look
        layer = look.draw(scene, np.zeros(N, int), stream()).underlays[-1]
        covered += layer.alpha[0] == 255
    assert (covered == 1).all()


def test_xor_shows_a_pair_whose_sum_is_the_value(scene):
    look = next(look for kind, look in looks(K) if kind == "xor")
    xor = PatternSpec(kind="xor", look=look).look
    values = np.arange(N) % K
    codes = []
    overlays = xor.draw(scene, values, stream()).overlays
    for carrier, layer in zip((xor.first.look, xor.second.look), overlays, strict=True):
        plain = [carrier.draw(scene, np.full(N, v), stream()).overlays[-1].alpha for v in range(K)]
        codes.append(
            [next(v for v in range(K) if (plain[v][i] == layer.alpha[i]).all()) for i in range(N)]
        )
    assert ((np.array(codes[0]) + np.array(codes[1])) % K == values).all()


def test_a_second_glyph_has_the_class_of_its_value(scene):
    source = load_sources(["mnist-5k"])["mnist-5k"]
    look = PatternSpec(kind="second_glyph", look={"source": "mnist-5k", "classes": [7, 3]}).look
    drawn = look.draw(scene, np.arange(N) % 2, stream()).glyph
    by_pixels = {g.tobytes(): label for g, label in zip(*source.train, strict=True)}
    assert [by_pixels[glyph.tobytes()] for glyph in drawn] == [7, 3] * (N // 2)


def test_the_contrast_of_a_second_glyph_scales_its_brightness(scene):
    shown = []
    for contrast in (1.0, 0.25):
        look = {"source": "mnist-5k", "contrast": contrast}
        second = PatternSpec(kind="second_glyph", look=look).look
        shown.append(second.draw(scene, np.arange(N) % K, stream()).glyph)
    assert np.array_equal(shown[1], np.floor(shown[0] * 0.25 + 0.5).astype(np.uint8))


def test_half_turns_scales_and_shifts_are_exact():
    glyphs = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    assert np.array_equal(rotate(glyphs, degrees=90), np.rot90(glyphs, 1, axes=(1, 2)))
    assert np.array_equal(rotate(glyphs, degrees=180), glyphs[:, ::-1, ::-1])
    assert np.array_equal(scale(glyphs, sixteenths=16), glyphs)
    moved = shift(glyphs, down=3, right=-2)
    assert np.array_equal(moved[:, 3:, :-2], glyphs[:, :-3, 2:])
    assert not moved[:, :3].any()
    assert not moved[:, :, -2:].any()


def test_halving_a_glyph_averages_squares_of_four_pixels():
    glyphs = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    small = scale(glyphs, sixteenths=8)[:, 7:21, 7:21].astype(int)
    squares = glyphs.reshape(3, 14, 2, 14, 2).mean(axis=(2, 4))
    assert np.abs(small - squares).max() <= 1


@pytest.mark.parametrize("degrees", range(0, 360, 5))
def test_rotation_weights_cannot_depend_on_the_last_bits_of_a_mathematics_library(degrees):
    from math import cos, radians, sin

    for value in (cos(radians(degrees)) * 65536, sin(radians(degrees)) * 65536):
        assert abs(value % 1 - 0.5) > 1e-6


def test_gratings_cannot_depend_on_the_last_bits_of_a_mathematics_library():
    from math import pi, sin

    exact = [(1 + sin(2 * pi * step / 1024)) / 2 * 65536 for step in range(1024)]
    assert min(abs(value % 1 - 0.5) for value in exact) > 1e-6
