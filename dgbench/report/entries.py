"""Entries of a board: the runs of one configuration, and how sure their score is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from operator import attrgetter
from statistics import mean
from typing import Literal

import numpy as np

from data_gen.spec import Spec
from dgbench.metrics.contributions import headline_contributions
from dgbench.metrics.headline import RankingScore, ranking_score
from dgbench.metrics.intervals import Summary, interval_of, summarise, summarise_seeds
from dgbench.metrics.ranking import Contender, PairVerdict, Place, places
from dgbench.metrics.scores import Scores
from dgbench.references import Reference
from dgbench.report.runs import Run
from dgbench.results.correctness import read_correct
from dgbench.results.record import Configuration
from dgbench.standings.headline import Headline
from dgbench.standings.standing import RANKED, claimed_standing, gated, part_of
from dgbench.standings.words import Standing

Sample = Literal["seeds and images", "seeds"]
"""What an interval takes for a sample: images only where all predictions are there."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The runs of one configuration: a row of a table."""

    name: str
    """The method's name, with what tells this configuration from the board's others of its own."""
    configuration: Configuration
    score: RankingScore
    """What ranks it."""
    seeds: tuple[int, ...]
    """Of the runs that are done."""
    scores: tuple[Scores, ...]
    """The scores of each seed."""
    not_counted: Mapping[str, tuple[int, ...]]
    """Seeds of runs that are not done, by what became of them."""
    training_seconds: tuple[float, ...]
    runs: tuple[Run, ...] = ()
    """The runs that are done."""
    trial: int | None = None
    """Its number in a sweep. 0 stands for the defaults."""
    n_trials: int = 0
    """The number of trials from which it was chosen, 0 outside sweeps."""
    note: str = ""
    """The reason for a missing score, if a rule could not choose."""
    summary: Summary | None = None
    """The summary of the score that ranks, or None with fewer than 2 seeds."""
    place: Place | None = None
    """Its place among the ranked entries, or None if it is not ranked."""
    is_yardstick: bool = False
    """Whether its method only shows what a score means."""

    @property
    def standing(self) -> Standing:
        """Whether it is ranked, or why not."""
        claimed = claimed_standing(
            len(self.seeds),
            is_yardstick=self.is_yardstick,
            # Without a choice the runs are those of several trials, of which none speaks for it.
            has_diverged="diverged" in self.not_counted and not self.note,
            has_score=self.score.of_all(self.scores) is not None,
        )
        return gated(claimed, self.retention)

    @property
    def rank(self) -> int | None:
        """Its place in the order of the score, or None if it is not ranked."""
        return self.place.rank if self.place else None

    @property
    def tier(self) -> int | None:
        """Its tier, or None if it is not ranked."""
        return self.place.tier if self.place else None

    @property
    def is_unstable(self) -> bool:
        """Whether it is ranked and scatters too much to be the best of a tier."""
        return self.place is not None and self.place.is_unstable

    @property
    def against_best(self) -> PairVerdict | None:
        """The comparison with the best of the first tier, or None for that one or unranked."""
        return self.place.against_best if self.place else None

    @property
    def contender(self) -> Contender | None:
        """It as comparisons need it, or None if it is not ranked."""
        if self.summary is None or self.standing not in RANKED:
            return None
        return Contender.of(self.summary)

    @property
    def order(self) -> tuple[int, float, str]:
        """The key by which a board lists its entries: first the ranked ones, by their score."""
        estimate = self.headline.estimate
        return part_of(self.standing), inf if estimate is None else -estimate, self.name

    def mean(self, score: str) -> float | None:
        """The mean of a score over seeds, or None if a seed lacks it."""
        return self.over_seeds(attrgetter(score))

    def over_seeds(
        self, pick: Callable[[Scores], float | None], *, factor: int = 1
    ) -> float | None:
        """The mean of a value picked from each seed's scores, times a factor.

        Values are multiplied before the mean is taken, so that rounding is that of single numbers.
        """
        values = [factor * value for run in self.scores if (value := pick(run)) is not None]
        return mean(values) if values and len(values) == len(self.scores) else None

    @property
    def headline(self) -> Headline:
        """The score that ranks, over all seeds."""
        interval = interval_of(self.summary) if self.summary else None
        return Headline(
            name=self.score.name,
            estimate=self.over_seeds(self.score.of),
            low=interval.low if interval else None,
            high=interval.high if interval else None,
        )

    @property
    def up(self) -> float | None:
        """The uncorrelated-pattern score."""
        return self.mean("up")

    @property
    def mp(self) -> float | None:
        """The missing-pattern score."""
        return self.mean("mp")

    @property
    def retention(self) -> float | None:
        """ID retention."""
        return self.mean("retention")

    @property
    def found(self) -> Mapping[str, float]:
        """F of each pattern that has one in every seed."""
        return self._by_pattern([run.found for run in self.scores])

    @property
    def trusted(self) -> Mapping[str, float]:
        """T of each pattern that has one in every seed."""
        return self._by_pattern([run.trusted for run in self.scores])

    @property
    def encoded(self) -> Mapping[str, float]:
        """E of each pattern that has one in every seed."""
        return self._by_pattern([run.encoded for run in self.scores])

    def _by_pattern(self, runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
        """Average over seeds the scores of each pattern that has one in all of them."""
        names = [name for name in runs[0] if all(name in run for run in runs)] if runs else []
        return {name: mean(run[name] for run in runs) for name in names}


def ranked(
    entries: Sequence[Entry], spec: Spec, reference: Reference | None
) -> tuple[list[Entry], Sample]:
    """The entries with summaries and places, and what these take for a sample."""
    of_images = _summaries_of_images(entries, spec, reference)
    sample: Sample = "seeds" if of_images is None else "seeds and images"
    summaries = of_images or [_summary_of_seeds(entry) for entry in entries]
    measured = [
        replace(entry, summary=summary) for entry, summary in zip(entries, summaries, strict=True)
    ]
    by_index = {
        index: contender
        for index, entry in enumerate(measured)
        if (contender := entry.contender) is not None
    }
    in_order = places(list(by_index.values()), [measured[index].name for index in by_index])
    by_place = dict(zip(by_index, in_order, strict=True))
    return [
        replace(entry, place=by_place.get(index)) for index, entry in enumerate(measured)
    ], sample


def _summary_of_seeds(entry: Entry) -> Summary | None:
    values = entry.score.of_all(entry.scores)
    return summarise_seeds(np.array(values)) if values and len(values) > 1 else None


def _summaries_of_images(
    entries: Sequence[Entry], spec: Spec, reference: Reference | None
) -> list[Summary | None] | None:
    """The summary of each entry, or None as a whole if a run has no predictions."""
    domains = ranking_score(spec, has_references=reference is not None).domains
    summaries: list[Summary | None] = []
    for entry in entries:
        if len(entry.runs) < 2 or entry.score.of_all(entry.scores) is None:
            summaries.append(None)
            continue
        runs = [read_correct(run.folder, run.record, domains) for run in entry.runs]
        available = [correct for correct in runs if correct is not None]
        if len(available) < len(runs) or not domains:
            return None
        correct = {name: np.stack([run[name] for run in available]) for name in domains}
        if len({hits.shape for hits in correct.values()}) > 1:
            # Some hidden pattern is tested on fewer images, which the matrix has no place for.
            return None
        summaries.append(summarise(headline_contributions(correct, spec, reference)))
    return summaries
