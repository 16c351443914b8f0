"""Fresh seeds: runs on data that nobody could have tuned for must agree with the claim."""

from collections.abc import Sequence
from statistics import fmean

from data_gen.foundation.errors import UsageError
from dgbench.verification.claim import Claim
from dgbench.verification.commitment import FreshPair
from dgbench.verification.fresh_answers import scores_of, with_generator_seed
from dgbench.verification.prediction import LEAST_RUNS, prediction_interval
from dgbench.verification.record import Fresh, FreshRun, Scores
from dgbench.verification.retrain import Retrained


def check_claim(claim: Claim, n_runs: int) -> None:
    """Raise UsageError if there are too few seeds or runs to estimate their spread."""
    n_seeds = len(claim.bundle.seeds)
    if min(n_seeds, n_runs) < LEAST_RUNS:
        raise UsageError(
            f"A claim of {n_seeds} seed(s) cannot be compared with {n_runs} fresh run(s): at least "
            f"{LEAST_RUNS} of each are needed. Use --level replay for a claim of fewer seeds."
        )


def fresh_run(claim: Claim, again: Retrained, pair: FreshPair) -> FreshRun:
    """Score one run against labels that are worked out here."""
    answers = with_generator_seed(claim.bundle.answers, pair.generator_seed)
    return FreshRun(
        generator_seed=pair.generator_seed,
        seed=pair.seed,
        scores=scores_of(again.pred, answers),
    )


def fresh_of(claim: Claim, runs: Sequence[FreshRun]) -> Fresh:
    """Compare the runs with the claim's prediction interval."""
    by_seed = claim.card.headline.by_seed
    interval = prediction_interval(
        by_seed, [run.scores.headline for run in runs], image_variance=claim.image_variance
    )
    reference = claim.bundle.answers.reference
    return Fresh(
        runs=tuple(runs),
        score=claim.card.headline.name,
        claimed_by_seed=dict(zip(claim.bundle.seeds, by_seed, strict=True)),
        image_variance=claim.image_variance,
        claimed=claim.scores,
        reproduced=_mean([run.scores for run in runs]),
        low=interval.low,
        high=interval.high,
        level=interval.level,
        basis=interval.basis,
        reference=f"The reference values of the official data (generator seed "
        f"{reference.generator_seed}): the ceilings are those of the population that every "
        "generator seed draws from.",
    )


def holds(fresh: Fresh) -> bool:
    """Whether the reproduced mean lies in the claim's prediction interval."""
    interval = prediction_interval(
        list(fresh.claimed_by_seed.values()),
        [run.scores.headline for run in fresh.runs],
        image_variance=fresh.image_variance,
        level=fresh.level,
    )
    return interval.holds


def summary_of(fresh: Fresh) -> str:
    """Say the verdict in one line."""
    is_in = "within" if holds(fresh) else "outside"
    return (
        f"{len(fresh.runs)} runs on new data have the mean score {fresh.reproduced.headline:.4f}, "
        f"{is_in} the {fresh.level:.0%} prediction interval {fresh.low:.4f} to {fresh.high:.4f} of "
        f"the claimed {fresh.claimed.headline:.4f} ({len(fresh.claimed_by_seed)} seeds)."
    )


def _mean(runs: Sequence[Scores]) -> Scores:
    return Scores(
        headline=fmean(run.headline for run in runs),
        retention=_mean_of([run.retention for run in runs]),
        accuracy={name: fmean(run.accuracy[name] for run in runs) for name in runs[0].accuracy},
    )


def _mean_of(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return fmean(numbers) if len(numbers) == len(values) else None
