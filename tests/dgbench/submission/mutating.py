"""Bundles that were valid until something in them was changed at random.

    python -m tests.dgbench.submission.mutating [--seconds S] [--seed N]

Runs mutants until the time is over. Each must be refused with a code, or be accepted with just the
score that its predictions have; anything else (another exception, five seconds or more) is printed
with the seed that makes it again, and the exit code is 1.
"""

import argparse
import collections
import random
import sys
import time

from tests.dgbench.submission.making import good_members
from tests.dgbench.submission.rewriting import counted, rewritten
from tests.dgbench.submission.spoiling import zipped

SLOW_SECONDS = 5.0
REWRITTEN_EVERY = 50
"""Of so many mutants one has rewritten rows instead of changed bytes."""
_WORDS = (
    b"\x00", b"\xff", b"\xff\xff\xff\x7f", b"PK\x03\x04", b"PAR1", b'"', b"[", b"NaN", b"1e999",
    b"\\ud800", b"null", b"-1", b"99999999999999999999", b"../", b"\x80\x80\x80\x80\x01",
)  # fmt: skip


def mutant(number):
    """The mutant with this number: the same bytes every time."""
    chance = random.Random(number)
    if number % REWRITTEN_EVERY == 0:
        return rewritten(chance)
    with_probabilities = chance.random() < 0.2
    if chance.random() < 0.3:
        return _changed(zipped(good_members(with_probabilities=with_probabilities).items()), chance)
    members = good_members(with_probabilities=with_probabilities)
    chosen = chance.choice(list(members))
    for name in members:
        if name == chosen or chance.random() < 0.2:
            members[name] = _changed(members[name], chance)
    return zipped(members.items())


def _changed(data, chance):
    """Some bytes with one to four places changed."""
    mutant = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(mutant) + 1)
        # The ends hold what matters most: headers, directories, footers.
        if chance.random() < 0.4:
            place = max(0, len(mutant) - chance.randrange(1, 400))
        chance.choice(_CHANGES)(mutant, place, chance)
        if not mutant:
            break
    return bytes(mutant)


def _overwrite(mutant, place, chance):
    length = chance.choice(_LENGTHS)
    mutant[place : place + length] = chance.randbytes(length)


def _cut(mutant, place, chance):
    del mutant[place : place + chance.choice(_LENGTHS)]


def _double(mutant, place, chance):
    mutant[place:place] = mutant[place : place + chance.choice(_LENGTHS)]


def _write_word(mutant, place, chance):
    word = chance.choice(_WORDS)
    mutant[place : place + len(word)] = word


def _flip(mutant, place, chance):
    if place < len(mutant):
        mutant[place] ^= 1 << chance.randrange(8)


_LENGTHS = (1, 1, 2, 4, 16, 300)
_CHANGES = (_overwrite, _cut, _double, _write_word, _flip)


def outcome(data):
    """Return the code that refuses a bundle, or `accepted`. A wrong score fails."""
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.format.rejection import RejectedError
    from dgbench.submission.scoring.score import score

    try:
        bundle = read_bundle(data)
    except RejectedError as error:
        return error.rejection.code.value
    card = score(bundle)
    assert {name: list(by_seed) for name, by_seed in card.correct.items()} == counted(data)
    assert bundle.manifest.predictions.digest == card.predictions_digest
    return "accepted"


def main():
    """Run mutants and count their outcomes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0, help="number of the first mutant")
    asked = parser.parse_args()
    counts, bad, slowest = collections.Counter(), 0, 0.0
    number, end = asked.seed, time.monotonic() + asked.seconds
    while time.monotonic() < end:
        data = mutant(number)
        started = time.process_time()
        try:
            counts[outcome(data)] += 1
        except Exception as error:  # what is looked for
            bad += 1
            sys.stdout.write(f"mutant {number}: {type(error).__name__}: {str(error)[:200]}\n")
        seconds = time.process_time() - started
        slowest = max(slowest, seconds)
        if seconds > SLOW_SECONDS:
            bad += 1
            sys.stdout.write(f"mutant {number}: {seconds:.1f} s\n")
        number += 1
    for code, n in counts.most_common():
        sys.stdout.write(f"{n:8,} {code}\n")
    sys.stdout.write(f"{number - asked.seed:8,} mutants, {bad} bad, slowest {slowest:.2f} s\n")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
