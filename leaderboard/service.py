"""The leaderboard's one door: web page, HTTP API and command line call nothing else."""

from collections.abc import Callable

from leaderboard import clock
from leaderboard.board.materialize import Rank, groups, refresh
from leaderboard.board.ranker import Ranker
from leaderboard.commands import Commands
from leaderboard.intake import rescoring
from leaderboard.intake.scoring import Pool, Score
from leaderboard.questions import Questions
from leaderboard.store import meta
from leaderboard.store.database import Store


def _rank_anew_if_stale(store: Store, rank: Rank) -> None:
    """Rank every group of a store that an older version filled."""
    with store.read() as session:
        if not meta.has_stale_ranks(session):
            return
    with store.write() as session:
        if meta.has_stale_ranks(session):
            for key in groups(session):
                refresh(session, key, rank)
            meta.ranks_are_current(session)
            meta.count_revision(session)


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
        scoring = score or self._pool
        rescoring.bring_up_to_date(store, score=scoring, rank=Ranker(), now=now)
        _rank_anew_if_stale(store, rank)
        Questions.__init__(self, store, rank=rank, now=now)
        Commands.__init__(self, store, score=score or self._pool, rank=rank, now=now)

    def n_waiting(self) -> int:
        """Return how many bundles wait to be scored."""
        return self._pool.n_waiting()

    def close(self) -> None:
        """End the scoring processes and close the database."""
        self._pool.close()
        self.store.close()
