"""`manifest.json`: the declarations of a submission. Only predictions are ranked, never these."""

import base64
import hashlib
import json
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from data_gen.foundation.documents import Frozen, canonical_json
from data_gen.manifest import SplitRecord
from dgbench.results.facts import Paradigm, Use
from dgbench.results.growing import LATER, Growing
from dgbench.results.record import Cost, Hardware
from dgbench.results.selection import Selection
from dgbench.submission.format.rejection import Code, RejectedError, printable, rejected
from dgbench.submission.format.strict_json import parse

SCHEMA_VERSIONS = (1, 2)
"""Version 2 adds the paper and what came with it, such as probes. A manifest without any of it is
still of version 1, byte for byte."""
MAX_SEED = 2**16 - 1
_ID_LENGTH = 32
"""Length of a submission's id, in base32 characters of five bits."""


def _checked_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_good = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
        is_good = is_good and (parts.port is None or parts.port > 0)
    except ValueError:
        is_good = False
    if not is_good or any(c in text for c in " <>\"'`\\^{}|"):
        raise PydanticCustomError("url", "is not an https:// address")
    return text


Name = Annotated[str, Field(min_length=1, max_length=100)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=60)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Url = Annotated[
    str,
    Field(max_length=300, json_schema_extra={"format": "uri", "pattern": "^https://"}),
    AfterValidator(_checked_url),
]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]


class BenchmarkClaim(Frozen):
    """The data that the method was trained and evaluated on."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+@[0-9]+$", max_length=80)]
    """Full name, such as `mnist-color@1`."""
    spec_digest: Digest
    sources: dict[Name, Digest]
    """Digest of each source, by name."""
    generator_seed: Count
    train: SplitRecord
    """Digests of the split that was trained on."""
    domains: dict[Name, SplitRecord]
    """Digests of every test domain, by canonical name, as they were evaluated."""


class MethodClaim(Growing):
    """The method, so that a verifier can find the very same code."""

    name: Slug
    version: Annotated[str, Field(max_length=60)]
    """Version of the distribution. Empty for a method that was read from a file."""
    distribution: Annotated[str, Field(max_length=100)] | None
    """Package that registers it. Null for a method that was read from a file."""
    entry_point: Annotated[str, Field(max_length=200)] | None
    """Location of its class, such as `baselines.erm:ERM`."""
    source_digest: Digest
    """Digest of the file that defines it and of what that imports of its own package."""
    uses: tuple[Use, ...]
    """Extra information that it was given, sorted: its track."""
    is_yardstick: Annotated[bool, LATER] = False
    """Whether it only shows what a score means, and is never ranked."""
    paradigm: Annotated[Paradigm, LATER] = "network"
    """The kind of learning system that it trains."""

    @property
    def has_later_facts(self) -> bool:
        """Whether it says something that version 1 does not know."""
        return self.is_yardstick or self.paradigm != "network"


class ConfigurationClaim(Frozen):
    """How it was trained, in every seed."""

    hyper_parameters: dict[Name, JsonValue]
    backbone: Name
    steps: Positive
    batch_size: Positive
    """Images in a step, over all devices."""
    precision: Name


class PaperClaim(Frozen):
    """The publication that the method comes from."""

    title: Annotated[str, Field(min_length=1, max_length=300)]
    authors: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    """In the order of the publication."""
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    url: Url | None = None
    code: Url | None = None
    """Address of its authors' own implementation."""


class SelectionClaim(Frozen):
    """How the hyper-parameters were chosen."""

    rule: Selection
    n_trials: Positive = 1
    """Number of configurations that were tried: 1 for `fixed`."""


class ProbeClaim(Frozen):
    """A linear probe of one pattern's value on the features of the trained network."""

    n: Positive
    correct: Count

    @model_validator(mode="after")
    def _is_possible(self) -> "ProbeClaim":
        if self.correct > self.n:
            raise PydanticCustomError("probe", "a probe is right more often than it was asked")
        return self


class SeedFacts(Growing):
    """One seed, and what it took."""

    seed: Seed
    cost: Cost | None
    probes: Annotated[dict[Name, ProbeClaim], Field(max_length=50), LATER] = {}
    """By pattern. Declared: predictions do not tell what features encode."""


class PredictionsClaim(Frozen):
    """What predictions.parquet holds."""

    digest: Digest
    """SHA-256 of the predictions in canonical order, however the file encodes them.

    It covers `pred` as bytes, by ascending seed, test domain in the spec's order and ascending
    image. Then follow p0, p1, ..., each in the same order, as little-endian 16-bit numbers.
    """
    rows: Positive
    has_probabilities: bool


class Conformance(Frozen):
    """Whether `dgbench check-method` was green on the method's source digest."""

    status: Literal["passed", "failed", "unknown"]
    version: Annotated[str, Field(max_length=60)] | None = None
    """Version of the dgbench that checked it."""


class Manifest(Growing):
    """The contents of `manifest.json`."""

    schema_version: Literal[1, 2] = 1
    """2 if there is a paper, which version 1 does not know."""
    benchmark: BenchmarkClaim
    method: MethodClaim
    display_name: Name
    authors: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    description: Annotated[str, Field(max_length=500)] = ""
    """Plain text."""
    paper_url: Url | None = None
    code_url: Url | None = None
    licence: Annotated[str, Field(pattern=r"^[A-Za-z0-9 .()+-]*$", max_length=60)] = ""
    """Licence of the code, as an SPDX expression."""
    configuration: ConfigurationClaim
    selection: SelectionClaim
    seeds: Annotated[tuple[SeedFacts, ...], Field(min_length=1, max_length=100)]
    hardware: Hardware
    packages: dict[Name, Name]
    """Versions of Python, dgbench and the libraries that affect results."""
    predictions: PredictionsClaim
    conformance: Conformance
    demonstration: bool = False
    """Whether it only shows how submitting works. A demonstration is listed but never ranked."""
    paper: Annotated[PaperClaim | None, LATER] = None
    diverged: Annotated[tuple[Seed, ...], Field(max_length=100), LATER] = ()
    """Seeds whose training diverged, which have no predictions. Such a method is never ranked."""

    @model_validator(mode="after")
    def _is_consistent(self) -> "Manifest":
        seeds = [facts.seed for facts in self.seeds]
        if seeds != sorted(set(seeds)):
            raise PydanticCustomError("seeds", "the seeds are not ascending, or one is repeated")
        if list(self.diverged) != sorted(set(self.diverged) - set(seeds)):
            raise PydanticCustomError(
                "seeds", "the diverged seeds are not ascending, or one has predictions"
            )
        uses = self.method.uses
        if list(uses) != sorted(set(uses)):
            raise PydanticCustomError("uses", "method.uses is not sorted, or has a repeated word")
        if self.selection.rule == "fixed" and self.selection.n_trials != 1:
            raise PydanticCustomError("selection", "a fixed configuration has one trial")
        return self

    @model_validator(mode="after")
    def _has_its_version(self) -> "Manifest":
        has_probes = any(facts.probes for facts in self.seeds)
        has_later_facts = self.paper or self.method.has_later_facts or self.diverged or has_probes
        if self.schema_version != (2 if has_later_facts else 1):
            raise PydanticCustomError(
                "later",
                "schema_version is 2 with a paper, a yardstick, a paradigm, probes or diverged "
                "seeds, else 1",
            )
        return self


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the manifest, as published in `manifest.v2.schema.json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Manifest.model_json_schema(),
    }


_CODES = {"url": Code.URL, "seeds": Code.SEEDS}


def read_manifest(data: bytes, *, name: str) -> Manifest:
    """Read a manifest from the bytes of the file called `name`.

    Raises RejectedError if it breaks the schema.
    """
    document = parse(data, name=name)
    version = document.get("schema_version", 1) if isinstance(document, dict) else None
    if type(version) is int and version not in SCHEMA_VERSIONS:
        raise rejected(Code.SCHEMA_VERSION, f"{name} has schema version {version}.")
    try:
        # JSON mode accepts a list for a tuple, but never text for a number.
        return Manifest.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        raise refused_manifest(error, name=name) from error


def refused_manifest(error: ValidationError, *, name: str) -> RejectedError:
    """Turn pydantic's error about the manifest called `name` into a rejection."""
    problems = error.errors(include_url=False, include_input=False)
    first = problems[0]
    where = ".".join(map(str, first["loc"])) or "the whole file"
    keys = [".".join(map(str, problem["loc"])) for problem in problems]
    return rejected(
        _CODES.get(first["type"], Code.SCHEMA),
        f"{name}, {printable(where)}: {printable(first['msg'])}.",
        filter(None, keys),
    )


def submission_id(content: dict[str, Any]) -> str:
    """Return the id of a submission: base32 of the SHA-256 of its canonical content."""
    digest = hashlib.sha256(canonical_json(content).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:_ID_LENGTH]
