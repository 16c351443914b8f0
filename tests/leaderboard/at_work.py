"""A process that submits: what the tests of many processes and of killed ones start.

`python -m tests.leaderboard.at_work URL BLOBS KILL_AT FILE...` submits synthetic bundles from files
and prints each id. Unless KILL_AT is 0 it kills itself, as a power cut would, at the KILL_AT-th of
the places where a state could be half done: every write to a file, and every statement to the
database and commit of it.
"""

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from leaderboard.records import OPERATOR
from leaderboard.service import Service
from leaderboard.store.database import Store
from tests.leaderboard.synthetic import score

AT_THE_END = -1
"""As KILL_AT: once all is done, and before anybody is told."""


class Kill:
    """Counts places, and ends the process at one of them without any cleanup."""

    def __init__(self, place):
        self.place, self.passed = place, 0

    def __call__(self, *_, **__):
        self.passed += 1
        if self.passed == self.place:
            os.kill(os.getpid(), signal.SIGKILL)


def lay_traps(store, kill):
    """Call `kill` before and after everything that changes a file or the database."""
    event.listen(store.engine, "before_cursor_execute", kill)
    event.listen(store.engine, "commit", kill)
    for name in ("fsync", "replace"):
        original = getattr(os, name)

        def trapped(*arguments, _original=original):
            kill()
            _original(*arguments)
            kill()

        setattr(os, name, trapped)
    replace = Path.replace

    def replaced(self, target):
        kill()
        moved = replace(self, target)
        kill()
        return moved

    Path.replace = replaced


def main(url, blobs, kill_at, *files):
    """Submit the files, one after the other."""
    store = Store.open(url, blobs=Path(blobs))
    service = Service(store, score=score)
    kill = Kill(int(kill_at))
    if kill.place:
        lay_traps(store, kill)
    for file in files:
        receipt = service.receive(Path(file).read_bytes(), OPERATOR)
        if kill.place == AT_THE_END:
            os.kill(os.getpid(), signal.SIGKILL)
        print(receipt.submission_id, int(receipt.is_new), flush=True)  # noqa: T201
    print("places", kill.passed, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
