"""Scores a checked submission. The same bundle gives the same score card on every machine."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
from jaxtyping import Int, UInt8

from dgbench.metrics.headline import ranking_score
from dgbench.metrics.intervals import Summary, interval_of
from dgbench.metrics.scores import UNPREDICTABLE, Scores, scores
from dgbench.results.record import DomainCounts
from dgbench.standings.standing import claimed_standing
from dgbench.standings.words import Standing
from dgbench.submission.answer_key.answers import Answers
from dgbench.submission.format.bundle import Bundle
from dgbench.submission.format.manifest import Manifest
from dgbench.submission.scoring.calibration import calibration_by_domain
from dgbench.submission.scoring.card import ScoreCard
from dgbench.submission.scoring.evidence import headline_summary
from dgbench.submission.scoring.flags import flags_of

DECIMALS = 9
CONFLICT = "conflict"


def score(bundle: Bundle) -> ScoreCard:
    """Compute the score card of a submission."""
    answers = bundle.answers
    correct = bundle.pred == answers.labels
    counts = _sums(correct, answers)
    follows = _follows(bundle.pred, answers)
    by_seed = [
        scores(_domain_counts(answers, counts[s], follows, s), answers.spec, answers.reference)
        for s in range(len(counts))
    ]
    accuracy = {
        name: fmean(scores_of_seed.accuracy[name] for scores_of_seed in by_seed)
        for name in answers.domains
    }
    predictable = [name for name in accuracy if name not in UNPREDICTABLE] or list(accuracy)
    worst = min(predictable, key=accuracy.__getitem__)
    fields = {
        **_identity(bundle),
        "n_images": {name: answers.size(name) for name in answers.domains},
        "correct": _by_domain(counts, answers),
        "follows": follows,
        "chance": by_seed[0].chance,
        "headline": _headline(by_seed, answers, headline_summary(correct, answers)),
        "accuracy": accuracy,
        "mean_accuracy": fmean(accuracy[name] for name in predictable),
        "worst_domain": worst,
        "worst_accuracy": accuracy[worst],
        **{name: _mean(by_seed, name) for name in _MEANS},
        **{name: _means(by_seed, name) for name in _MEANS_BY_NAME},
        "calibration": calibration_by_domain(bundle),
    }
    card = ScoreCard.model_validate(rounded({**fields, "flags": ()}))
    return card.model_copy(update={"flags": flags_of(bundle, card)})


def _identity(bundle: Bundle) -> dict[str, Any]:
    """The fields that say what was submitted, before anything is computed."""
    answers, manifest = bundle.answers, bundle.manifest
    return {
        "submission_id": bundle.id,
        "predictions_digest": manifest.predictions.digest,
        "benchmark": answers.spec.id,
        "spec_digest": answers.published.spec_digest,
        "method": manifest.method.name,
        "method_version": manifest.method.version,
        "display_name": manifest.display_name,
        "uses": manifest.method.uses,
        "selection": manifest.selection.rule,
        "n_trials": manifest.selection.n_trials,
        "standing": standing(manifest, answers),
        "seeds": bundle.seeds,
    }


def standing(manifest: Manifest, answers: Answers) -> Standing:
    """Tell how a submission may be ranked, by its benchmark and by what it says of itself."""
    return claimed_standing(
        len(manifest.seeds),
        is_yardstick=manifest.method.is_yardstick,
        has_diverged=bool(manifest.diverged),
        is_demonstration=manifest.demonstration,
        has_score=bool(ranking_score(answers.spec).domains),
    )


def rounded(value: Any) -> Any:
    """Round all numbers in a document to nine decimals."""
    if isinstance(value, float):
        # Adding zero turns -0.0 into 0.0.
        return round(value, DECIMALS) + 0.0
    if isinstance(value, Mapping):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(rounded(item) for item in value)
    return value


_MEANS = (
    "hps",
    "up",
    "mp",
    "retention",
    "effective_patterns",
    "mean_environment",
    "worst_environment",
)
_MEANS_BY_NAME = ("found", "trusted", "reliance", "shapley")


def _mean(by_seed: Sequence[Scores], name: str) -> float | None:
    values = [getattr(scores_of_seed, name) for scores_of_seed in by_seed]
    return None if None in values else fmean(values)


def _means(by_seed: Sequence[Scores], name: str) -> dict[str, float] | None:
    mappings = [getattr(scores_of_seed, name) for scores_of_seed in by_seed]
    if None in mappings:
        return None
    return {key: fmean(mapping[key] for mapping in mappings) for key in mappings[0]}


def _headline(
    by_seed: Sequence[Scores], answers: Answers, summary: Summary | None
) -> dict[str, Any]:
    ranking = ranking_score(answers.spec)
    values = ranking.of_all(by_seed) or ()
    interval = None if summary is None else interval_of(summary)
    return {
        "name": ranking.name,
        "estimate": fmean(values) if values else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "by_seed": values,
    }


def _sums(correct: np.ndarray[Any, np.dtype[np.bool_]], answers: Answers) -> Int[np.ndarray, "s d"]:
    """Count the right predictions by seed and test domain."""
    return np.add.reduceat(correct.astype(np.int64), answers.starts[:-1], axis=1)


def _by_domain(counts: Int[np.ndarray, "s d"], answers: Answers) -> dict[str, tuple[int, ...]]:
    return {
        name: tuple(map(int, column))
        for name, column in zip(answers.domains, counts.T, strict=True)
    }


def _follows(pred: UInt8[np.ndarray, "s n"], answers: Answers) -> dict[str, tuple[int, ...]]:
    """Count the predictions on `conflict` that follow each pattern, by pattern and seed."""
    if CONFLICT not in answers.domains:
        return {}
    part = answers.within(CONFLICT)
    return {
        pattern: tuple(map(int, (pred[:, part] == shown[part]).sum(axis=1)))
        for pattern, shown in answers.values.items()
    }


def _domain_counts(
    answers: Answers,
    counts: Int[np.ndarray, " d"],
    follows: Mapping[str, tuple[int, ...]],
    seed: int,
) -> dict[str, DomainCounts]:
    return {
        name: DomainCounts(
            data=answers.published.splits[name],
            n=answers.size(name),
            correct=int(correct),
            follows={p: f[seed] for p, f in follows.items()} if name == CONFLICT else {},
            nll=None,
            brier=None,
        )
        for name, correct in zip(answers.domains, counts, strict=True)
    }
