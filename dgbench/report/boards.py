"""From run folders to boards: what was run on one benchmark, one entry a configuration."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.spec import Spec
from data_gen.spec_files import find_spec, read_spec
from dgbench.metrics.headline import RankingScore, ranking_score
from dgbench.metrics.scores import scores
from dgbench.references import Reference, reference_of
from dgbench.report.entries import Entry, Sample, ranked
from dgbench.report.naming import names_of
from dgbench.report.runs import COUNTED, Run, read_declarations, read_runs
from dgbench.results.declaration import Declaration
from dgbench.results.record import Configuration
from dgbench.results.selection import Selection
from dgbench.selection.choice import Choice, Swept, choices
from dgbench.selection.trials import family
from dgbench.standings.words import track


@dataclass(frozen=True, kw_only=True)
class Board:
    """Entries that may be compared: one benchmark and data, one rule of selection, one track."""

    spec: Spec
    reference: Reference | None
    official: bool
    selection: Selection
    uses: tuple[str, ...]
    entries: tuple[Entry, ...]
    """The best first, by the score that ranks."""
    sample: Sample = "seeds"
    """What intervals and ranks take for a sample."""
    trials: tuple[Entry, ...] = ()
    """Every trial of every method, chosen or not."""
    not_run: tuple[str, ...] = ()
    """Methods that the sweep declares and of which there is no run."""
    lacks_trials: tuple[str, ...] = ()
    """Methods with fewer trials than the sweep declares, and how many there are."""

    @cached_property
    def title(self) -> str:
        """What tells it from other boards."""
        data = "" if self.official else ", unofficial data"
        return f"{self.spec.id}{data}; selection {self.selection}; uses {track(self.uses)}"

    @property
    def score(self) -> RankingScore:
        """What ranks the entries."""
        return ranking_score(self.spec, has_references=self.reference is not None)


def read_boards(
    places: Sequence[Path], *, own: Sequence[Path] = (), rule: Selection = "fixed"
) -> list[Board]:
    """The boards of all runs at or below some folders; `own` are spec files of one's own.

    Raises UsageError where there is no run, DGBenchError where a record is damaged or of a spec
    that is not here.
    """
    runs = read_runs(places)
    declarations = read_declarations(places)
    files = {spec.digest: path for path in own for spec in [read_spec(path)]}
    groups: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        groups.setdefault(_comparable(run.record.configuration), []).append(run)
    swept = {key: _swept(found, files) for key, found in groups.items()}
    others = list(swept.values())
    boards = [_board(groups[key], swept[key], rule, others, declarations) for key in sorted(groups)]
    found = [board for board in boards if board.entries]
    if not found:
        raise UsageError(
            f"No run there is a trial of a sweep, so {rule!r} has nothing to choose from. "
            "`dgbench sweep --trials 3` makes some."
        )
    return found


def _comparable(of: Configuration) -> tuple[Any, ...]:
    sources = tuple(sorted((name, source.digest) for name, source in of.sources.items()))
    data = (of.benchmark, of.spec_digest, not of.official, sources, of.generator_seed, of.multiply)
    return (*data, len(of.method.uses), of.method.uses)


def _swept(runs: Sequence[Run], files: Mapping[str, Path]) -> Swept:
    first = runs[0].record.configuration
    path = files.get(first.spec_digest)
    spec = read_spec(path) if path else _installed_spec(first)
    digests = {name: source.digest for name, source in first.sources.items()}
    reference = reference_of(spec, digests, beside=path)
    return Swept([run.record for run in runs], spec, reference)


def _installed_spec(configuration: Configuration) -> Spec:
    try:
        spec = find_spec(configuration.benchmark)
    except UsageError as error:
        raise UsageError(f"{error} Or name its file with --benchmark FILE.yaml.") from error
    if spec.digest != configuration.spec_digest:
        raise DGBenchError(
            f"There are runs of another {configuration.benchmark} than the installed one: the "
            f"digest of their spec begins with {configuration.spec_digest[:12]}, of this one with "
            f"{spec.digest[:12]}. Name its file with --benchmark FILE.yaml, or train anew."
        )
    return spec


def _board(
    runs: Sequence[Run],
    here: Swept,
    rule: Selection,
    others: Sequence[Swept],
    declarations: Sequence[Declaration],
) -> Board:
    first = runs[0].record.configuration
    declared = [each for each in declarations if here.spec.id in each.benchmarks]
    by_digest: dict[str, list[Run]] = {}
    for run in runs:
        by_digest.setdefault(run.record.configuration.digest, []).append(run)
    made = choices(rule, here, others)
    shown = _shown(by_digest, made, rule)
    names = names_of([of[0].record.configuration for of, _ in shown], here.spec, here.reference)
    entries = [
        _entry(of, name, here, declared, choice)
        for (of, choice), name in zip(shown, names, strict=True)
    ]
    trials = [
        _entry(of, of[0].record.configuration.method.name, here, declared)
        for of in by_digest.values()
        if _trial(of) is not None
    ]
    known, sample = ranked(entries, here.spec, here.reference)
    methods = {method for each in declared for method in each.methods if ":" not in method}
    return Board(
        spec=here.spec,
        reference=here.reference,
        official=first.official,
        selection=rule,
        uses=first.method.uses,
        entries=tuple(sorted(known, key=_order)),
        sample=sample,
        trials=tuple(trials),
        not_run=tuple(sorted(methods - _methods_on(here.spec, others))),
        lacks_trials=tuple(_lacking(trials, declared)),
    )


def _lacking(trials: Sequence[Entry], declared: Sequence[Declaration]) -> list[str]:
    """Every method that has been given fewer settings than were declared."""
    n_trials = Counter(trial.configuration.method.name for trial in trials)
    # Without hyper-parameters there is nothing to try but the defaults.
    fixed = {
        trial.configuration.method.name
        for trial in trials
        if not trial.configuration.hyper_parameters
    }
    found = []
    for method, n in sorted(n_trials.items()):
        wanted = max((each.trials for each in declared if method in each.methods), default=0)
        if n < wanted and method not in fixed:
            found.append(f"{method} ({n} of {wanted})")
    return found


def _methods_on(spec: Spec, everything: Sequence[Swept]) -> set[str]:
    """The methods that were run on a benchmark, in any track."""
    return {
        record.configuration.method.name
        for swept in everything
        if swept.spec.id == spec.id
        for record in swept.records
    }


def _shown(
    by_digest: Mapping[str, list[Run]], made: Mapping[str, Choice], rule: Selection
) -> list[tuple[list[Run], Choice | None]]:
    """The runs of each entry with the choice that led to them; without a choice, all its trials."""
    shown: list[tuple[list[Run], Choice | None]] = []
    undecided: dict[str, list[Run]] = {}
    for digest, runs in by_digest.items():
        of = family(runs[0].record.configuration)
        choice = made.get(of) if _trial(runs) is not None else None
        if choice is None:
            if rule == "fixed":
                shown.append((runs, None))
        elif choice.chosen is None:
            undecided.setdefault(of, []).extend(runs)
        elif choice.chosen.digest == digest:
            shown.append((runs, choice))
    return shown + [(runs, made[of]) for of, runs in undecided.items()]


def _trial(runs: Sequence[Run]) -> int | None:
    numbers = [run.record.trial for run in runs if run.record.trial is not None]
    return min(numbers) if numbers else None


def _entry(
    runs: Sequence[Run],
    name: str,
    here: Swept,
    declared: Sequence[Declaration],
    choice: Choice | None = None,
) -> Entry:
    by_seed = sorted(runs, key=lambda run: run.record.seed)
    is_decided = choice is None or choice.chosen is not None
    done = [run for run in by_seed if run.record.status == COUNTED and is_decided]
    others: dict[str, tuple[int, ...]] = {}
    for run in by_seed:
        if run.record.status != COUNTED:
            others[run.became] = (*others.get(run.became, ()), run.record.seed)
    trial = _trial(runs)
    method = by_seed[0].record.configuration.method.name
    wanted = {seed for each in declared if method in each.methods for seed in each.seeds}
    missing = wanted - {run.record.seed for run in runs}
    if trial is not None and missing:
        others["missing"] = tuple(sorted(missing))
    return Entry(
        name=name,
        configuration=by_seed[0].record.configuration,
        score=ranking_score(here.spec, has_references=here.reference is not None),
        seeds=tuple(run.record.seed for run in done),
        scores=tuple(scores(run.record.domains, here.spec, here.reference) for run in done),
        not_counted=others,
        training_seconds=tuple(run.record.cost.training_seconds for run in done if run.record.cost),
        runs=tuple(done),
        trial=trial if is_decided else None,
        n_trials=choice.n_trials if choice else 0,
        note=choice.reason if choice else "",
    )


def _order(entry: Entry) -> tuple[float, str]:
    estimate = entry.headline.estimate
    return (float("inf") if estimate is None else -estimate), entry.name
