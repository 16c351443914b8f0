"""The trials of a sweep as a rule may see them, without measurements on test domains."""

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

    It holds no test results, so that no rule can see them.
    """

    number: int
    """0 for the trial with the defaults."""
    digest: str
    """The digest of the configuration."""
    hyper_parameters: Mapping[str, Any]
    order: tuple[str, ...]
    """Order of trials by regularisation that the method declares, if any."""
    is_complete: bool
    """Whether every seed of the sweep is done."""
    validation: tuple[float, ...]
    """Accuracy on held-out digits of the training domain, for each seed."""
    development: tuple[Mapping[str, DomainCounts], ...]
    """Counts on the development domains, for each seed."""

    @property
    def id_accuracy(self) -> float:
        """Mean accuracy on held-out digits of the training domain."""
        return mean(self.validation)

    def development_score(self, spec: Spec, reference: Reference | None) -> float | None:
        """The score that ranks, measured on development domains, if it was measured."""
        if not self.development or not all(self.development):
            return None
        measured = [scores(counts, spec, reference) for counts in self.development]
        values = ranking_score(spec).of_all(measured)
        return None if values is None else mean(values)


def trials_of(records: Iterable[RunRecord]) -> list[Trial]:
    """The trials of one method on one benchmark, by number, without runs outside sweeps."""
    by_digest: dict[str, list[RunRecord]] = {}
    for record in records:
        if record.trial is not None:
            by_digest.setdefault(record.configuration.digest, []).append(record)
    seeds = {record.seed for runs in by_digest.values() for record in runs}
    trials = [_trial(digest, runs, seeds) for digest, runs in by_digest.items()]
    return sorted(trials, key=lambda trial: (trial.number, trial.digest))


def family(configuration: Configuration) -> str:
    """A key that the trials of one method on one benchmark share, without hyper-parameters."""
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
        validation=tuple(split.correct / split.n for split in counts if split is not None),
        development=tuple(run.development for run in done),
    )
