"""Scoring of bundles in a pool of processes."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import LifoQueue
from statistics import fmean
from threading import Lock

import numpy as np
from jaxtyping import Float32, UInt8

from dgbench.metrics.intervals import Summary
from dgbench.results.facts import Paper
from dgbench.standings.headline import Headline
from dgbench.submission.format.manifest import Manifest
from dgbench.submission.isolated.scorer import Scorer
from dgbench.submission.scoring.card import ScoreCard
from dgbench.submission.scoring.evidence import Evidence
from leaderboard import logs
from leaderboard.board.arrays import evidence_row
from leaderboard.intake.encoding import declared_encoding
from leaderboard.intake.near_duplicates import sketch
from leaderboard.records import RowFacts, Verification
from leaderboard.store.models import EvidenceRow

FOR_MODERATORS = ("above-ceiling", "above-chance", "equal-seeds")
"""Flags of the score card that a moderator should look at. The others are notes for readers."""
FROM_CLAIMS = ("other-backbone", "over-budget", "under-budget", "unchecked-method")
"""Flags of the score card that follow from the manifest alone."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """An accepted bundle's scores, documents and arrays, as the store keeps them."""

    facts: RowFacts
    card: str
    """Canonical JSON."""
    manifest: Manifest
    model_card: str
    flags: tuple[tuple[str, str], ...]
    """Codes and details of the flags that the scorer raised for moderators."""
    claims: tuple[tuple[str, str], ...]
    """Codes and details of the flags that follow from the manifest alone."""
    evidence: bytes
    """A file of arrays, for comparisons."""
    summary: Summary | None
    """Of the headline score. A single seed has none."""
    replicates: Float32[np.ndarray, " r"] | None
    sketch: UInt8[np.ndarray, " b"]
    """A sample of which images most seeds get right, packed."""

    def evidence_row(self) -> EvidenceRow:
        """The table's row of the arrays."""
        return evidence_row(
            self.facts.submission_id,
            summary=self.summary,
            replicates=self.replicates,
            sketch=self.sketch,
        )


Score = Callable[[bytes], Scored]
"""Raises RejectedError for a bundle that it refuses."""


class Pool:
    """Scores bundles in child processes with limits, some at a time, each warm for the next.

    Processes start when they are first needed, and `close` ends them.
    """

    def __init__(self, size: int = 2) -> None:
        self._all = [Scorer() for _ in range(size)]
        self._counting, self._n_unfinished = Lock(), 0
        self._free: LifoQueue[Scorer] = LifoQueue()
        for scorer in reversed(self._all):
            self._free.put(scorer)

    def __call__(self, data: bytes) -> Scored:
        """Score a bundle. Wait while all processes are at work."""
        with self._counting:
            self._n_unfinished += 1
        scorer, began = self._free.get(), time.monotonic()
        try:
            scored = scorer.score(data)
        finally:
            self._free.put(scorer)
            with self._counting:
                self._n_unfinished -= 1
            milliseconds = round(1000 * (time.monotonic() - began))
            logs.event("scored", level=logging.DEBUG, milliseconds=milliseconds)
        return scored_of(scored.card, scored.evidence, scored.manifest, scored.model_card)

    def n_waiting(self) -> int:
        """Return how many bundles wait for a free process."""
        return max(0, self._n_unfinished - len(self._all))

    def close(self) -> None:
        """End the processes."""
        for scorer in self._all:
            scorer.close()


def scored_of(card: ScoreCard, evidence: Evidence, manifest: Manifest, model_card: str) -> Scored:
    """Select what the store keeps of a scorer's answer."""
    right = np.unpackbits(evidence.bits, axis=1, count=evidence.starts[-1])
    return Scored(
        facts=facts_of(card, manifest),
        card=card.canonical.decode(),
        manifest=manifest,
        model_card=model_card,
        flags=tuple((f.code, f.detail) for f in card.flags if f.code in FOR_MODERATORS),
        claims=tuple((f.code, f.detail) for f in card.flags if f.code in FROM_CLAIMS),
        evidence=evidence.to_bytes(),
        summary=evidence.summary,
        replicates=evidence.replicates,
        sketch=sketch(2 * right.sum(axis=0) > len(right)),
    )


def facts_of(card: ScoreCard, manifest: Manifest) -> RowFacts:
    """Collect the facts of a row that its bundle decides."""
    costs = [facts.cost for facts in manifest.seeds if facts.cost is not None]
    energies = [cost.energy.kwh for cost in costs if cost.energy is not None]
    score = card.headline
    headline = Headline(name=score.name, estimate=score.estimate, low=score.low, high=score.high)
    is_hps = score.name == "hps"
    return RowFacts(
        submission_id=card.submission_id,
        method=card.method,
        display_name=card.display_name,
        version=card.method_version,
        authors=manifest.authors,
        paper_url=manifest.paper_url,
        code_url=manifest.code_url,
        paper=_paper(manifest),
        benchmark=card.benchmark,
        uses=tuple(sorted(card.uses)),
        paradigm=manifest.method.paradigm,
        selection=card.selection,
        n_seeds=len(card.seeds),
        standing=card.standing,
        headline=headline,
        hps=headline.estimate if is_hps else None,
        hps_low=headline.low if is_hps else None,
        hps_high=headline.high if is_hps else None,
        up=card.up,
        mp=card.mp,
        retention=card.retention,
        found=card.found,
        trusted=card.trusted,
        accuracy=card.mean_accuracy,
        worst_domain=card.worst_domain,
        worst_accuracy=card.worst_accuracy,
        parameters=costs[0].parameters if costs else None,
        training_seconds=fmean(cost.training_seconds for cost in costs) if costs else None,
        energy_kwh=fmean(energies) if energies else None,
        notes=tuple(flag.code for flag in card.flags if flag.code not in FOR_MODERATORS),
        verification=_level(manifest),
        encoded=declared_encoding(manifest),
    )


def _paper(manifest: Manifest) -> Paper | None:
    claim = manifest.paper
    if claim is None:
        return None
    return Paper(
        title=claim.title,
        authors=claim.authors,
        year=claim.year,
        url=claim.url or "",
        code=claim.code or "",
    )


def _level(manifest: Manifest) -> Verification:
    """Tell whether the very code can be installed: a checked package with version and licence."""
    method = manifest.method
    is_package = bool(method.distribution and method.version and method.entry_point)
    is_checked = manifest.conformance.status == "passed"
    return "package" if is_package and is_checked and manifest.licence else "received"
