"""Run records, their configurations and their counts, as a training would leave them."""

import json
from importlib.resources import files

from data_gen.manifest import SourceRecord, SplitRecord
from data_gen.spec_files import companion_name, find_spec
from dgbench.benchmarks import open_benchmark
from dgbench.references import SUFFIX, Oracle, Reference, reference_for, reference_of
from dgbench.results.record import (
    Configuration,
    DomainCounts,
    Hardware,
    MethodRecord,
    Process,
    RunRecord,
)

CONFIGURATION = Configuration(
    benchmark="mnist-color@1",
    spec_digest="a",
    sources={"mnist": SourceRecord(name="mnist", digest="b")},
    generator_seed=0,
    multiply=1,
    official=True,
    train_domain="train",
    method=MethodRecord(name="erm", version="1", source_digest="c"),
    hyper_parameters={"learning_rate": 0.001},
    backbone="small-cnn",
    steps=3000,
    batch_size=128,
    precision="32-true",
)
RECORD = RunRecord(
    status="running",
    configuration=CONFIGURATION,
    seed=3,
    process=Process(host="here", pid=1, started="2026-01-01T00:00:00+00:00"),
    hardware=Hardware(
        accelerator="cpu", device="x", n_devices=1, strategy="single", cpu_cores=2, cpu_threads=2
    ),
    packages={"python": "3.11"},
)


OPENED = open_benchmark("mnist-color-5k")
SPEC, REFERENCE = OPENED.spec, reference_for(OPENED, "mnist-color-5k")
DATA = SplitRecord(n_images=1000, pixels="p", labels="l", factors="f")


def configuration(method="erm", uses=(), **changes):
    given = {
        "benchmark": SPEC.id,
        "spec_digest": SPEC.digest,
        "sources": {
            name: SourceRecord(name=name, digest=source.digest)
            for name, source in OPENED.sources.items()
        },
        "generator_seed": 0,
        "multiply": 1,
        "official": True,
        "train_domain": "train",
        "method": MethodRecord(name=method, version="1", source_digest="c" * 64, uses=uses),
        "hyper_parameters": {"weight": 1.0},
        "backbone": "small-cnn",
        "steps": SPEC.budget.steps,
        "batch_size": SPEC.budget.batch_size,
        "precision": "32-true",
    }
    return Configuration.model_validate(given | changes)


SHAPE_ALONE = ("up.color", *SPEC.solo_domains("shape"))
"""The domains in which nothing but the shape says the class."""


def counts(*, shape=100, **correct):
    """Every image of `id` right, and one in ten elsewhere, except for the given domains.

    `shape` is the number of right images wherever nothing but the shape says the class.
    """
    usual = {"id": 1000, **dict.fromkeys(SHAPE_ALONE, shape)}
    by_domain = {}
    for test in SPEC.test_domains:
        right = correct.get(test.name.replace(".", "_"), usual.get(test.name, 100))
        follows = dict.fromkeys(SPEC.entries, 100)
        by_domain[test.name] = DomainCounts(
            data=DATA, n=1000, correct=right, follows=follows, nll=None, brier=None
        )
    return by_domain


def reference(name):
    spec = find_spec(name)
    text = (files("data_gen.specs") / companion_name(spec.id, SUFFIX)).read_text()
    return spec, reference_of(spec, json.loads(text)["sources"])


def made_reference(spec, ceiling=(1.0,), **oracles):
    """Reference values with the same ceiling everywhere, but for what is given."""
    every = {
        name: Oracle(only=ceiling, solo=dict.fromkeys(spec.solo_domains(name), ceiling))
        for name in spec.entries
    }
    return Reference(
        benchmark=spec.id,
        spec_digest=spec.digest,
        sources={},
        generator_seed=0,
        backbone="by hand",
        steps=1,
        batch_size=1,
        seeds=(0,),
        oracles=every | oracles,
        erm={"id": (1.0,)},
        command="",
    )
