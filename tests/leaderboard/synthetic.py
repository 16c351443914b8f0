"""Synthetic bundles: a few numbers in JSON, from which predictions that never were are drawn.

They take the road of real ones from the scorer's answer on; only reading and scoring is left out.
"""

import hashlib
import json

import numpy as np

from dgbench.metrics.intervals import interval_of, summarise
from dgbench.metrics.replicates import replicates
from dgbench.results.facts import Paper
from dgbench.standings.headline import Headline
from dgbench.submission.format.manifest import Manifest
from dgbench.submission.format.rejection import Code, rejected
from leaderboard.intake.near_duplicates import sketch
from leaderboard.intake.scoring import Scored
from leaderboard.records import RowFacts

DOMAINS = 4
STARTED = "2026-01-01T00:00:00.000000Z"


class Clock:
    """One second passes each time it is looked at."""

    def __init__(self, start=STARTED):
        self.now = start

    def __call__(self):
        from leaderboard.clock import later

        self.now = later(self.now, days=1 / 86_400)
        return self.now


def bundle(method="erm", **fields):
    """The bytes of a synthetic bundle."""
    return json.dumps({"method": method, **fields}, sort_keys=True).encode()


def score(data):
    """The answer of a scorer."""
    request = json.loads(data)
    if "refuse" in request:
        raise rejected(Code(request["refuse"]), "It is refused, as it asks to be.")
    identifier = hashlib.sha256(data).hexdigest()[:32]
    n_seeds, n_images = request.get("seeds", 5), request.get("images", 400)
    # A copy draws the predictions of another bundle.
    seed = request.get("like", identifier)
    generator = np.random.default_rng(int(hashlib.sha256(seed.encode()).hexdigest()[:12], 16))
    level = request.get("level", 0.5)
    right = generator.random((n_seeds, n_images)) < level + 0.02 * generator.standard_normal(
        (n_seeds, 1)
    )
    changed = request.get("changed", 0)
    right[:, :changed] ^= True
    summary = summarise(right.astype(float)) if n_seeds > 1 else None
    interval = interval_of(summary) if summary else None
    standing = "full" if n_seeds >= 5 else "provisional" if n_seeds >= 3 else "unranked"
    standing = request.get("standing", standing)
    name = request.get("headline", "hps")
    headline = Headline(
        name=name,
        estimate=float(right.mean()),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
    )
    is_hps = name == "hps"
    facts = RowFacts(
        submission_id=identifier,
        method=request["method"],
        display_name=request.get("display_name", request["method"]),
        version=request.get("version", "1.0"),
        authors=tuple(request.get("authors", ["A. Author"])),
        paper_url=request.get("paper_url"),
        paper=Paper(**request["paper"]) if "paper" in request else None,
        benchmark=request.get("benchmark", "mnist-color@1"),
        uses=tuple(sorted(request.get("uses", []))),
        paradigm=request.get("paradigm", "network"),
        selection=request.get("selection", "fixed"),
        n_seeds=n_seeds,
        standing=standing,
        headline=headline,
        hps=headline.estimate if is_hps else None,
        hps_low=headline.low if is_hps else None,
        hps_high=headline.high if is_hps else None,
        up=float(right.mean()) / 3 if is_hps else None,
        mp=float(right.mean()) / 2 if is_hps else None,
        retention=request.get("retention", 0.99) if is_hps else None,
        found={"shape": float(right.mean())} if is_hps else {},
        trusted={"shape": float(right.mean()) / 4, "color": 0.98} if is_hps else {},
        accuracy=float(right.mean()),
        worst_domain="up.color",
        worst_accuracy=float(right.mean()) / 3,
        parameters=100_000,
        training_seconds=60.5,
        energy_kwh=None,
        verification="received",
    )
    card = json.dumps({"submission_id": identifier, "hps": facts.hps}, sort_keys=True)
    return Scored(
        facts=facts,
        card=card,
        manifest=Manifest.model_construct(description=data.decode()),
        model_card=request.get("model_card", ""),
        flags=tuple(map(tuple, request.get("flags", []))),
        claims=(),
        evidence=np.packbits(right, axis=1).tobytes(),
        summary=summary,
        replicates=replicates(summary, 200) if summary else None,
        sketch=sketch(np.tile(2 * right.sum(axis=0) > n_seeds, DOMAINS)),
    )
