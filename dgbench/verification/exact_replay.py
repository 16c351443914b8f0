"""Replay: one declared seed, trained again on the official data, must predict the same."""

import numpy as np
from jaxtyping import UInt8

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.results.record import RunRecord
from dgbench.verification.claim import Claim
from dgbench.verification.fresh_answers import scores_of
from dgbench.verification.record import Environment, Replay, Verdict
from dgbench.verification.retrain import Retrained

NEEDED = 0.999
"""Agreement from which predictions count as the same."""


def check_seed(claim: Claim, seed: int) -> None:
    """Raise UsageError for a seed that was not declared."""
    if seed not in claim.bundle.seeds:
        declared = ", ".join(map(str, claim.bundle.seeds))
        raise UsageError(f"The submission has no seed {seed}. It declares {declared}.")


def replay_of(claim: Claim, again: Retrained, seed: int) -> Replay:
    """Compare the predictions of one seed.

    Raises DGBenchError if this machine made other data than those that were claimed.
    """
    _check_data(claim, again.record)
    answers = claim.bundle.answers
    pred = claim.bundle.pred[claim.bundle.seeds.index(seed)]
    is_same = pred == again.pred
    return Replay(
        seed=seed,
        claimed_digest=_digest(pred),
        reproduced_digest=_digest(again.pred),
        agreement={name: float(is_same[answers.within(name)].mean()) for name in answers.domains},
        total_agreement=float(is_same.mean()),
        needed=NEEDED,
        differing=differences(claim.environment, again.environment),
        claimed=scores_of(pred, answers),
        reproduced=scores_of(again.pred, answers),
    )


def verdict_of(replay: Replay) -> Verdict:
    """Judge the claim. A difference is inconclusive if the machines differ as well."""
    if replay.total_agreement >= replay.needed:
        return "passed"
    return "inconclusive" if replay.differing else "failed"


def summary_of(replay: Replay) -> str:
    """Say the verdict in one line."""
    if replay.claimed_digest == replay.reproduced_digest:
        return f"Seed {replay.seed} trained again predicts the very same, image by image."
    name, worst = min(replay.agreement.items(), key=lambda item: item[1])
    finding = (
        f"Seed {replay.seed} trained again predicts the same on {replay.total_agreement:.2%} of "
        f"the images (least on {name}: {worst:.2%}; needed: {replay.needed:.1%}); score "
        f"{replay.claimed.headline:.4f} claimed, {replay.reproduced.headline:.4f} reproduced."
    )
    if verdict_of(replay) != "inconclusive":
        return finding
    return (
        f"{finding} Another machine or version can differ so much without fault "
        f"({'; '.join(replay.differing)}): replay it on the same ones, or use --level fresh-seed."
    )


def differences(claimed: Environment, here: Environment) -> tuple[str, ...]:
    """Name what differs between two machines, among the facts that can move a prediction."""
    facts = {
        name: (getattr(claimed, name), getattr(here, name))
        for name in ("accelerator", "device", "n_devices", "cpu_threads")
    }
    for name in sorted({*claimed.packages, *here.packages}):
        facts[name] = claimed.packages.get(name, "none"), here.packages.get(name, "none")
    return tuple(
        f"{name} {there}, here {now}"[:200] for name, (there, now) in facts.items() if there != now
    )


def _check_data(claim: Claim, record: RunRecord) -> None:
    benchmark = claim.bundle.manifest.benchmark
    claimed = {"train": benchmark.train, **benchmark.domains}
    made = {
        "train": record.train,
        **{name: counts.data for name, counts in record.domains.items()},
    }
    for name, split in claimed.items():
        here = made.get(name)
        if here != split:
            digests = f"{here.pixels} and {here.labels}" if here else "none"
            raise DGBenchError(
                f"The data differ in {name!r}: SHA-256 of pixels and labels here {digests}, in the "
                f"submission {split.pixels} and {split.labels}. Install the dgbench that it names: "
                f"{claim.bundle.manifest.packages.get('dgbench', 'unknown')}."
            )


def _digest(pred: UInt8[np.ndarray, " n"]) -> str:
    return digest_of(np.ascontiguousarray(pred, np.uint8).data)
