"""Ranks are of the submissions that are there, on both databases."""

from dataclasses import replace

from leaderboard.records import OPERATOR, Query
from leaderboard.service import Service
from tests.leaderboard.synthetic import bundle

QUERY = Query(benchmark="mnist-color@1", uses=())


def test_ranks_depend_on_the_current_rows_and_not_on_earlier_rankings(service):
    def of_newcomer():
        fresh = Service(service.store)
        later = replace(QUERY, as_of="2030-01-01")
        return [(row.method, row.rank, row.rank_low) for row in fresh.rows(later)]

    ids = []
    for number, level in enumerate((0.5, 0.52, 0.9, 0.2, 0.53, 0.88, 0.51)):
        ids.append(service.receive(bundle(f"m-{number}", level=level), OPERATOR).submission_id)
        if number in (2, 4):
            service.withdraw(ids[number - 1], OPERATOR)
        if number == 5:
            service.moderate(ids[0], "hide", "for a while", OPERATOR)
        ranked = [(row.method, row.rank, row.rank_low) for row in service.rows(QUERY)]
        assert ranked == of_newcomer()
    service.moderate(ids[0], "show", "again", OPERATOR)
    assert [(r.method, r.rank, r.rank_low) for r in service.rows(QUERY)] == of_newcomer()
    assert len(of_newcomer()) == 5
