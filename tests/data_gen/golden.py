"""Computes the golden digests, and writes them if run as a module."""

import hashlib
import json
from pathlib import Path

from data_gen.generator import Generator
from data_gen.manifest import Digester
from data_gen.sources import load_sources
from data_gen.spec import Spec
from data_gen.spec_files import find_spec, registered, spec_from
from tests.data_gen.specs import document, looks

GOLDEN = Path(__file__).with_name("golden.json")


def _pattern_specs() -> dict[str, Spec]:
    """A small benchmark for each look of each built-in kind."""
    specs = {}
    for index, (kind, look) in enumerate(looks(10)):
        raw = document(domains=["id", "mp.test.*"], name=f"golden-{index}")
        raw["patterns"][1] = {"name": "test", "kind": kind, "rho": 0.8, "look": look}
        specs[f"{index}-{kind}"] = spec_from(raw, where=kind)
    return specs


GOLDEN_SPECS = _pattern_specs()


def embedded_digests(name: str) -> dict[str, str]:
    """A short digest of every split, all sources replaced by the embedded one."""
    spec = GOLDEN_SPECS.get(name) or find_spec(name)
    return _digests(spec, [f"{source}=mnist-5k" for source in spec.sources])


def real_digests(name: str) -> dict[str, str]:
    """A short digest of every split of the official data."""
    return _digests(find_spec(name), [])


def _digests(spec: Spec, given: list[str]) -> dict[str, str]:
    generator = Generator(spec, load_sources(spec.sources, given=given))
    digests = {}
    for name, split in generator.splits.items():
        digester = Digester(is_labelled=split.is_labelled)
        for _, chunk in generator.chunks(split):
            digester.add(chunk)
        text = digester.record().model_dump_json()
        digests[name] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return digests


if __name__ == "__main__":
    content = {
        "embedded": {name: embedded_digests(name) for name in registered()},
        "patterns": {name: embedded_digests(name) for name in GOLDEN_SPECS},
        "real": {name: real_digests(name) for name in registered()},
    }
    GOLDEN.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
