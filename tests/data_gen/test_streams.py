"""Random words depend on their key and image alone, and their distributions are exact."""

import hashlib
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_gen.streams import NORMAL_UNIT, Stream, normal_table
from tests.data_gen.philox import philox4x64


def test_the_reference_gives_the_published_known_answer():
    assert philox4x64((0, 0, 0, 0), (0, 0)) == (
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    )


def test_words_are_those_of_philox_at_the_images_counter():
    images = np.array([0, 1, 3, 4, 4097, 1_000_003])
    key = hashlib.sha256(b"color/agrees").digest()
    key_words = tuple(int.from_bytes(key[i : i + 8], "little") for i in (0, 8))
    # NumPy moves its counter on before it draws, so the block of images 0 to 3 is at counter 1.
    expected = [philox4x64((i // 4 + 1, 0, 0, 0), key_words)[i % 4] for i in images.tolist()]
    assert Stream("color", images).words("agrees").tolist() == expected


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=40), st.text(max_size=8))
def test_an_image_gets_the_same_word_in_every_request_and_order(images, name):
    together = Stream("key", np.array(images)).words(name)
    alone = [int(Stream("key", np.array([image])).words(name)[0]) for image in images]
    assert together.tolist() == alone


def test_draws_leave_the_callers_random_state_alone():
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    Stream("key", np.arange(10)).normal("noise")
    assert np.array_equal(np.random.get_state()[1], before)


def test_forks_and_names_share_no_word():
    stream = Stream("key", np.arange(100))
    words = [stream.words("a"), stream.words("b"), stream.fork("a").words("b")]
    assert len(set(np.concatenate(words).tolist())) == 300


@pytest.mark.parametrize("high", [1, 2, 7, 10])
def test_integers_are_uniform(high):
    counts = np.bincount(Stream("key", np.arange(100_000)).integers("x", high=high))
    expected = 100_000 / high
    assert len(counts) == high
    assert np.abs(counts - expected).max() <= 5 * np.sqrt(expected)


@pytest.mark.parametrize("probability", [0.0, 0.1, 0.995, 1.0])
def test_coins_have_their_probability(probability):
    share = Stream("key", np.arange(100_000)).coins("x", probability=probability).mean()
    assert abs(share - probability) <= 5 * np.sqrt(probability * (1 - probability) / 100_000)


def test_permutations_are_permutations_and_uniform():
    drawn = Stream("key", np.arange(24_000)).permutations("x", size=4)
    assert (np.sort(drawn, axis=1) == np.arange(4)).all()
    _, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(counts) == 24
    assert np.abs(counts - 1000).max() <= 5 * np.sqrt(1000)


def test_normals_are_standard_normal():
    drawn = Stream("key", np.arange(200_000)).normal("x") / NORMAL_UNIT
    assert abs(drawn.mean()) < 0.012
    assert abs(drawn.std() - 1) < 0.01


def test_the_normal_table_cannot_depend_on_the_last_bits_of_a_mathematics_library():
    exact = [NormalDist().inv_cdf((i + 0.5) / 4096) * NORMAL_UNIT for i in range(4096)]
    assert min(abs(value % 1 - 0.5) for value in exact) > 1e-6
    digest = hashlib.sha256(normal_table().astype("<i8").tobytes()).hexdigest()
    assert digest == "0b0f03e2e0369e9433fbf4b9708732519f31890c8a12afe98e7039a7781b528d"
