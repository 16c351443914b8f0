"""Check that a verification record agrees with its own numbers and with the submission.

A store does so before it keeps a record: a signature shows who made it, not that it adds up.
"""

from math import isclose

from data_gen.foundation.errors import DGBenchError
from dgbench.submission.scoring.card import ScoreCard
from dgbench.verification import exact_replay, fresh_seeds
from dgbench.verification.commitment import commitment_of, fresh_pairs
from dgbench.verification.prediction import LEAST_RUNS, prediction_interval
from dgbench.verification.record import Fresh, Replay, VerificationRecord
from dgbench.verification.signatures import check_signature

_CLOSE = 1e-9


def check_record(record: VerificationRecord, card: ScoreCard, *, generator_seed: int) -> None:
    """Raise DGBenchError if a record is unsigned, about another card, or contradicts itself.

    `generator_seed` is that of the official data.
    """
    check_signature(record)
    _same("the submission", record.submission_id, card.submission_id)
    for name in ("benchmark", "spec_digest", "method"):
        _same(name, getattr(record.verified, name), getattr(card, name))
    nonce = record.commitment.nonce
    _same("the commitment", record.commitment.commitment, commitment_of(nonce))
    if record.replay is not None:
        _check_replay(record.replay, card)
        _same("the verdict", record.verdict, exact_replay.verdict_of(record.replay))
    if record.fresh is not None:
        pairs = fresh_pairs(
            nonce, record.submission_id, len(record.fresh.runs), not_seed=generator_seed
        )
        recorded = tuple((run.generator_seed, run.seed) for run in record.fresh.runs)
        _same("the seeds that follow from the nonce", recorded, tuple(map(tuple, pairs)))
        _check_fresh(record.fresh, card)
        holds = fresh_seeds.holds(record.fresh)
        _same("the verdict", record.verdict, "passed" if holds else "failed")


def _check_replay(replay: Replay, card: ScoreCard) -> None:
    if replay.seed not in card.seeds:
        raise _error("the replayed seed", replay.seed, card.seeds)
    _same("the agreement that is needed", replay.needed, exact_replay.NEEDED)
    _same("the test domains", set(replay.agreement), set(card.n_images))
    total = sum(card.n_images.values())
    mean = sum(replay.agreement[name] * n for name, n in card.n_images.items()) / total
    _close("the total agreement", replay.total_agreement, mean)
    is_equal = replay.claimed_digest == replay.reproduced_digest
    _same("whether all is the same", is_equal, replay.total_agreement == 1)


def _check_fresh(fresh: Fresh, card: ScoreCard) -> None:
    if len(fresh.runs) < LEAST_RUNS:
        raise _error("the number of runs", len(fresh.runs), f"{LEAST_RUNS} at least")
    claimed = dict(zip(card.seeds, card.headline.by_seed, strict=False))
    _same("the score", fresh.score, card.headline.name)
    _same("the claimed seeds", set(fresh.claimed_by_seed), set(claimed))
    for seed, score in claimed.items():
        _close(f"the claimed score of seed {seed}", fresh.claimed_by_seed[seed], score)
    expected = prediction_interval(
        list(claimed.values()),
        [run.scores.headline for run in fresh.runs],
        image_variance=fresh.image_variance,
    )
    for name in ("low", "high", "level"):
        _close(name, getattr(fresh, name), getattr(expected, name))
    _close("the reproduced mean", fresh.reproduced.headline, expected.reproduced)


def _same(what: str, recorded: object, expected: object) -> None:
    if recorded != expected:
        raise _error(what, recorded, expected)


def _close(what: str, recorded: float, expected: float) -> None:
    if not isclose(recorded, expected, rel_tol=0, abs_tol=_CLOSE):
        raise _error(what, recorded, expected)


def _error(what: str, recorded: object, expected: object) -> DGBenchError:
    return DGBenchError(
        f"The verification record contradicts itself or the submission: {what} is {recorded!r}, "
        f"expected {expected!r}. Make it again with `dgbench verify`."
    )
