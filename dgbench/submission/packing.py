"""From run folders to a bundle: the runs of one configuration, one a seed."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8, UInt16

from data_gen.errors import DGBenchError, UsageError
from dgbench.registry import InstalledMethod, installed_method
from dgbench.results.folder import PREDICTIONS as RUN_PREDICTIONS
from dgbench.results.folder import find_runs, read_record, write_bytes
from dgbench.results.predictions import Predictions, read_predictions
from dgbench.results.record import Configuration, RunRecord, Selection
from dgbench.submission.alignment import UNIT, Aligned, aligned, predictions_digest, table_of
from dgbench.submission.answers import Answers, answers_of
from dgbench.submission.archive import MANIFEST, MODEL_CARD, PREDICTIONS, write_archive
from dgbench.submission.bundle import Bundle, read_bundle
from dgbench.submission.conformance import recall
from dgbench.submission.manifest import (
    BenchmarkClaim,
    ConfigurationClaim,
    Conformance,
    Manifest,
    MethodClaim,
    PredictionsClaim,
    SeedFacts,
    SelectionClaim,
    canonical_json,
    read_manifest,
)
from dgbench.submission.rejection import Code, rejected
from dgbench.submission.table import Table, write_table


@dataclass(frozen=True, kw_only=True)
class Details:
    """What no run can tell: what its author says about the submission."""

    display_name: str = ""
    """Default: the method's name."""
    authors: tuple[str, ...] = ()
    description: str = ""
    """Default: the first sentence of the method's docstring, where the method is installed."""
    paper_url: str | None = None
    code_url: str | None = None
    licence: str = ""
    selection: Selection = "fixed"
    n_trials: int = 1
    demonstration: bool = False
    model_card: str = ""


class Packed(NamedTuple):
    """A bundle that was written."""

    path: Path
    bundle: Bundle
    """As a reader sees it."""
    warnings: tuple[str, ...]


class Runs(NamedTuple):
    """The finished runs of one configuration."""

    configuration: Configuration
    folders: dict[int, Path]
    """By seed, ascending."""
    records: dict[int, RunRecord]
    unfinished: tuple[int, ...]
    """Seeds that were begun and are not done."""

    @property
    def name(self) -> str:
        """How messages and files name them."""
        of = self.configuration
        return f"{of.benchmark}.{of.method.name}.{of.digest[:12]}"


def pack(
    run_folders: Iterable[Path],
    output: Path,
    *,
    details: Details | None = None,
    with_probabilities: bool = True,
) -> Packed:
    """Bundle the runs of one configuration into a file.

    RejectedError where the leaderboard would refuse the bundle; it is then not written.
    UsageError where the folders hold none, or several configurations.
    """
    found = configurations(run_folders)
    if len(found) > 1:
        names = "; ".join(
            f"{runs.configuration.method.name} in {_where(runs)}" for runs in found[:4]
        )
        more = f" and {len(found) - 4} more" if len(found) > 4 else ""
        raise UsageError(
            f"There are runs of {len(found)} configurations: {names}{more}. A bundle holds one: "
            "name its folder, or write one bundle each with --each -o FOLDER."
        )
    return pack_runs(
        found[0], output, details=details or Details(), with_probabilities=with_probabilities
    )


def configurations(places: Iterable[Path]) -> list[Runs]:
    """The runs at or below some folders by configuration; oracles, which are no entries, left out.

    UsageError where there is none that is done.
    """
    places = list(places)
    grouped: dict[str, list[tuple[Path, RunRecord]]] = {}
    for folder in sorted({run for place in places for run in find_runs(place)}):
        record = read_record(folder)
        if record.configuration.train_domain == "train":
            grouped.setdefault(record.configuration.digest, []).append((folder, record))
    found = [_runs(group) for group in grouped.values()]
    if not any(runs.records for runs in found):
        where = ", ".join(repr(str(place)) for place in places)
        raise UsageError(
            f"There is no finished run at or below {where}. `dgbench train` makes some."
        )
    return [runs for runs in found if runs.records]


def pack_runs(
    runs: Runs, output: Path, *, details: Details, with_probabilities: bool = True
) -> Packed:
    """Bundle the runs of one configuration; see `pack`."""
    answers = _official(runs.configuration)
    seeds = list(runs.records)
    each = [_predictions(runs.folders[seed], runs.records[seed], answers) for seed in seeds]
    pred = np.concatenate([one.pred for one in each])
    parts = [one.probabilities for one in each]
    probabilities = None
    if with_probabilities and not any(part is None for part in parts):
        probabilities = np.concatenate([part for part in parts if part is not None], axis=1)
    manifest = _manifest(runs, details, pred, probabilities)
    document = canonical_json(manifest.model_dump(mode="json"))
    members = {
        MANIFEST: document,
        PREDICTIONS: write_table(table_of(pred, probabilities, seeds, answers)),
    }
    read_manifest(document, name=MANIFEST)
    if details.model_card:
        members[MODEL_CARD] = details.model_card.encode()
    data = write_archive(members)
    bundle = read_bundle(data)
    write_bytes(output, data)
    return Packed(output, bundle, tuple(_warnings(runs, manifest)))


def _runs(group: Sequence[tuple[Path, RunRecord]]) -> Runs:
    done = {record.seed: (folder, record) for folder, record in group if record.status == "done"}
    return Runs(
        configuration=group[0][1].configuration,
        folders={seed: done[seed][0] for seed in sorted(done)},
        records={seed: done[seed][1] for seed in sorted(done)},
        unfinished=tuple(sorted({record.seed for _, record in group} - set(done))),
    )


def _where(runs: Runs) -> str:
    return repr(str(next(iter(runs.folders.values())).parent))


def _official(configuration: Configuration) -> Answers:
    answers = answers_of(configuration.benchmark)
    if answers is None:
        raise rejected(
            Code.BENCHMARK, f"{configuration.benchmark!r} is not a benchmark that can be ranked."
        )
    if configuration.multiply != 1:
        raise rejected(Code.DATASET_DIGEST, "The training glyphs were drawn several times.")
    return answers


def _predictions(folder: Path, record: RunRecord, answers: Answers) -> Aligned:
    """The predictions of one run, as the bundle holds them."""
    path = folder / RUN_PREDICTIONS
    if not path.is_file():
        raise DGBenchError(
            f"{str(folder)!r} has no {RUN_PREDICTIONS}: it holds counts only, and a submission is "
            "its predictions. `dgbench evaluate` makes them, where the weights are kept."
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != record.predictions_digest:
        raise DGBenchError(
            f"{str(path)!r} is not what the run wrote. `dgbench evaluate` makes it again."
        )
    return aligned(_table(list(read_predictions(path)), record.seed), [record.seed], answers)


def _table(found: Sequence[Predictions], seed: int) -> Table:
    sizes = [len(one.pred) for one in found]
    given = [one.probabilities for one in found if one.probabilities is not None]
    probabilities: UInt16[np.ndarray, "k r"] | None = None
    if len(given) == len(found):
        units = np.concatenate(given).T.astype(np.float64) * UNIT
        probabilities = np.ascontiguousarray(np.rint(units).astype(np.uint16))
    return Table(
        seed=np.full(sum(sizes), seed, np.uint16),
        domain=np.repeat(np.arange(len(found)), sizes),
        domains=tuple(one.domain for one in found),
        image_id=np.concatenate([one.image_id for one in found]).astype(np.uint32),
        pred=np.concatenate([one.pred for one in found]).astype(np.uint8),
        probabilities=probabilities,
    )


def _manifest(
    runs: Runs,
    details: Details,
    pred: UInt8[np.ndarray, "s n"],
    probabilities: UInt16[np.ndarray, "k s n"] | None,
) -> Manifest:
    of = runs.configuration
    first = next(iter(runs.records.values()))
    if first.train is None:
        raise DGBenchError(f"{runs.name}: the runs do not say what they were trained on.")
    installed = installed_method(of.method.name)
    if installed is not None and installed.source_digest != of.method.source_digest:
        installed = None
    return Manifest(
        benchmark=BenchmarkClaim(
            name=of.benchmark,
            spec_digest=of.spec_digest,
            sources={name: source.digest for name, source in of.sources.items()},
            generator_seed=of.generator_seed,
            train=first.train,
            domains={name: counts.data for name, counts in first.domains.items()},
        ),
        method=_method(of, installed),
        display_name=details.display_name or of.method.name,
        authors=details.authors,
        description=details.description or (installed.summary if installed else ""),
        paper_url=details.paper_url,
        code_url=details.code_url,
        licence=details.licence,
        configuration=ConfigurationClaim(
            hyper_parameters=of.hyper_parameters,
            backbone=of.backbone,
            steps=of.steps,
            batch_size=of.batch_size,
            precision=of.precision,
        ),
        selection=SelectionClaim(rule=details.selection, n_trials=details.n_trials),
        seeds=tuple(SeedFacts(seed=seed, cost=one.cost) for seed, one in runs.records.items()),
        hardware=first.hardware,
        packages=first.packages,
        predictions=PredictionsClaim(
            digest=predictions_digest(pred, probabilities),
            rows=pred.size,
            has_probabilities=probabilities is not None,
        ),
        conformance=recall(of.method.source_digest),
        demonstration=details.demonstration,
    )


def _method(of: Configuration, installed: InstalledMethod | None) -> MethodClaim:
    return MethodClaim.model_validate(
        {
            "name": of.method.name,
            "version": of.method.version,
            "distribution": installed.distribution if installed else None,
            "entry_point": installed.entry_point if installed else None,
            "source_digest": of.method.source_digest,
            "uses": tuple(sorted(of.method.uses)),
        }
    )


def _warnings(runs: Runs, manifest: Manifest) -> Iterable[str]:
    if runs.unfinished:
        yield f"Left out, not done: seed(s) {', '.join(map(str, runs.unfinished))}."
    if len(manifest.seeds) < 3 and not manifest.demonstration:
        yield f"{len(manifest.seeds)} seed(s): below 3 it is listed, not ranked."
    elif len(manifest.seeds) < 5 and not manifest.demonstration:
        yield f"{len(manifest.seeds)} seeds: a full entry has 5."
    name = manifest.method.name
    if manifest.conformance != Conformance(status="passed", version=manifest.conformance.version):
        yield (
            f"`dgbench check-method {name}` was not green on the source that was trained. Run it "
            "and bundle again, or the entry is marked."
        )
    trials = {record.trial for record in runs.records.values()} - {None, 0}
    if trials and manifest.selection.rule == "fixed":
        yield "The runs are trials of a sweep: say how they were selected, with --selection."


def file_name(runs: Runs) -> str:
    """A name for the bundle of a configuration, among others."""
    return f"{runs.name}.dgsub"


def summary_line(bundle: Bundle) -> Mapping[str, object]:
    """What a bundle is, for a script."""
    manifest = bundle.manifest
    return {
        "submission_id": bundle.id,
        "benchmark": manifest.benchmark.name,
        "method": manifest.method.name,
        "seeds": list(bundle.seeds),
        "predictions": manifest.predictions.rows,
    }
