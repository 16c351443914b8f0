"""Entries of a board: the runs of one configuration, and how sure their score is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean
from typing import Literal

import numpy as np

from data_gen.spec import Spec
from dgbench.metrics.contributions import hps_contributions, score_domains
from dgbench.metrics.intervals import Interval, Summary, interval_of, summarise, summarise_seeds
from dgbench.metrics.ranking import significance_ranks
from dgbench.metrics.scores import Scores
from dgbench.references import Reference
from dgbench.report.runs import Run
from dgbench.results.correctness import read_correct
from dgbench.results.record import Configuration

Sample = Literal["seeds and images", "seeds"]
"""What an interval takes for a sample: images only where all predictions are there."""
RANKED_SEEDS = 3
"""Fewer seeds give no rank."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The runs of one configuration: a row of a table."""

    name: str
    """The method's name, with what tells this configuration from the board's others of its own."""
    configuration: Configuration
    seeds: tuple[int, ...]
    """Of the runs that are done."""
    scores: tuple[Scores, ...]
    """One a seed."""
    not_counted: Mapping[str, tuple[int, ...]]
    """Seeds of runs that are not done, by what became of them."""
    training_seconds: tuple[float, ...]
    runs: tuple[Run, ...] = ()
    """Those that are done."""
    trial: int | None = None
    """Its number in a sweep, 0 the defaults."""
    n_trials: int = 0
    """Of how many it was chosen; 0 outside sweeps."""
    note: str = ""
    """Why there is no score, where a rule could not choose."""
    summary: Summary | None = None
    """Of the score that ranks; None with fewer than 2 seeds."""
    rank: int | None = None
    """1 + the number of significantly better entries; None with fewer than 3 seeds."""

    def mean(self, score: str) -> float | None:
        """The mean of a score over seeds; None where one of them has none."""
        values = [getattr(found, score) for found in self.scores]
        return mean(values) if values and None not in values else None

    @property
    def interval(self) -> Interval | None:
        """Of the score that ranks, at 95 %."""
        return interval_of(self.summary) if self.summary else None


def headline(found: Scores, spec: Spec) -> float | None:
    """The score that ranks: HPS, the worst environment, or accuracy on the hidden patterns."""
    if spec.training_environments:
        return found.worst_environment
    if found.hps is not None:
        return found.hps
    values = [found.accuracy.get(name) for name in score_domains(spec)]
    known = [value for value in values if value is not None]
    return mean(known) if known and len(known) == len(values) else None


def ranked(
    entries: Sequence[Entry], spec: Spec, reference: Reference | None
) -> tuple[list[Entry], Sample]:
    """The entries with summaries and ranks, and what these take for a sample."""
    of_images = _summaries_of_images(entries, spec, reference)
    sample: Sample = "seeds" if of_images is None else "seeds and images"
    found = [
        replace(entry, summary=of_images[at] if of_images else _summary_of_seeds(entry, spec))
        for at, entry in enumerate(entries)
    ]
    is_ranked = [len(entry.seeds) >= RANKED_SEEDS and entry.summary is not None for entry in found]
    summaries = [entry.summary for entry in found]
    chosen = [of for of, keep in zip(summaries, is_ranked, strict=True) if of is not None and keep]
    ranks = iter(significance_ranks(chosen).tolist())
    return [
        replace(entry, rank=next(ranks)) if keep else entry
        for entry, keep in zip(found, is_ranked, strict=True)
    ], sample


def _summary_of_seeds(entry: Entry, spec: Spec) -> Summary | None:
    values = [headline(found, spec) for found in entry.scores]
    if len(values) < 2 or None in values:
        return None
    return summarise_seeds(np.array(values, float))


def _summaries_of_images(
    entries: Sequence[Entry], spec: Spec, reference: Reference | None
) -> list[Summary | None] | None:
    """One an entry; None as a whole where the predictions of some run are not there."""
    found: list[Summary | None] = []
    for entry in entries:
        if len(entry.runs) < 2:
            found.append(None)
            continue
        domains = score_domains(spec)
        each = [read_correct(run.folder, run.record, domains) for run in entry.runs]
        known = [correct for correct in each if correct is not None]
        if len(known) < len(each) or not domains:
            return None
        correct = {name: np.stack([of[name] for of in known]) for name in domains}
        if len({of.shape for of in correct.values()}) > 1:
            # Some hidden pattern is tested on fewer images, which the matrix has no place for.
            return None
        found.append(summarise(hps_contributions(correct, spec, reference)))
    return found


Pick = Callable[[Scores], float | None]
"""Takes one number from the scores of a run."""
