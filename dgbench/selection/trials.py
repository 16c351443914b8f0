"""What a rule may know of a sweep's trials: nothing that was measured on test domains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import mean
from typing import Any

from data_gen.spec import Spec
from dgbench.metrics.headline import ranking_score
from dgbench.metrics.scores import scores
from dgbench.references import Reference
from dgbench.results.record import Configuration, DomainCounts, RunRecord


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One setting of the hyper-parameters, over all its seeds.

    Test results are not in it, so no rule can see them.
    """

    number: int
    """0 is the defaults."""
    digest: str
    """Of the configuration."""
    hyper_parameters: Mapping[str, Any]
    order: tuple[str, ...]
    """How its method orders trials by regularisation; empty where it does not say."""
    is_complete: bool
    """Whether every seed of the sweep is done."""
    validation: tuple[float, ...]
    """Accuracy on held-out digits of the training domain, one a seed."""
    development: tuple[Mapping[str, DomainCounts], ...]
    """Counts on the development domains, one mapping a seed."""

    @property
    def id_accuracy(self) -> float:
        """Mean accuracy on held-out digits of the training domain."""
        return mean(self.validation)

    def development_score(self, spec: Spec, reference: Reference | None) -> float | None:
        """The score that ranks, measured on development domains; None where it was not."""
        if not self.development or not all(self.development):
            return None
        measured = [scores(counts, spec, reference) for counts in self.development]
        values = ranking_score(spec).of_all(measured)
        return None if values is None else mean(values)


def trials_of(records: Iterable[RunRecord]) -> list[Trial]:
    """The trials of one method on one benchmark, by number; runs outside sweeps are none."""
    by_digest: dict[str, list[RunRecord]] = {}
    for record in records:
        if record.trial is not None:
            by_digest.setdefault(record.configuration.digest, []).append(record)
    seeds = {record.seed for runs in by_digest.values() for record in runs}
    found = [_trial(digest, runs, seeds) for digest, runs in by_digest.items()]
    return sorted(found, key=lambda trial: (trial.number, trial.digest))


def family(configuration: Configuration) -> str:
    """What the trials of one method on one benchmark share: all but the hyper-parameters."""
    return configuration.model_copy(update={"hyper_parameters": {}}).digest


def _trial(digest: str, runs: list[RunRecord], seeds: set[int]) -> Trial:
    done = sorted((run for run in runs if run.status == "done"), key=lambda run: run.seed)
    counts = [run.validation for run in done]
    return Trial(
        number=min(run.trial for run in runs if run.trial is not None),
        digest=digest,
        hyper_parameters=runs[0].configuration.hyper_parameters,
        order=runs[0].regularisation,
        is_complete={run.seed for run in done} == seeds and None not in counts,
        validation=tuple(of.correct / of.n for of in counts if of is not None),
        development=tuple(run.development for run in done),
    )
