"""Groups runs into boards: the runs on one benchmark, with one entry for each configuration."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
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
    development_only: bool = False
    """Whether no run of it was tested, so that its scores are of the development domains."""
    selection: Selection
    uses: tuple[str, ...]
    entries: tuple[Entry, ...]
    """The ranked entries, the best first, then those that are listed only."""
    sample: Sample = "seeds"
    """The sample that intervals and ranks are computed over."""
    trials: tuple[Entry, ...] = ()
    """Every trial of every method, chosen or not."""
    not_run: tuple[str, ...] = ()
    """Methods that the sweep declares but never ran."""
    lacks_trials: tuple[str, ...] = ()
    """Methods with fewer trials than the sweep declares, and how many there are."""

    @cached_property
    def title(self) -> str:
        """Benchmark, selection rule and track, which tell the board from others."""
        data = "" if self.official else ", unofficial data"
        untested = ", development domains only" if self.development_only else ""
        return (
            f"{self.spec.id}{data}{untested}; track {track(self.uses)}; selection {self.selection}"
        )

    @property
    def name(self) -> str:
        """The benchmark, and what tells its board from one of tests on its official data."""
        words = ([] if self.official else ["unofficial"]) + ["development"] * self.development_only
        return f"{self.spec.id} ({', '.join(words)})" if words else self.spec.id

    @property
    def is_comparable(self) -> bool:
        """Whether its runs were tested on the official data, as results across benchmarks are."""
        return self.official and not self.development_only

    @property
    def score(self) -> RankingScore:
        """The score that ranks the entries."""
        return ranking_score(self.spec, has_references=self.reference is not None)


def read_boards(
    places: Sequence[Path],
    *,
    own: Sequence[Path] = (),
    rule: Selection = "fixed",
    members: Collection[str] = (),
) -> list[Board]:
    """Read the boards of all runs at or below some folders.

    `own` holds the reader's own spec files, and `members` the full names of the benchmarks whose
    boards are read, by default of all. Raises UsageError if there is no run, and DGBenchError
    if a record is damaged or belongs to a spec that is not installed.
    """
    runs = read_runs(places)
    declarations = read_declarations(places)
    files = {spec.digest: path for path in own for spec in [read_spec(path)]}
    groups: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        groups.setdefault(_comparable(run.record.configuration), []).append(run)
    swept = {key: _swept(group, files) for key, group in groups.items()}
    others = list(swept.values())
    keys = [key for key in sorted(groups) if not members or swept[key].spec.id in members]
    if not keys:
        raise UsageError(f"No run there is on any of these benchmarks: {', '.join(members)}.")
    boards = [
        _board(groups[key], swept[key], rule, _alike(others, swept[key]), declarations)
        for key in keys
    ]
    with_entries = [board for board in boards if board.entries]
    if not with_entries:
        raise UsageError(
            f"No run there is a trial of a sweep, so {rule!r} has nothing to choose from. "
            "`dgbench sweep --trials 3` makes some."
        )
    return with_entries


def _comparable(configuration: Configuration) -> tuple[Any, ...]:
    sources = tuple(sorted((name, source.digest) for name, source in configuration.sources.items()))
    data = (
        configuration.benchmark,
        configuration.spec_digest,
        not configuration.official,
        sources,
        configuration.generator_seed,
        configuration.multiply,
        configuration.development_only,
    )
    return (*data, len(configuration.method.uses), configuration.method.uses)


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
            f"{spec.digest[:12]}. Name its file with --benchmark FILE.yaml, or train again."
        )
    return spec


def _alike(others: Sequence[Swept], here: Swept) -> list[Swept]:
    """Select the runs that were evaluated on the same kind of domains."""
    return [swept for swept in others if _development_only(swept) == _development_only(here)]


def _declares(sweep: Declaration, here: Swept) -> bool:
    return here.spec.id in sweep.benchmarks and sweep.development_only == _development_only(here)


def _development_only(swept: Swept) -> bool:
    return swept.records[0].configuration.development_only


def _board(
    runs: Sequence[Run],
    here: Swept,
    rule: Selection,
    others: Sequence[Swept],
    declarations: Sequence[Declaration],
) -> Board:
    first = runs[0].record.configuration
    declared = [sweep for sweep in declarations if _declares(sweep, here)]
    by_digest: dict[str, list[Run]] = {}
    for run in runs:
        by_digest.setdefault(run.record.configuration.digest, []).append(run)
    made = choices(rule, here, others)
    shown = _shown(by_digest, made, rule)
    configurations = [group[0].record.configuration for group, _ in shown]
    names = names_of(configurations, here.spec, here.reference)
    entries = [
        _entry(group, name, here, declared, choice)
        for (group, choice), name in zip(shown, names, strict=True)
    ]
    trials = [
        _entry(group, group[0].record.configuration.method.name, here, declared)
        for group in by_digest.values()
        if _trial(group) is not None
    ]
    with_places, sample = ranked(entries, here.spec, here.reference)
    methods = {method for sweep in declared for method in sweep.methods if ":" not in method}
    return Board(
        spec=here.spec,
        reference=here.reference,
        official=first.official,
        development_only=first.development_only,
        selection=rule,
        uses=first.method.uses,
        entries=tuple(sorted(with_places, key=attrgetter("order"))),
        sample=sample,
        trials=tuple(trials),
        not_run=tuple(sorted(methods - _methods_on(here.spec, others))),
        lacks_trials=tuple(_lacking(trials, declared)),
    )


def _lacking(trials: Sequence[Entry], declared: Sequence[Declaration]) -> list[str]:
    """Name the methods with fewer trials than were declared."""
    n_trials = Counter(trial.configuration.method.name for trial in trials)
    # Without hyper-parameters there is nothing to try but the defaults.
    fixed = {
        trial.configuration.method.name
        for trial in trials
        if not trial.configuration.hyper_parameters
    }
    lacking = []
    for method, n in sorted(n_trials.items()):
        n_declared = max((s.trials for s in declared if method in s.methods), default=0)
        if n < n_declared and method not in fixed:
            lacking.append(f"{method} ({n} of {n_declared})")
    return lacking


def _methods_on(spec: Spec, everything: Sequence[Swept]) -> set[str]:
    """Return the methods that were run on a benchmark, in any track."""
    return {
        record.configuration.method.name
        for swept in everything
        if swept.spec.id == spec.id
        for record in swept.records
    }


def _shown(
    by_digest: Mapping[str, list[Run]], made: Mapping[str, Choice], rule: Selection
) -> list[tuple[list[Run], Choice | None]]:
    """Return the runs of each entry with its choice, or all its trials if nothing was chosen."""
    shown: list[tuple[list[Run], Choice | None]] = []
    undecided: dict[str, list[Run]] = {}
    for digest, runs in by_digest.items():
        family_name = family(runs[0].record.configuration)
        choice = made.get(family_name) if _trial(runs) is not None else None
        if choice is None:
            if rule == "fixed":
                shown.append((runs, None))
        elif choice.chosen is None:
            undecided.setdefault(family_name, []).extend(runs)
        elif choice.chosen.digest == digest:
            shown.append((runs, choice))
    return shown + [(runs, made[family_name]) for family_name, runs in undecided.items()]


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
    declared_seeds = {seed for s in declared if method in s.methods for seed in s.seeds}
    missing = declared_seeds - {run.record.seed for run in runs}
    if trial is not None and missing:
        others["missing"] = tuple(sorted(missing))
    return Entry(
        name=name,
        configuration=by_seed[0].record.configuration,
        score=ranking_score(here.spec, has_references=here.reference is not None),
        seeds=tuple(run.record.seed for run in done),
        scores=tuple(
            scores(run.record.evaluated, here.spec, here.reference, probes=run.record.probes)
            for run in done
        ),
        not_counted=others,
        training_seconds=tuple(run.record.cost.training_seconds for run in done if run.record.cost),
        runs=tuple(done),
        trial=trial if is_decided else None,
        n_trials=choice.n_trials if choice else 0,
        note=choice.reason if choice else "",
        is_yardstick=any(run.record.is_yardstick for run in by_seed),
    )
