"""The arrays behind a score card, for ranking, comparing and finding copies."""

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from data_gen.foundation.documents import canonical_json
from dgbench.metrics.contributions import headline_contributions
from dgbench.metrics.headline import ranking_score
from dgbench.metrics.intervals import Summary, summarise
from dgbench.metrics.replicates import replicates
from dgbench.submission.answer_key.answers import Answers
from dgbench.submission.format.bundle import Bundle


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The arrays of one submission."""

    seeds: tuple[int, ...]
    domains: tuple[str, ...]
    starts: tuple[int, ...]
    """Index at which each domain begins, followed by the number of predictions of one seed."""
    bits: UInt8[np.ndarray, "s b"]
    """One bit for each prediction, set if it is right. Domains follow one another."""
    summary: Summary | None
    """Summary of the headline score, for intervals and significance. None for a single seed."""
    replicates: Float32[np.ndarray, " r"] | None
    """Bootstrap replicates of the headline score, paired between submissions."""

    def correct(self) -> dict[str, Bool[np.ndarray, "s n"]]:
        """Return, by test domain, whether each seed is right on each image."""
        return split_by_domain(
            np.unpackbits(self.bits, axis=1, count=self.starts[-1]).astype(bool),
            self.domains,
            self.starts,
        )

    def to_bytes(self) -> bytes:
        """Encode as one line of JSON and the arrays, to the same bytes on every machine."""
        summary = self.summary
        head: dict[str, Any] = {
            "version": 1,
            "seeds": self.seeds,
            "domains": self.domains,
            "starts": self.starts,
            "summary": None
            if summary is None
            else {name: getattr(summary, name) for name in _SCALARS}
            | {"seed_means": summary.seed_means, "n_images": len(summary.image_means)},
            "n_replicates": 0 if self.replicates is None else len(self.replicates),
        }
        parts = [self.bits.tobytes()]
        if summary is not None:
            parts.append(summary.image_means.astype("<f8").tobytes())
        if self.replicates is not None:
            parts.append(self.replicates.astype("<f4").tobytes())
        return canonical_json(head, spaced=True).encode() + b"\n" + b"".join(parts)

    @staticmethod
    def from_bytes(data: bytes) -> "Evidence":
        """Decode the bytes of `to_bytes`. Only for files that dgbench wrote itself."""
        line, _, rest = data.partition(b"\n")
        head = json.loads(line)
        n_seeds, starts = len(head["seeds"]), tuple(head["starts"])
        arrays = _Arrays(rest)
        bits = arrays.take("u1", n_seeds * -(-starts[-1] // 8)).reshape(n_seeds, -1)
        summary = None
        if scalars := head["summary"]:
            n_images = scalars.pop("n_images")
            seed_means = tuple(scalars.pop("seed_means"))
            means = arrays.take("<f8", n_images)
            summary = Summary(**scalars, seed_means=seed_means, image_means=means)
        n = head["n_replicates"]
        return Evidence(
            seeds=tuple(head["seeds"]),
            domains=tuple(head["domains"]),
            starts=starts,
            bits=bits,
            summary=summary,
            replicates=arrays.take("<f4", n) if n else None,
        )


_SCALARS = ("estimate", "n_seeds", "seed_variance", "image_variance", "rest_variance")


@dataclass
class _Arrays:
    data: bytes
    offset: int = field(default=0)

    def take(self, kind: str, n: int) -> np.ndarray[Any, Any]:
        array = np.frombuffer(self.data, kind, n, self.offset).copy()
        self.offset += array.nbytes
        return array


def evidence_of(bundle: Bundle) -> Evidence:
    """Compute the evidence of a submission."""
    answers = bundle.answers
    correct = bundle.pred == answers.labels
    summary = headline_summary(correct, answers)
    return Evidence(
        seeds=bundle.seeds,
        domains=answers.domains,
        starts=answers.starts,
        bits=np.packbits(correct, axis=1),
        summary=summary,
        replicates=None if summary is None else replicates(summary),
    )


def headline_summary(correct: Bool[np.ndarray, "s n"], answers: Answers) -> Summary | None:
    """Summarise the score that ranks.

    The result is None for a single seed, which shows no spread, and on a benchmark without a score
    that ranks.
    """
    if len(correct) < 2 or not ranking_score(answers.spec).domains:
        return None
    by_domain = split_by_domain(correct, answers.domains, answers.starts)
    return summarise(headline_contributions(by_domain, answers.spec, answers.reference))


def split_by_domain(
    correct: Bool[np.ndarray, "s n"], domains: tuple[str, ...], starts: tuple[int, ...]
) -> dict[str, Bool[np.ndarray, "s m"]]:
    """Split an array that runs over all test domains into one array for each."""
    return {
        name: correct[:, start:stop]
        for name, (start, stop) in zip(domains, pairwise(starts), strict=True)
    }
