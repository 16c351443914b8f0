"""E of a submission, from the probes that its manifest declares."""

from statistics import mean
from types import SimpleNamespace

import pytest

from data_gen.spec_files import find_spec
from dgbench.references import reference_of
from dgbench.submission.answer_key.published import published_of
from dgbench.submission.format.manifest import Manifest, ProbeClaim, SeedFacts
from leaderboard.intake.encoding import declared_encoding

PROBES = ({"shape": 800, "color": 990}, {"shape": 700, "color": 1000, "moon": 5})


def manifest(*probes, benchmark="mnist-color@1"):
    seeds = tuple(
        SeedFacts(
            seed=seed,
            cost=None,
            probes={name: ProbeClaim(n=1000, correct=right) for name, right in of_seed.items()},
        )
        for seed, of_seed in enumerate(probes)
    )
    return Manifest.model_construct(benchmark=SimpleNamespace(name=benchmark), seeds=seeds)


def test_it_is_the_mean_over_seeds_of_what_lies_between_no_training_and_the_oracle():
    spec = find_spec("mnist-color@1")
    reference = reference_of(spec, published_of(spec).sources)
    by_hand = {}
    for name in ("shape", "color"):
        oracle = reference.oracles[name]
        low, high = mean(oracle.untrained_probe), mean(oracle.probe)
        by_hand[name] = mean((of_seed[name] / 1000 - low) / (high - low) for of_seed in PROBES)
    assert declared_encoding(manifest(*PROBES)) == pytest.approx(by_hand)


def test_there_is_none_without_probes_of_every_seed_or_without_reference_values():
    assert declared_encoding(manifest(*PROBES, {})) == {}
    assert declared_encoding(manifest(*PROBES, benchmark="no-such@1")) == {}
    assert declared_encoding(manifest(*PROBES, benchmark="rotated-mnist@1")) == {}
