"""Which score ranks the entries of a benchmark, what it is called, and its value in a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import mean

from data_gen.spec import Spec
from dgbench.metrics.ceilings import headline_domains
from dgbench.metrics.score_names import NamedScore, ScoreName
from dgbench.metrics.scores import Scores


@dataclass(frozen=True)
class RankingScore(NamedScore):
    """The score that ranks the entries of one benchmark."""

    name: ScoreName
    domains: tuple[str, ...]
    """Canonical names of the test domains that it reads, one a hidden pattern or environment."""

    def of(self, scores: Scores) -> float | None:
        """Its value in one run, or None if the run lacks a domain or the reference values."""
        if self.name == "hps":
            return scores.hps
        if self.name == "worst_environment":
            return scores.worst_environment
        values = [scores.accuracy[name] for name in self.domains if name in scores.accuracy]
        return mean(values) if values and len(values) == len(self.domains) else None

    def of_all(self, runs: Sequence[Scores]) -> tuple[float, ...] | None:
        """Its value in every run, or None if any run lacks it or there are no runs."""
        values = tuple(value for run in runs if (value := self.of(run)) is not None)
        return values if values and len(values) == len(runs) else None


def ranking_score(spec: Spec, *, has_references: bool = True) -> RankingScore:
    """Decide which score ranks on a benchmark, in one place for all rooms.

    With environments it is the accuracy in the worst one, otherwise HPS. HPS needs reference
    values. Without them it is the mean accuracy on `only.<p>` of the hidden patterns.

    Example:
        >>> from data_gen.spec_files import find_spec
        >>> ranking_score(find_spec("mnist-color-5k@1"))
        RankingScore(name='hps', domains=('up.color',))
        >>> ranking_score(find_spec("colored-mnist@1")).title
        'Worst environment'
    """
    if spec.training_environments:
        names = [test.name for test in spec.test_domains if test.name.startswith("env.")]
        return RankingScore("worst_environment", tuple(names))
    domains = tuple(chain.from_iterable(headline_domains(spec).values()))
    return RankingScore("hps" if has_references else "hidden_accuracy", domains)
