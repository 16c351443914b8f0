"""The claim of a submission, read as the leaderboard reads it, and the code to try it here."""

from dataclasses import dataclass
from pathlib import Path

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError
from data_gen.sources import load_sources
from dgbench.registry import installed_method, is_path
from dgbench.source_digest import source_digest
from dgbench.submission.format.bundle import Bundle, read_bundle
from dgbench.submission.isolated.scorer import score_in_child
from dgbench.submission.scoring.card import ScoreCard
from dgbench.verification.record import Environment, Scores, Verified


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A submission that was accepted, and its scores."""

    bundle: Bundle
    card: ScoreCard
    bundle_digest: str
    image_variance: float
    """Variance of the headline score over test images."""

    @property
    def scores(self) -> Scores:
        """Means over its seeds."""
        card = self.card
        return Scores(
            headline=_headline_of(card),
            retention=card.retention,
            accuracy=card.accuracy,
        )

    @property
    def verified(self) -> Verified:
        """The claim as a verification record names it."""
        manifest = self.bundle.manifest
        return Verified(
            submission_id=self.bundle.id,
            bundle_digest=self.bundle_digest,
            benchmark=manifest.benchmark.name,
            spec_digest=manifest.benchmark.spec_digest,
            method=manifest.method.name,
            method_version=manifest.method.version,
            source_digest=manifest.method.source_digest,
            configuration=manifest.configuration.model_dump(mode="json"),
        )

    @property
    def environment(self) -> Environment:
        """The machine and versions that it was trained with, as it says."""
        hardware = self.bundle.manifest.hardware
        return Environment(
            accelerator=hardware.accelerator,
            device=hardware.device,
            n_devices=hardware.n_devices,
            cpu_threads=hardware.cpu_threads,
            packages=self.bundle.manifest.packages,
        )


def read_claim(data: bytes) -> Claim:
    """Read the claim in a bundle.

    Raises RejectedError if the leaderboard would refuse the bundle, and DGBenchError if nothing
    ranks it.
    """
    # A process with limits reads it first. If it does no harm there, it does none here.
    scored = score_in_child(data)
    summary = scored.evidence.summary
    _headline_of(scored.card)
    return Claim(
        bundle=read_bundle(data),
        card=scored.card,
        bundle_digest=digest_of(data),
        image_variance=0.0 if summary is None else summary.image_variance,
    )


@dataclass(frozen=True, kw_only=True)
class Code:
    """The method as it is trained again."""

    name: str
    """An installed one, or `path.py:Class`."""
    content: bytes | None
    """The content of a method's file, as it was when its digest was compared."""


def find_code(claim: Claim, method: str | None = None) -> Code:
    """Find the method that was claimed, installed or as `path.py:Class`.

    Raises DGBenchError if its source differs.
    """
    claimed = claim.bundle.manifest.method
    if method is not None and is_path(method):
        file = Path(method.rpartition(":")[0])
        content = _content(file)
        _compare(f"The file of {method!r}", source_digest(file), claimed.source_digest)
        return Code(name=method, content=content)
    name = method or claimed.name
    installed = installed_method(name)
    if installed is None:
        package = (
            f"{claimed.distribution} {claimed.version}" if claimed.distribution else "its file"
        )
        raise DGBenchError(
            f"The method {name!r} is not installed here. Install {package}, or give its file with "
            "--method path.py:Class."
        )
    _compare(
        f"{installed.distribution}'s method {name!r}",
        installed.source_digest,
        claimed.source_digest,
        hint=f"Install {claimed.distribution or 'the package'} {claimed.version}".rstrip()
        + ", or ",
    )
    return Code(name=name, content=None)


def check_sources(claim: Claim, sources: tuple[str, ...]) -> None:
    """Raise DGBenchError if the glyphs on this machine are not those that were claimed."""
    spec = claim.bundle.answers.spec
    for name, source in load_sources(spec.sources, given=sources).items():
        claimed = claim.bundle.manifest.benchmark.sources[name]
        if source.digest != claimed:
            raise DGBenchError(
                f"The source {name!r} here has SHA-256 {source.digest}, the submission was made "
                f"with {claimed}. Give the published files with --source."
            )


def _headline_of(card: ScoreCard) -> float:
    if card.headline.estimate is None:
        raise DGBenchError(
            f"Nothing ranks a submission to {card.benchmark}, so there is no claim to verify. Run "
            "the method on the newest version of this benchmark."
        )
    return card.headline.estimate


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DGBenchError(f"Cannot read {str(path)!r}: {error.strerror}.") from error


def _compare(what: str, here: str, claimed: str, *, hint: str = "") -> None:
    if here != claimed:
        raise DGBenchError(
            f"{what} has SHA-256 {here}, the submission was made with {claimed}. {hint}"
            f"{'g' if hint else 'G'}ive the very file with --method path.py:Class."
        )
