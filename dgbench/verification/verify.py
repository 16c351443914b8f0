"""Verify a submission: from a bundle's bytes to a record that can be signed."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from data_gen.foundation.errors import UsageError
from data_gen.foundation.progress import Progress, silent
from dgbench.verification import exact_replay, fresh_seeds
from dgbench.verification.claim import Claim, Code, check_sources, find_code, read_claim
from dgbench.verification.commitment import FreshPair, fresh_pairs, pick
from dgbench.verification.record import (
    Commitment,
    Fresh,
    Level,
    Replay,
    Verdict,
    VerificationRecord,
)
from dgbench.verification.retrain import Machine, Retrained, retrain


@dataclass(frozen=True, kw_only=True)
class Request:
    """The way to verify a submission."""

    level: Level = "replay"
    method: str | None = None
    """An installed name, or `path.py:Class`. By default the name in the claim."""
    seed: int | None = None
    """For a replay. By default one that follows from the nonce."""
    n_runs: int = 3
    """For fresh seeds."""
    machine: Machine = field(default_factory=Machine)
    verifier: str = ""


class Verification:
    """One verification. Making it checks everything that can be checked without training."""

    def __init__(self, data: bytes, request: Request) -> None:
        """Raises RejectedError, DGBenchError or UsageError if it cannot be verified here."""
        self.request = request
        self.claim: Claim = read_claim(data)
        if request.level == "replay":
            if request.seed is not None:
                exact_replay.check_seed(self.claim, request.seed)
        else:
            if request.seed is not None:
                raise UsageError("Fresh seeds follow from the nonce; leave out --seed.")
            fresh_seeds.check_claim(self.claim, request.n_runs)
        self.code: Code = find_code(self.claim, request.method)
        check_sources(self.claim, request.machine.sources)

    def run(self, commitment: Commitment, progress: Progress = silent) -> VerificationRecord:
        """Train, compare, and return the record, not signed yet.

        `progress` is told the seconds of the current training, and its name.
        """
        started = time.monotonic()
        replay: Replay | None = None
        fresh: Fresh | None = None
        if self.request.level == "replay":
            last, replay = self._replay(commitment, progress)
            verdict, summary = exact_replay.verdict_of(replay), exact_replay.summary_of(replay)
        else:
            last, fresh = self._fresh(commitment, progress)
            verdict = _verdict(fresh_seeds.holds(fresh))
            summary = fresh_seeds.summary_of(fresh)
        return VerificationRecord(
            level=self.request.level,
            verdict=verdict,
            summary=summary,
            at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=round(time.monotonic() - started, 1),
            verified=self.claim.verified,
            commitment=commitment,
            replay=replay,
            fresh=fresh,
            claimed_environment=self.claim.environment,
            environment=last.environment,
            measures=last.measures,
            verifier=self.request.verifier,
        )

    def _replay(self, commitment: Commitment, progress: Progress) -> tuple[Retrained, Replay]:
        seed = self.request.seed
        if seed is None:
            seed = pick(commitment.nonce, self.claim.bundle.id, self.claim.bundle.seeds)
        again = self._train(f"seed {seed}", progress, seed=seed)
        return again, exact_replay.replay_of(self.claim, again, seed)

    def _fresh(self, commitment: Commitment, progress: Progress) -> tuple[Retrained, Fresh]:
        claim, n = self.claim, self.request.n_runs
        official = claim.bundle.manifest.benchmark.generator_seed
        pairs = fresh_pairs(commitment.nonce, claim.bundle.id, n, not_seed=official)
        runs = []
        for number, pair in enumerate(pairs, 1):
            again = self._train(f"run {number} of {n}", progress, seed=pair.seed, pair=pair)
            runs.append(fresh_seeds.fresh_run(claim, again, pair))
        return again, fresh_seeds.fresh_of(claim, runs)

    def _train(
        self, title: str, progress: Progress, *, seed: int, pair: FreshPair | None = None
    ) -> Retrained:
        return retrain(
            self.claim,
            self.code,
            self.request.machine,
            seed=seed,
            generator_seed=None if pair is None else pair.generator_seed,
            progress=lambda seconds, _="": progress(seconds, title),
        )


def _verdict(holds: bool) -> Verdict:
    return "passed" if holds else "failed"
