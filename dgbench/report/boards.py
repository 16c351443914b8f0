"""From run folders to boards: what was run on one benchmark, one entry a configuration."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import mean
from typing import Any

from data_gen.errors import DGBenchError, UsageError
from data_gen.spec import Spec
from data_gen.spec_files import find_spec, read_spec
from dgbench.metrics.scores import Scores, scores
from dgbench.references import Reference, reference_of
from dgbench.results.folder import find_runs, is_at_work, read_record
from dgbench.results.record import Configuration, RunRecord, Selection

COUNTED = "done"
"""The status of runs that count."""


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

    def mean(self, score: str) -> float | None:
        """The mean of a score over seeds; None where one of them has none."""
        values = [getattr(found, score) for found in self.scores]
        return mean(values) if values and None not in values else None


@dataclass(frozen=True, kw_only=True)
class Board:
    """Entries that may be compared: one benchmark and data, one rule of selection, one track."""

    spec: Spec
    reference: Reference | None
    official: bool
    selection: Selection
    uses: tuple[str, ...]
    entries: tuple[Entry, ...]
    """The best first: by HPS, or by the worst environment where there are environments."""

    @cached_property
    def title(self) -> str:
        """What tells it from other boards."""
        uses = f"uses {', '.join(self.uses)}" if self.uses else "uses nothing extra"
        data = "" if self.official else ", unofficial data"
        return f"{self.spec.id}{data}; selection {self.selection}; {uses}"


def read_boards(places: Sequence[Path], *, own: Sequence[Path] = ()) -> list[Board]:
    """The boards of all runs at or below some folders; `own` are spec files of one's own.

    Raises UsageError where there is no run, DGBenchError where a record is damaged or of a spec
    that is not here.
    """
    found = {run for place in places for run in find_runs(place)}
    records = _once_each(read_record(run) for run in sorted(found))
    if not records:
        where = ", ".join(repr(str(place)) for place in places)
        raise UsageError(f"There is no run at or below {where}. `dgbench train` makes some.")
    files = {spec.digest: path for path in own for spec in [read_spec(path)]}
    groups: dict[tuple[Any, ...], list[RunRecord]] = {}
    for record in records:
        groups.setdefault(_comparable(record), []).append(record)
    return [_board(groups[key], files) for key in sorted(groups)]


def _once_each(records: Iterable[RunRecord]) -> list[RunRecord]:
    """No run twice where several folders hold it, and no oracle: those make reference values."""
    runs: dict[tuple[str, int], RunRecord] = {}
    for record in records:
        key = (record.configuration.digest, record.seed)
        if record.configuration.train_domain == "train" and (
            key not in runs or runs[key].status != COUNTED
        ):
            runs[key] = record
    return list(runs.values())


def _comparable(record: RunRecord) -> tuple[Any, ...]:
    of = record.configuration
    sources = tuple(sorted((name, source.digest) for name, source in of.sources.items()))
    data = (of.benchmark, of.spec_digest, not of.official, sources, of.generator_seed, of.multiply)
    return (*data, len(of.method.uses), of.method.uses)


def _board(records: Sequence[RunRecord], files: Mapping[str, Path]) -> Board:
    first = records[0].configuration
    path = files.get(first.spec_digest)
    spec = read_spec(path) if path else _installed_spec(first)
    digests = {name: source.digest for name, source in first.sources.items()}
    reference = reference_of(spec, digests, beside=path)
    by_configuration: dict[str, list[RunRecord]] = {}
    for record in records:
        by_configuration.setdefault(record.configuration.digest, []).append(record)
    names = _names([runs[0].configuration for runs in by_configuration.values()], spec, reference)
    entries = [
        _entry(runs, name, spec, reference)
        for runs, name in zip(by_configuration.values(), names, strict=True)
    ]
    return Board(
        spec=spec,
        reference=reference,
        official=first.official,
        selection="fixed",
        uses=first.method.uses,
        entries=tuple(sorted(entries, key=_order)),
    )


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


def _entry(runs: Sequence[RunRecord], name: str, spec: Spec, reference: Reference | None) -> Entry:
    by_seed = sorted(runs, key=lambda record: record.seed)
    done = [record for record in by_seed if record.status == COUNTED]
    others: dict[str, tuple[int, ...]] = {}
    for record in by_seed:
        if record.status != COUNTED:
            word = record.status
            became = "killed" if word == "running" and not is_at_work(record) else word
            others[became] = (*others.get(became, ()), record.seed)
    return Entry(
        name=name,
        configuration=runs[0].configuration,
        seeds=tuple(record.seed for record in done),
        scores=tuple(scores(record.domains, spec, reference) for record in done),
        not_counted=others,
        training_seconds=tuple(record.cost.training_seconds for record in done if record.cost),
    )


def _order(entry: Entry) -> tuple[float, str]:
    for score in ("hps", "worst_environment"):
        value = entry.mean(score)
        if value is not None:
            return -value, entry.name
    return float("inf"), entry.name


def _names(
    configurations: Sequence[Configuration], spec: Spec, reference: Reference | None
) -> list[str]:
    """Each method's name, and in brackets what is unusual in its configuration."""
    expected: dict[str, Any] = {"steps": spec.budget.steps, "batch_size": spec.budget.batch_size}
    if reference is not None:
        expected["backbone"] = reference.backbone
    names = []
    for mine in configurations:
        siblings = [_facts(of) for of in configurations if of.method.name == mine.method.name]
        usual = _usual(siblings) | expected
        details = [
            f"{key}={_short(value)}"
            for key, value in _facts(mine).items()
            if key not in usual or usual[key] != value
        ]
        name = mine.method.name
        names.append(f"{name} ({', '.join(details)})" if details else name)
    return names


def _usual(configurations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The facts that more than half of some configurations share."""
    found = {}
    for key in {key: None for of in configurations for key in of}:
        values = [of.get(key) for of in configurations]
        common = max(values, key=values.count)
        if 2 * values.count(common) > len(values):
            found[key] = common
    return found


def _facts(of: Configuration) -> dict[str, Any]:
    """What can tell two configurations of one method on one board apart."""
    return {
        **of.hyper_parameters,
        "backbone": of.backbone,
        "steps": of.steps,
        "batch_size": of.batch_size,
        "precision": of.precision,
        "version": of.method.version,
        "source": of.method.source_digest[:6],
    }


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
