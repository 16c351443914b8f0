"""The choice of a trial for every method, by one rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from data_gen.spec import Spec
from dgbench.references import Reference
from dgbench.results.record import RunRecord
from dgbench.results.selection import Selection
from dgbench.selection.rules import (
    are_siblings,
    constrained_id,
    fixed,
    id_val,
    leave_one_pattern_out,
    oracle,
    same_trial,
)
from dgbench.selection.trials import Trial, family, trials_of


class Swept(NamedTuple):
    """The runs on one benchmark and data, of every method of one track."""

    records: Sequence[RunRecord]
    spec: Spec
    reference: Reference | None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The trial that speaks for one method on one benchmark."""

    rule: Selection
    n_trials: int
    chosen: Trial | None
    """None if the rule cannot decide."""
    reason: str
    """Why no trial was chosen, or else empty."""


def choices(rule: Selection, here: Swept, others: Sequence[Swept] = ()) -> dict[str, Choice]:
    """The choice of every method with trials, by its family (`dgbench.selection.trials.family`).

    `others` are the runs on other benchmarks, which only `leave-one-pattern-out` reads.
    """
    by_family: dict[str, list[RunRecord]] = {}
    for record in here.records:
        if record.trial is not None:
            by_family.setdefault(family(record.configuration), []).append(record)
    return {key: _choice(rule, records, here, others) for key, records in by_family.items()}


def _choice(
    rule: Selection, records: Sequence[RunRecord], here: Swept, others: Sequence[Swept]
) -> Choice:
    trials = trials_of(records)
    if rule == "fixed":
        chosen, reason = fixed(trials), "trial 0, the defaults, was not run"
    elif not any(trial.is_complete for trial in trials):
        chosen, reason = None, "no trial is done with every seed"
    elif rule == "id-val":
        chosen, reason = id_val(trials), ""
    elif rule == "constrained-id":
        chosen, reason = constrained_id(trials), ""
    elif rule == "oracle":
        chosen = oracle(trials, here.spec, here.reference)
        reason = "no complete trial has scores on development domains"
    else:
        chosen = leave_one_pattern_out(trials, _elsewhere(records[0], here, others))
        reason = "no sibling benchmark has development scores of the same trials"
    return Choice(rule=rule, n_trials=len(trials), chosen=chosen, reason="" if chosen else reason)


def _elsewhere(mine: RunRecord, here: Swept, others: Sequence[Swept]) -> list[Mapping[str, float]]:
    """The development scores of one method's trials, on each sibling benchmark that has any."""
    scores_by_sibling: list[Mapping[str, float]] = []
    for other in others:
        if not are_siblings(here.spec, other.spec):
            continue
        records = [record for record in other.records if _is_same_method(record, mine)]
        scores = {
            same_trial(trial): score
            for trial in trials_of(records)
            if trial.is_complete
            and (score := trial.development_score(other.spec, other.reference)) is not None
        }
        if scores:
            scores_by_sibling.append(scores)
    return scores_by_sibling


def _is_same_method(first: RunRecord, second: RunRecord) -> bool:
    a, b = first.configuration, second.configuration
    return (a.method, a.backbone, a.precision) == (b.method, b.backbone, b.precision)
