"""Builds the manifest of a submission from the records of its runs and its author's details."""

from dataclasses import dataclass

from pydantic import ValidationError

from data_gen.foundation.errors import DGBenchError
from dgbench.registry import InstalledMethod, installed_method
from dgbench.results.facts import Paper
from dgbench.results.record import Configuration, RunRecord
from dgbench.results.selection import Selection
from dgbench.submission.format.alignment import Aligned, predictions_digest
from dgbench.submission.format.manifest import (
    BenchmarkClaim,
    ConfigurationClaim,
    Manifest,
    MethodClaim,
    PaperClaim,
    PredictionsClaim,
    ProbeClaim,
    SeedFacts,
    SelectionClaim,
    refused_manifest,
)
from dgbench.submission.format.members import MANIFEST
from dgbench.submission.pack.conformance import recall
from dgbench.submission.pack.runs import Runs


@dataclass(frozen=True, kw_only=True)
class Details:
    """The details that the author gives, because no run records them."""

    display_name: str = ""
    """Default: the method's name."""
    authors: tuple[str, ...] = ()
    description: str = ""
    """Default: the first sentence of the method's docstring, if the method is installed."""
    paper_url: str | None = None
    code_url: str | None = None
    licence: str = ""
    selection: Selection = "fixed"
    n_trials: int = 1
    demonstration: bool = False
    model_card: str = ""


def manifest_of(runs: Runs, details: Details, predictions: Aligned) -> Manifest:
    """Build the manifest of a submission of these runs and predictions.

    Raises RejectedError if the details break the schema of the manifest.
    """
    try:
        return _manifest(runs, details, predictions)
    except ValidationError as error:
        raise refused_manifest(error, name=MANIFEST) from error


def _manifest(runs: Runs, details: Details, predictions: Aligned) -> Manifest:
    configuration = runs.configuration
    first = next(iter(runs.records.values()))
    installed = installed_method(configuration.method.name)
    if installed is not None and installed.source_digest != configuration.method.source_digest:
        installed = None
    paper = _paper(first.paper or (installed.paper if installed else None))
    # Records of earlier versions do not tell, but the same source does.
    is_yardstick = first.is_yardstick or (installed is not None and installed.is_yardstick)
    method = _method(configuration, installed).model_copy(
        update={"is_yardstick": is_yardstick, "paradigm": first.paradigm}
    )
    has_later_facts = paper or method.has_later_facts or runs.diverged or _has_probes(runs)
    return Manifest(
        schema_version=2 if has_later_facts else 1,
        benchmark=_benchmark(runs),
        method=method,
        display_name=details.display_name or configuration.method.name,
        authors=details.authors,
        description=details.description or (installed.summary if installed else ""),
        paper_url=details.paper_url,
        code_url=details.code_url,
        licence=details.licence,
        configuration=ConfigurationClaim(
            hyper_parameters=configuration.hyper_parameters,
            backbone=configuration.backbone,
            steps=configuration.steps,
            batch_size=configuration.batch_size,
            precision=configuration.precision,
        ),
        selection=SelectionClaim(rule=details.selection, n_trials=details.n_trials),
        seeds=tuple(_seed(record) for record in runs.records.values()),
        hardware=first.hardware,
        packages=first.packages,
        predictions=_predictions(predictions),
        conformance=recall(configuration.method.source_digest),
        demonstration=details.demonstration,
        paper=paper,
        diverged=runs.diverged,
    )


def _seed(record: RunRecord) -> SeedFacts:
    probes = {
        name: ProbeClaim(n=counts.n, correct=counts.correct)
        for name, counts in record.probes.items()
    }
    return SeedFacts(seed=record.seed, cost=record.cost, probes=probes)


def _has_probes(runs: Runs) -> bool:
    return any(record.probes for record in runs.records.values())


def _predictions(predictions: Aligned) -> PredictionsClaim:
    return PredictionsClaim(
        digest=predictions_digest(predictions.pred, predictions.probabilities),
        rows=predictions.pred.size,
        has_probabilities=predictions.probabilities is not None,
    )


def _paper(paper: Paper | None) -> PaperClaim | None:
    if paper is None:
        return None
    return PaperClaim(
        title=paper.title,
        authors=paper.authors,
        year=paper.year,
        url=paper.url or None,
        code=paper.code or None,
    )


def _benchmark(runs: Runs) -> BenchmarkClaim:
    configuration = runs.configuration
    first = next(iter(runs.records.values()))
    if first.train is None:
        raise DGBenchError(f"{runs.name}: the runs do not say what they were trained on.")
    return BenchmarkClaim(
        name=configuration.benchmark,
        spec_digest=configuration.spec_digest,
        sources={name: source.digest for name, source in configuration.sources.items()},
        generator_seed=configuration.generator_seed,
        train=first.train,
        domains={name: counts.data for name, counts in first.domains.items()},
    )


def _method(configuration: Configuration, installed: InstalledMethod | None) -> MethodClaim:
    method = configuration.method
    return MethodClaim.model_validate(
        {
            "name": method.name,
            "version": method.version,
            "distribution": installed.distribution if installed else None,
            "entry_point": installed.entry_point if installed else None,
            "source_digest": method.source_digest,
            "uses": tuple(sorted(method.uses)),
        }
    )
