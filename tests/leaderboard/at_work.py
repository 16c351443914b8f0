"""A process that submits: what the tests of many processes and of killed ones start."""

import os
import signal
from pathlib import Path

from sqlalchemy import event

from leaderboard.records import OPERATOR
from leaderboard.service import Service
from leaderboard.store.database import Store
from tests.leaderboard.synthetic import score

AT_THE_END = -1
"""As `kill_at`: once all is done, and before anybody is told."""


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


def at_work(output, url, blobs, kill_at, *files):
    """Submit synthetic bundles from files, one after the other, and write each id to a file.

    Unless `kill_at` is 0 the process kills itself, as a power cut would, at the `kill_at`-th of the
    places where a state could be half done: every write to a file, and every statement to the
    database and commit of it.
    """
    with output.open("w") as told:
        store = Store.open(url, blobs=blobs)
        service = Service(store, score=score)
        kill = Kill(kill_at)
        if kill.place:
            lay_traps(store, kill)
        for file in files:
            receipt = service.receive(file.read_bytes(), OPERATOR)
            if kill.place == AT_THE_END:
                os.kill(os.getpid(), signal.SIGKILL)
            print(receipt.submission_id, int(receipt.is_new), file=told, flush=True)
        print("places", kill.passed, file=told, flush=True)
