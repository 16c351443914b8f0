"""Seeds that follow from a nonce: the same for everybody, and not to be foreseen."""

import hashlib

import pytest

from data_gen.foundation.errors import UsageError
from dgbench.verification.commitment import commitment_of, fresh_pairs, new_nonce, pick

GOLDEN = [(31374670, 2120492681), (884970472, 1933372394)]


def test_the_pairs_follow_from_nonce_and_submission():
    nonce = new_nonce()
    pairs = fresh_pairs(nonce, "SUB", 5, not_seed=0)
    assert pairs == fresh_pairs(nonce, "SUB", 5, not_seed=0)
    assert pairs[:3] == fresh_pairs(nonce, "SUB", 3, not_seed=0)
    assert not set(pairs) & set(fresh_pairs(nonce, "OTHER", 5, not_seed=0))
    assert not set(pairs) & set(fresh_pairs(new_nonce(), "SUB", 5, not_seed=0))
    assert len({pair.generator_seed for pair in pairs}) == 5
    assert all(0 <= number < 2**31 for pair in pairs for number in pair)


def test_the_pairs_never_change():
    """Records of old verifications must stay checkable."""
    pairs = fresh_pairs("00" * 32, "SUB", 2, not_seed=0)
    assert [tuple(pair) for pair in pairs] == GOLDEN


def test_the_official_generator_seed_is_left_out():
    nonce = new_nonce()
    first, second = fresh_pairs(nonce, "SUB", 2, not_seed=0)
    assert fresh_pairs(nonce, "SUB", 1, not_seed=first.generator_seed) == (second,)


def test_the_commitment_is_the_digest_of_the_nonce():
    nonce = new_nonce()
    assert commitment_of(nonce) == hashlib.sha256(bytes.fromhex(nonce)).hexdigest()


def test_every_seed_may_be_picked():
    picked = {pick(new_nonce(), "SUB", (7, 3, 5)) for _ in range(200)}
    assert picked == {3, 5, 7}


@pytest.mark.parametrize("nonce", ["", "00", "zz" * 32, "AA" * 32, " " + "0" * 63])
def test_a_malformed_nonce_is_refused(nonce):
    with pytest.raises(UsageError, match="is not 64 hexadecimal digits"):
        commitment_of(nonce)
