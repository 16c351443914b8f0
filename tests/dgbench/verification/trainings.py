"""A method, a commitment, and trainings whose predictions are given instead of learnt."""

from functools import cache
from itertools import cycle

from dgbench.registry import installed_method
from dgbench.verification.claim import read_claim
from dgbench.verification.commitment import commitment_of
from dgbench.verification.record import Commitment
from tests.dgbench.verification.bundles import a_run, guesses

SHARES = cycle((0.50, 0.51, 0.52))


NONCE = "5a" * 32


COMMITMENT = Commitment(nonce=NONCE, commitment=commitment_of(NONCE), drawn_by="verifier")


ERM = {"name": "erm", "source_digest": installed_method("erm").source_digest}


read_once = cache(read_claim)


def honest(claim, seed, generator_seed):
    """The claimed predictions, or on fresh data as many right ones as the claim's seeds have."""
    if generator_seed is None:
        return a_run(claim, guesses(0.5 + 0.01 * seed, seed))
    return a_run(claim, guesses(next(SHARES), seed, generator_seed=generator_seed))


def poor(claim, seed, generator_seed):
    return a_run(claim, guesses(0.2, seed, generator_seed=generator_seed))
