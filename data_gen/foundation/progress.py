"""Progress: how work that takes long says how far it is."""

from typing import Protocol


class Progress(Protocol):
    """A callback that shows how far some work is."""

    def __call__(self, done: float, note: str = "", /) -> None:
        """Show that so much is done since the work began, and what is being done now.

        The unit of `done` is named where the callback is asked for: images, bytes or seconds.
        """


def silent(done: float, note: str = "", /) -> None:
    """Show nothing."""
