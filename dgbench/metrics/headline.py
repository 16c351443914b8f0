"""Which score ranks the entries of a benchmark, what it is called, and its value in a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import mean

from data_gen.spec import Spec
from dgbench.metrics.ceilings import evaluated, headline_domains
from dgbench.metrics.score_names import NamedScore, ScoreName
from dgbench.metrics.scores import Scores


@dataclass(frozen=True)
class RankingScore(NamedScore):
    """The score that ranks the entries of one benchmark."""

    name: ScoreName
    parts: tuple[tuple[str, ...], ...]
    """Canonical names of the test domains that it reads, in parts that weigh the same.

    There is one part for each hidden pattern or environment. There are none where a benchmark
    tests no pattern alone: nothing ranks there."""

    @property
    def domains(self) -> tuple[str, ...]:
        """All these names."""
        return tuple(chain.from_iterable(self.parts))

    def of(self, scores: Scores) -> float | None:
        """Its value in one run, or None if the run lacks a domain or the reference values."""
        if self.name == "hps":
            return scores.hps
        if self.name == "worst_environment":
            return scores.worst_environment
        if not self.parts or not all(name in scores.accuracy for name in self.domains):
            return None
        return mean(mean(scores.accuracy[name] for name in part) for part in self.parts)

    def of_all(self, runs: Sequence[Scores]) -> tuple[float, ...] | None:
        """Its value in every run, or None if any run lacks it or there are no runs."""
        values = tuple(value for run in runs if (value := self.of(run)) is not None)
        return values if values and len(values) == len(runs) else None


def ranking_score(spec: Spec, *, has_references: bool = True) -> RankingScore:
    """Decide which score ranks on a benchmark, in one place for all rooms.

    With environments it is the accuracy in the worst one, otherwise HPS. HPS needs reference
    values. Without them it is the mean accuracy on `solo.<p>` of the hidden patterns, or on
    `only.<p>` where the benchmark tests no pattern alone.

    Example:
        >>> from data_gen.spec_files import find_spec
        >>> ranking_score(find_spec("mnist-color-5k@1")).domains
        ('mp.color.mean', 'mp.color.neutral', 'mp.color.absent')
        >>> ranking_score(find_spec("mnist-ladder@1")).parts
        ()
        >>> ranking_score(find_spec("colored-mnist@1")).title
        'Worst environment'
    """
    if spec.training_environments:
        names = [test.name for test in spec.test_domains if test.name.startswith("env.")]
        return RankingScore("worst_environment", tuple((name,) for name in names))
    parts = tuple(headline_domains(spec).values())
    is_tested = all(parts)
    if has_references:
        return RankingScore("hps", parts if is_tested else ())
    instead = tuple(evaluated(spec, [f"only.{name}"]) for name in spec.hidden)
    return RankingScore("hidden_accuracy", parts if is_tested else instead)
