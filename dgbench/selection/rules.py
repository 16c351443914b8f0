"""The rules: small functions from trials to the one that speaks for its method."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from data_gen.foundation.errors import DGBenchError
from data_gen.spec import Spec
from dgbench.references import Reference
from dgbench.selection.trials import Trial
from dgbench.standings.limits import EPSILON

_ROUNDING = 1e-12
_OF_THE_OPTIMISER = ("learning_rate", "weight_decay")
"""Hyper-parameters that every method has, which come after a method's own."""


def fixed(trials: Sequence[Trial]) -> Trial | None:
    """The defaults, however good or bad they are."""
    return next((trial for trial in trials if trial.number == 0), None)


def id_val(trials: Sequence[Trial]) -> Trial | None:
    """The best on held-out digits of the training domain, and the first among equals.

    If a shortcut is perfect in training, this says nothing about what else was learnt.
    """
    return _best([(trial.id_accuracy, trial) for trial in trials if trial.is_complete])


def constrained_id(trials: Sequence[Trial], *, epsilon: float = EPSILON) -> Trial | None:
    """The strongest regularisation among trials within `epsilon` of the best ID validation."""
    best = id_val(trials)
    if best is None:
        return None
    return max(
        (
            trial
            for trial in trials
            if trial.is_complete and trial.id_accuracy >= best.id_accuracy - epsilon - _ROUNDING
        ),
        key=lambda trial: (strength(trial), -trial.number),
    )


def oracle(trials: Sequence[Trial], spec: Spec, reference: Reference | None = None) -> Trial | None:
    """The best on the development domains, at the last checkpoint: an upper bound, not a result."""
    scored = [
        (trial.development_score(spec, reference), trial) for trial in trials if trial.is_complete
    ]
    return _best([(score, trial) for score, trial in scored if score is not None])


def leave_one_pattern_out(
    trials: Sequence[Trial], elsewhere: Sequence[Mapping[str, float]]
) -> Trial | None:
    """The best on sibling benchmarks' development domains.

    `elsewhere` holds, for each sibling, the development score of the same method's trials by
    `same_trial`. Only trials that are complete here and on every sibling can be chosen.
    """
    if not elsewhere:
        return None
    candidates = [
        trial
        for trial in trials
        if trial.is_complete and all(same_trial(trial) in scores for scores in elsewhere)
    ]
    return _best(
        [(mean(scores[same_trial(trial)] for scores in elsewhere), trial) for trial in candidates]
    )


def are_siblings(first: Spec, second: Spec) -> bool:
    """Whether two benchmarks hide their patterns behind different ones."""
    visible = [set(spec.entries) - set(spec.hidden) for spec in (first, second)]
    return all(spec.hidden for spec in (first, second)) and not (visible[0] & visible[1])


def same_trial(trial: Trial) -> str:
    """A key that the runs of one trial share on all benchmarks, made of its hyper-parameters."""
    return repr(sorted(trial.hyper_parameters.items()))


def regularisation_order(trial: Trial) -> tuple[str, ...]:
    """The hyper-parameters that say how strongly a trial regularises, most important first.

    A method declares them, such as `regularisation = ("weight", "-margin")`, with a minus if less
    is stronger. Without a declaration, more `weight` is stronger, or else more of the first
    hyper-parameter of the method's own. `weight_decay` decides between equals.
    """
    if trial.order:
        return trial.order
    own = [name for name in trial.hyper_parameters if name not in _OF_THE_OPTIMISER]
    first = ["weight"] if "weight" in own else own[:1]
    return (*first, *(name for name in ("weight_decay",) if name in trial.hyper_parameters))


def strength(trial: Trial) -> tuple[float, ...]:
    """The strength of a trial's regularisation, comparable with other trials of its method."""
    return tuple(_value(trial.hyper_parameters, name) for name in regularisation_order(trial))


def _value(given: Mapping[str, Any], name: str) -> float:
    sign, field = (-1, name[1:]) if name.startswith("-") else (1, name)
    value = given.get(field)
    if not isinstance(value, int | float):
        raise DGBenchError(
            f"Trials cannot be ordered by {field!r}, which is {value!r} in one of them. Declare "
            "`regularisation` in the method, naming hyper-parameters that are numbers."
        )
    return float(sign * value)


def _best(scored: Sequence[tuple[float, Trial]]) -> Trial | None:
    """The trial with the highest score and, among equals, the lowest number."""
    if not scored:
        return None
    return max(scored, key=lambda pair: (pair[0], -pair[1].number))[1]
