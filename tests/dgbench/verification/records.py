"""A record to sign and to change."""

from dgbench.verification.record import (
    Commitment,
    Environment,
    Measure,
    Replay,
    Scores,
    VerificationRecord,
    Verified,
)

A, B = "a" * 64, "b" * 64


def a_record(**changes):
    fields = {
        "level": "replay",
        "verdict": "passed",
        "summary": "All predictions are the same.",
        "at": "2026-01-02T03:04:05Z",
        "seconds": 12.5,
        "verified": Verified(
            submission_id="SUB",
            bundle_digest=A,
            benchmark="mnist-color@1",
            spec_digest=A,
            method="erm",
            method_version="0.1.0",
            source_digest=B,
        ),
        "commitment": Commitment(nonce=A, commitment=B, drawn_by="verifier"),
        "replay": Replay(
            seed=0,
            claimed_digest=A,
            reproduced_digest=A,
            agreement={"id": 1.0},
            total_agreement=1.0,
            needed=0.999,
            differing=(),
            claimed=Scores(headline=0.1),
            reproduced=Scores(headline=0.1),
        ),
        "environment": Environment(accelerator="cpu", device="x", cpu_threads=1, packages={}),
        "measures": (Measure(name="network", enforced=True, how="none"),),
    }
    return VerificationRecord(**{**fields, **changes})
