"""The pixels never change: digests of every benchmark, on the embedded and on the real sources.

After an intended change (which needs a new benchmark version) write the file anew with
`python -m tests.data_gen.golden`.
"""

import json
import os

import pytest

from data_gen.sources import DATA_VARIABLE
from data_gen.spec_files import registered
from tests.data_gen.golden import GOLDEN, GOLDEN_SPECS, embedded_digests, real_digests

BENCHMARKS = sorted(registered())
golden = json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_every_benchmark_has_its_digests():
    assert set(golden["embedded"]) == set(golden["real"]) == set(BENCHMARKS)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_pixels_of_the_embedded_digits_never_change(name):
    assert embedded_digests(name) == golden["embedded"][name]


@pytest.mark.parametrize("name", sorted(GOLDEN_SPECS))
def test_pixels_of_every_pattern_never_change(name):
    assert embedded_digests(name) == golden["patterns"][name]


@pytest.mark.slow
@pytest.mark.skipif(DATA_VARIABLE not in os.environ, reason=f"{DATA_VARIABLE} is not set")
@pytest.mark.parametrize("name", BENCHMARKS)
def test_the_full_real_data_have_the_official_digests(name):
    assert real_digests(name) == golden["real"][name]
