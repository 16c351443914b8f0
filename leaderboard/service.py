"""The leaderboard's one door: web page, HTTP API and command line call nothing else."""

from collections.abc import Callable

from leaderboard import clock
from leaderboard.board.ranker import Ranker
from leaderboard.commands import Commands
from leaderboard.intake.scoring import Pool, Score
from leaderboard.questions import Questions
from leaderboard.store.database import Store


class Service(Questions, Commands):
    """Answers questions and carries out commands on one store."""

    def __init__(
        self,
        store: Store,
        *,
        score: Score | None = None,
        now: Callable[[], str] = clock.now,
    ) -> None:
        self._pool, rank = Pool(), Ranker()
        Questions.__init__(self, store, rank=rank, now=now)
        Commands.__init__(self, store, score=score or self._pool, rank=rank, now=now)

    def close(self) -> None:
        """End the scoring processes and close the database."""
        self._pool.close()
        self.store.close()
