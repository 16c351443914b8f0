"""Submitting, ranking, roles and history, on both databases."""

from dataclasses import replace

import pytest

from data_gen.foundation.errors import UsageError
from dgbench.submission.format.rejection import RejectedError
from leaderboard.records import ANYONE, OPERATOR, Identity, Query, RefusedError
from leaderboard.service import Service
from tests.leaderboard.synthetic import bundle

QUERY = Query(benchmark="mnist-color@1", uses=())


def submitter(name="ada", quota=None):
    roles = frozenset({"submitter"})
    return Identity(name=name, roles=roles, token_id=f"of-{name}", daily_quota=quota)


def names(rows):
    return [row.display_name for row in rows]


def test_a_bundle_becomes_a_ranked_row(service):
    receipt = service.receive(bundle("erm"), OPERATOR)
    assert receipt.is_new
    assert receipt.row == service.rows(QUERY)[0]
    assert (receipt.row.rank, receipt.row.rank_low, receipt.row.rank_high) == (1, 1, 1)
    submission = service.submission(receipt.submission_id)
    assert submission.row == receipt.row
    assert [event.action for event in submission.history] == ["received"]
    assert service.bundle(receipt.submission_id) == bundle("erm")
    assert service.revision() == receipt.revision == 1


def test_a_submission_to_an_older_version_is_told_the_newer_one(service, capsys):
    from leaderboard.cli.submit import show_receipt

    for benchmark in ("mnist-ladder@1", "mnist-color@1"):
        receipt = service.receive(bundle("erm", benchmark=benchmark), OPERATOR)
        show_receipt(receipt, as_json=False)
    told = capsys.readouterr().out
    assert "mnist-ladder@1 is an older version: the board asks for mnist-ladder@2." in told
    assert told.count("older version") == 1


def test_the_same_bundle_again_adds_nothing(service):
    first = service.receive(bundle("erm"), OPERATOR)
    again = service.receive(bundle("erm"), submitter("eve", quota=0))
    assert (again.submission_id, again.is_new) == (first.submission_id, False)
    assert service.status().n_submissions == 1
    assert len(service.events()) == 1


def test_better_rows_rank_higher_and_rows_not_shown_worse_share_a_tier(service):
    for method, level in (("low", 0.2), ("high", 0.8), ("middle-a", 0.5), ("middle-b", 0.5)):
        service.receive(bundle(method, level=level), OPERATOR)
    rows = service.rows(QUERY)
    assert [row.rank for row in rows] == [1, 2, 3, 4]
    tiers = {row.method: row.tier for row in rows}
    assert tiers == {"high": 1, "middle-a": 2, "middle-b": 2, "low": 3}
    assert [row.method for row in rows][:: len(rows) - 1] == ["high", "low"]
    middle = {row.method: (row.rank_low, row.rank_high) for row in rows[1:3]}
    assert set(middle.values()) == {(2, 3)}
    assert [row.against_best for row in rows] == [None, "worse", "worse", "worse"]
    assert not any(row.is_unstable for row in rows)


def test_an_entry_that_gave_up_and_a_yardstick_are_listed_below_without_a_rank(service):
    service.receive(bundle("gave-in", level=0.9, retention=0.9), OPERATOR)
    service.receive(bundle("guesser", level=0.95, standing="yardstick"), OPERATOR)
    service.receive(bundle("steady", level=0.3, retention=0.95), OPERATOR)
    service.receive(bundle("few", seeds=2, level=0.2), OPERATOR)
    rows = service.rows(QUERY)
    assert [(row.method, row.rank, row.tier, row.standing) for row in rows] == [
        ("steady", 1, 1, "full"),
        ("few", None, None, "unranked"),
        ("gave-in", None, None, "gave-up"),
        ("guesser", None, None, "yardstick"),
    ]
    by_score = service.rows(replace(QUERY, sort="score"))
    assert [row.method for row in by_score] == [row.method for row in rows]
    # Whatever its score is, a later attempt that gave up stands for its method.
    service.receive(bundle("steady", level=0.8, retention=0.5), OPERATOR)
    assert [row.rank for row in service.rows(QUERY)] == [None] * 4


def test_groups_are_ranked_apart(service):
    service.receive(bundle("a", level=0.9), OPERATOR)
    service.receive(bundle("b", level=0.5, uses=["environments"]), OPERATOR)
    service.receive(bundle("c", level=0.4, selection="oracle"), OPERATOR)
    service.receive(bundle("d", level=0.3, benchmark="mnist-texture@1"), OPERATOR)
    assert [row.rank for row in service.rows(Query(benchmark="mnist-color@1"))] == [1, 1]
    every = service.rows(Query(benchmark="mnist-color@1", selection=None))
    assert [row.rank for row in every] == [1, 1, 1]
    assert len(service.benchmarks()) == 4


def test_few_seeds_and_demonstrations_are_listed_but_not_ranked(service):
    service.receive(bundle("one", seeds=1, level=0.9), OPERATOR)
    service.receive(bundle("three", seeds=3, level=0.4), OPERATOR)
    service.receive(bundle("five", level=0.5), OPERATOR)
    rows = {row.method: row for row in service.rows(QUERY)}
    assert (rows["one"].rank, rows["one"].standing) == (None, "unranked")
    assert (rows["three"].rank, rows["three"].standing) == (2, "provisional")
    assert rows["five"].rank == 1
    assert service.rows(QUERY)[-1].method == "one"


def test_the_newest_submission_of_a_method_is_ranked_not_the_best(service):
    first = service.receive(bundle("erm", level=0.9, version="1"), submitter())
    second = service.receive(bundle("erm", level=0.5, version="2"), submitter())
    other = service.receive(bundle("erm", level=0.7, version="1"), submitter("bob"))
    rows = service.rows(QUERY)
    assert [row.submission_id for row in rows] == [other.submission_id, second.submission_id]
    assert [row.attempts for row in rows] == [1, 2]
    assert service.submission(first.submission_id).is_superseded_by == second.submission_id
    assert [row.version for row in service.method("erm").rows] == ["1", "2", "1"]


def test_an_unranked_newer_version_takes_no_place(service):
    first = service.receive(bundle("erm", version="1"), submitter())
    service.receive(bundle("erm", version="2", seeds=1), submitter())
    ranked = [row for row in service.rows(QUERY) if row.rank]
    assert [row.submission_id for row in ranked] == [first.submission_id]


def test_the_newest_of_several_unranked_submissions_is_shown(service):
    first = service.receive(bundle("erm", version="1", seeds=1), submitter())
    second = service.receive(bundle("erm", version="2", seeds=1), submitter())
    assert [row.submission_id for row in service.rows(QUERY)] == [second.submission_id]
    assert service.submission(first.submission_id).is_superseded_by == second.submission_id
    ranked = service.receive(bundle("erm", version="3"), submitter())
    assert [row.submission_id for row in service.rows(QUERY)] == [ranked.submission_id]


def test_rows_do_not_depend_on_the_order_of_arrival(new_store):
    from tests.leaderboard.synthetic import score

    orders = []
    bundles = [bundle(f"m{n}", level=0.3 + 0.02 * n) for n in range(8)]
    for order in (bundles, bundles[::-1]):
        service = Service(new_store("sqlite"), score=score)
        for data in order:
            service.receive(data, OPERATOR)
        orders.append([(row.method, row.rank) for row in service.rows(QUERY)])
        service.close()
    assert orders[0] == orders[1]


def test_a_refused_bundle_leaves_a_line_in_the_log(service):
    with pytest.raises(RejectedError):
        service.receive(bundle(refuse="E_DUP_KEY"), submitter())
    event = service.events()[0]
    assert (event.action, event.actor, event.detail) == ("refused", "ada", {"code": "E_DUP_KEY"})
    assert service.status().n_submissions == 0
    assert list(service.store.blobs.digests()) == []


def test_the_quota_counts_refused_bundles_and_ends_after_a_day(service):
    ada = submitter(quota=2)
    service.receive(bundle("a"), ada)
    with pytest.raises(RejectedError):
        service.receive(bundle(refuse="E_DUP_KEY"), ada)
    with pytest.raises(RefusedError) as caught:
        service.receive(bundle("b"), ada)
    assert (caught.value.status, caught.value.code) == (429, "quota")
    assert caught.value.retry_after > 0
    service.receive(bundle("b"), submitter("bob", quota=2))
    from leaderboard.clock import later

    service._now.now = later(service._now.now, days=1)
    assert service.receive(bundle("c"), ada).is_new


def test_a_bundle_that_is_too_large_is_not_read(service):
    from dgbench.submission.format.members import MAX_BUNDLE_BYTES

    with pytest.raises(RefusedError) as caught:
        service.receive(b" " * (MAX_BUNDLE_BYTES + 1), OPERATOR)
    assert caught.value.status == 413


def test_withdrawing_leaves_a_tombstone(service):
    ada = submitter()
    mine = service.receive(bundle("erm"), ada).submission_id
    service.receive(bundle("prcl", level=0.3), ada)
    service.withdraw(mine, ada, "A defect in our code.")
    service.withdraw(mine, ada, "Twice is not an error.")
    assert [row.rank for row in service.rows(QUERY)] == [1]
    submission = service.submission(mine)
    assert (submission.state, submission.reason) == ("withdrawn", "A defect in our code.")
    assert submission.row.rank is None
    assert [event.action for event in submission.history] == ["received", "withdrawn"]
    with pytest.raises(RefusedError) as caught:
        service.bundle(mine)
    assert caught.value.status == 410
    with pytest.raises(RefusedError, match="and withdrawn"):
        service.receive(bundle("erm"), ada)
    assert service.method("erm").withdrawn == 1


def test_withdrawing_takes_no_attempt_back(service):
    ada = submitter()
    first = service.receive(bundle("erm", level=0.3), ada)
    service.withdraw(first.submission_id, ada)
    assert service.receive(bundle("erm", level=0.6), ada).row.attempts == 2


def test_moderators_hide_show_and_flag(service):
    identifier = service.receive(bundle("erm"), submitter()).submission_id
    service.moderate(identifier, "hide", "Under review.", OPERATOR)
    assert service.rows(QUERY) == ()
    assert service.submission(identifier).state == "hidden"
    with pytest.raises(RefusedError, match="hidden by a moderator: Under review"):
        service.receive(bundle("erm"), submitter())
    service.moderate(identifier, "show", "Reviewed.", OPERATOR)
    service.moderate(identifier, "flag", "Odd numbers.", OPERATOR)
    assert service.rows(QUERY)[0].flags == ("moderator",)
    assert [flag.detail for flag in service.flags()] == ["Odd numbers."]
    service.moderate(identifier, "clear-flags", "Explained.", OPERATOR)
    assert service.rows(QUERY)[0].flags == ()
    assert service.flags() == ()
    assert len(service.flags(standing_only=False)) == 1


@pytest.mark.parametrize("reason", ["", "x" * 501, "turned \u202e round"])
def test_a_moderator_gives_a_printable_reason(service, reason):
    identifier = service.receive(bundle(), OPERATOR).submission_id
    with pytest.raises(RefusedError):
        service.moderate(identifier, "hide", reason, OPERATOR)


VERBS = {
    "receive": lambda service, _one, who: service.receive(bundle("other"), who),
    "withdraw": lambda service, identifier, who: service.withdraw(identifier, who),
    "hide": lambda service, identifier, who: service.moderate(identifier, "hide", "Why not.", who),
    "show": lambda service, identifier, who: service.moderate(identifier, "show", "Why not.", who),
    "flag": lambda service, identifier, who: service.moderate(identifier, "flag", "Why not.", who),
    "clear": lambda service, identifier, who: service.moderate(
        identifier, "clear-flags", "Why not.", who
    ),
    "reveal": lambda service, identifier, who: service.reveal_nonce(identifier, who),
    "issue": lambda service, _one, who: service.issue_token("x", ["submitter"], who),
    "revoke": lambda service, _one, who: service.revoke_token("x", who),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_action_asks_for_its_role(service, verb):
    identifier = service.receive(bundle(), OPERATOR).submission_id
    before = service.events()
    needed = {"receive": "submitter", "reveal": "verifier"}.get(verb, "moderator")
    others = {"submitter", "moderator", "verifier"} - {needed}
    with pytest.raises(RefusedError) as caught:
        VERBS[verb](service, identifier, ANYONE)
    assert caught.value.status == 401
    wrong = Identity(name="eve", roles=frozenset(others), token_id="t")  # noqa: S106 (an id, no secret)
    with pytest.raises(RefusedError) as caught:
        VERBS[verb](service, identifier, wrong)
    assert caught.value.status == 403
    assert service.events() == before


def test_unknown_names_are_404(service):
    service.receive(bundle(), OPERATOR)
    for ask in (service.submission, service.bundle, service.method):
        with pytest.raises(RefusedError) as caught:
            ask("nothing")
        assert caught.value.status == 404


def test_past_rankings_can_be_requested(service):
    first = service.receive(bundle("erm", level=0.5), submitter())
    after_first = first.row.submitted_at
    second = service.receive(bundle("prcl", level=0.9), submitter())
    after_second = second.row.submitted_at
    now_rows = service.rows(QUERY)
    service.withdraw(second.submission_id, submitter())
    service.moderate(first.submission_id, "flag", "Odd.", OPERATOR)

    def at(time):
        query = Query(benchmark="mnist-color@1", uses=(), as_of=time)
        return service.rows(query)

    assert at("2025-12-31") == ()
    assert at(after_first) == (first.row,)
    assert at(after_second) == now_rows
    assert at("2026-01-01") == service.rows(QUERY)
    for n in range(20):
        service.receive(bundle(f"later-{n}", level=0.7), OPERATOR)
    assert at(after_first) == (first.row,)
    assert at(after_second) == now_rows
    with pytest.raises(UsageError, match="is not a date"):
        at("yesterday")


def test_rows_are_searched_filtered_and_sorted(service):
    for n, method in enumerate(("alpha", "beta", "gamma")):
        service.receive(bundle(method, level=0.3 + 0.2 * n, authors=[f"Dr {method}"]), OPERATOR)
    service.receive(bundle("few", seeds=3, level=0.2), OPERATOR)

    def ask(**fields):
        return names(service.rows(Query(benchmark="mnist-color@1", **fields)))

    assert ask(search="DR be") == ["beta"]
    assert ask(standing="provisional") == ["few"]
    assert ask(verification="replayed") == []
    assert ask() == ["gamma", "beta", "alpha", "few"]
    assert ask(descending=True) == ["few", "alpha", "beta", "gamma"]
    assert ask(sort="method") == ["alpha", "beta", "few", "gamma"]
    assert ask(sort="submitted") == ["few", "gamma", "beta", "alpha"]
    assert ask(sort="score", descending=True) == ["few", "alpha", "beta", "gamma"]
    beta = service.rows(Query(benchmark="mnist-color@1", search="beta"))[0]
    assert beta.rank == 2


def test_a_copy_of_anothers_predictions_is_flagged(service):
    original = service.receive(bundle("erm", like="x", level=0.6), submitter())
    copied = service.receive(bundle("mine", like="x", level=0.6), submitter("eve"))
    changed = service.receive(bundle("new", like="x", level=0.6, changed=2), submitter("eve"))
    honest = service.receive(bundle("erm", like="y", level=0.6), submitter("bob"))
    again = service.receive(bundle("erm", like="x", level=0.6, version="2"), submitter())
    assert original.flags == honest.flags == ()
    assert copied.flags == changed.flags == ("near-duplicate",)
    detail = service.flags()[-1].detail
    assert original.submission_id in detail
    # A newer version of a user's own method is not flagged as a copy of that method.
    assert all(
        original.submission_id not in flag.detail
        for flag in service.flags()
        if flag.submission_id == again.submission_id
    )


def test_flags_of_the_scorer_are_raised(service):
    receipt = service.receive(bundle("a", flags=[["equal-seeds", "Seeds 0 and 1."]]), OPERATOR)
    assert receipt.flags == ("equal-seeds",)


def test_status_tells_how_the_store_is_doing(service, kind):
    service.receive(bundle("a"), OPERATOR)
    gone = service.receive(bundle("b"), OPERATOR)
    service.withdraw(gone.submission_id, OPERATOR)
    status = service.status()
    assert (status.database, status.n_submissions, status.n_rows) == (kind, 2, 1)
    assert (status.n_withdrawn, status.revision) == (1, 3)
    assert status.audit_digest == service.events()[-1].digest
    assert status.versions["dgbench"]
