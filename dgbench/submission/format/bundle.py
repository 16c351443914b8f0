"""Reads a `.dgsub` file into a submission and checks every part of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8, UInt16

from data_gen.foundation.errors import DGBenchError
from dgbench.lists.development import is_development
from dgbench.submission.answer_key.answers import Answers, answers_of
from dgbench.submission.format.alignment import aligned, predictions_digest
from dgbench.submission.format.archive import read_archive
from dgbench.submission.format.manifest import Manifest, read_manifest, submission_id
from dgbench.submission.format.members import (
    ENVIRONMENT,
    MANIFEST,
    MAX_BUNDLE_BYTES,
    MODEL_CARD,
    PREDICTIONS,
)
from dgbench.submission.format.predictions import read_table
from dgbench.submission.format.rejection import Code, printable, rejected
from dgbench.submission.format.strict_json import check_text, parse

SUFFIX = ".dgsub"


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A checked submission, ready to be scored."""

    manifest: Manifest
    answers: Answers
    """The answers that it is scored against. They come from the reader, never from the bundle."""
    pred: UInt8[np.ndarray, "s n"]
    """Predicted classes by seed, then test domain, then image, in the order of `answers`."""
    probabilities: UInt16[np.ndarray, "k s n"] | None
    """Probabilities of each class in units of 1/65535, or None if the bundle has none."""
    model_card: str
    environment: dict[str, Any]

    @property
    def id(self) -> str:
        """The id of the content. It does not depend on how the bundle was packed."""
        return submission_id(
            {
                "manifest": self.manifest.model_dump(mode="json"),
                "model_card": self.model_card,
                "environment": self.environment,
            }
        )

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, ascending."""
        return tuple(facts.seed for facts in self.manifest.seeds)


def read_bundle(source: Path | bytes) -> Bundle:
    """Read and check a submission from a file or from bytes.

    Raises RejectedError if the submission breaks a rule, and DGBenchError if the file cannot be
    read at all.
    """
    data = source if isinstance(source, bytes) else read_file(source)
    members = read_archive(data)
    manifest = read_manifest(members[MANIFEST], name=MANIFEST)
    model_card = _model_card(members.get(MODEL_CARD, b""))
    environment = parse(members[ENVIRONMENT], name=ENVIRONMENT) if ENVIRONMENT in members else {}
    if not isinstance(environment, dict):
        raise rejected(Code.SCHEMA, f"{ENVIRONMENT} is not a JSON object.")
    answers = _official(manifest)
    claim = manifest.predictions
    n_rows = answers.n * len(manifest.seeds)
    if claim.rows != n_rows:
        raise rejected(
            Code.ROWCOUNT, f"The manifest declares {claim.rows} predictions, expected {n_rows}."
        )
    table = read_table(
        members[PREDICTIONS],
        n_rows=n_rows,
        n_classes=answers.n_classes,
        has_probabilities=claim.has_probabilities,
    )
    pred, probabilities = aligned(table, [facts.seed for facts in manifest.seeds], answers)
    digest = predictions_digest(pred, probabilities)
    if digest != claim.digest:
        raise rejected(
            Code.PREDICTIONS_DIGEST,
            f"The predictions have the digest {digest}, but the manifest says {claim.digest}.",
        )
    return Bundle(
        manifest=manifest,
        answers=answers,
        pred=pred,
        probabilities=probabilities,
        model_card=model_card,
        environment=environment,
    )


def read_file(path: Path) -> bytes:
    """Read the bytes of a file.

    Raises RejectedError if it is too large to be a bundle, and DGBenchError if it cannot be read.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BUNDLE_BYTES:
            raise rejected(Code.BUNDLE_SIZE, f"The bundle has {size} bytes.")
        with path.open("rb") as stream:
            return stream.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        raise DGBenchError(f"Cannot read {str(path)!r}: {error.strerror}.") from error


def _model_card(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise rejected(Code.MODEL_CARD, f"{MODEL_CARD} is not UTF-8.") from error
    # U+200C and U+200D join letters in several scripts, and emoji.
    check_text(text, MODEL_CARD, allowed="\n\r\t\u200c\u200d")
    return text


def target_answers(benchmark: str) -> Answers:
    """Return the answers of a benchmark that takes entries, or raise RejectedError."""
    if is_development(benchmark):
        raise rejected(
            Code.BENCHMARK,
            f"Methods are developed on {benchmark}, so it ranks nothing and takes no entry.",
        )
    answers = answers_of(benchmark)
    if answers is None:
        raise rejected(Code.BENCHMARK, f"{benchmark!r} is not a benchmark that can be ranked.")
    return answers


def _official(manifest: Manifest) -> Answers:
    """Return the answers of the claimed benchmark, if the claimed data are the published ones."""
    claim = manifest.benchmark
    answers = target_answers(claim.name)
    published = answers.published
    if claim.spec_digest != published.spec_digest:
        raise rejected(Code.SPEC_DIGEST, f"The spec of {claim.name} is not the published one.")
    if claim.sources != published.sources:
        wrong = [n for n in claim.sources if claim.sources[n] != published.sources.get(n)]
        raise rejected(Code.SOURCE_DIGEST, "The source glyphs are not the published ones.", wrong)
    if claim.generator_seed != published.generator_seed:
        raise rejected(
            Code.GENERATOR_SEED,
            f"The generator seed is {claim.generator_seed}, but the published data have "
            f"{published.generator_seed}.",
        )
    if set(claim.domains) != set(answers.domains):
        lacking = set(answers.domains) - set(claim.domains)
        raise rejected(
            Code.DOMAINS,
            f"The test domains are not those of {claim.name}. "
            f"Missing: {printable(', '.join(sorted(lacking)) or 'none')}.",
            sorted(set(claim.domains) ^ set(answers.domains)),
        )
    splits = {"train": claim.train, **claim.domains}
    if wrong := [name for name in splits if splits[name] != published.splits[name]]:
        raise rejected(
            Code.DATASET_DIGEST, f"The data differ from those published for {claim.name}.", wrong
        )
    return answers
