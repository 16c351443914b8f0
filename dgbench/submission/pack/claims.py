"""The manifest of a submission: what its runs recorded, and what its author says."""

from dataclasses import dataclass

from pydantic import ValidationError

from data_gen.foundation.errors import DGBenchError
from dgbench.registry import InstalledMethod, installed_method
from dgbench.results.record import Configuration
from dgbench.results.selection import Selection
from dgbench.submission.format.alignment import Aligned, predictions_digest
from dgbench.submission.format.manifest import (
    BenchmarkClaim,
    ConfigurationClaim,
    Manifest,
    MethodClaim,
    PredictionsClaim,
    SeedFacts,
    SelectionClaim,
    refused_manifest,
)
from dgbench.submission.format.members import MANIFEST
from dgbench.submission.pack.conformance import recall
from dgbench.submission.pack.runs import Runs


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


def manifest_of(runs: Runs, details: Details, found: Aligned) -> Manifest:
    """What a submission of these runs and predictions declares; RejectedError where it may not."""
    try:
        return _manifest(runs, details, found)
    except ValidationError as error:
        raise refused_manifest(error, name=MANIFEST) from error


def _manifest(runs: Runs, details: Details, found: Aligned) -> Manifest:
    of = runs.configuration
    first = next(iter(runs.records.values()))
    installed = installed_method(of.method.name)
    if installed is not None and installed.source_digest != of.method.source_digest:
        installed = None
    return Manifest(
        benchmark=_benchmark(runs),
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
            digest=predictions_digest(found.pred, found.probabilities),
            rows=found.pred.size,
            has_probabilities=found.probabilities is not None,
        ),
        conformance=recall(of.method.source_digest),
        demonstration=details.demonstration,
    )


def _benchmark(runs: Runs) -> BenchmarkClaim:
    of = runs.configuration
    first = next(iter(runs.records.values()))
    if first.train is None:
        raise DGBenchError(f"{runs.name}: the runs do not say what they were trained on.")
    return BenchmarkClaim(
        name=of.benchmark,
        spec_digest=of.spec_digest,
        sources={name: source.digest for name, source in of.sources.items()},
        generator_seed=of.generator_seed,
        train=first.train,
        domains={name: counts.data for name, counts in first.domains.items()},
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
