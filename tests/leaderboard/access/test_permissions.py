"""People make further tokens for themselves, which can do no more than they can."""

import pytest

from leaderboard.clock import later
from leaderboard.records import ANYONE, OPERATOR, Identity, RefusedError
from tests.leaderboard.synthetic import bundle


@pytest.fixture
def ada(service):
    """The holder of a token for a month and for three bundles a day."""
    token = service.issue_token("Ada", ["submitter", "verifier"], OPERATOR, days=30, daily_quota=3)
    return service.identity(token.secret)


def test_a_further_token_has_the_same_name_and_no_more_rights(service, ada):
    made = service.issue_token("Ada", ["submitter"], ada, days=7, daily_quota=2)
    identity = service.identity(made.secret)
    assert (identity.name, identity.roles, identity.daily_quota) == ("Ada", {"submitter"}, 2)
    assert made.info.expires_at == later(made.info.issued_at, days=7)
    event = service.events()[-1]
    assert (event.actor, event.action, event.subject) == ("Ada", "token issued", made.info.id)


@pytest.mark.parametrize("days", [31, 365, None])
def test_a_further_token_ends_with_the_first(service, ada, days):
    first = service.tokens(ada)[0]
    made = service.issue_token("Ada", ["submitter"], ada, days=days, daily_quota=1)
    assert made.info.expires_at == first.expires_at


@pytest.mark.parametrize(
    ("name", "roles", "quota", "code"),
    [
        ("Bob", ["submitter"], 1, "not-yours"),
        ("ada", ["submitter"], 1, "not-yours"),
        ("Ada", ["moderator"], 1, "no-role"),
        ("Ada", ["submitter", "moderator"], 1, "no-role"),
        ("Ada", ["owner"], 1, "no-role"),
        ("Ada", ["submitter"], 4, "quota"),
        ("Ada", ["submitter"], None, "quota"),
    ],
)
def test_a_token_for_others_or_with_more_rights_is_refused(service, ada, name, roles, quota, code):
    with pytest.raises(RefusedError) as caught:
        service.issue_token(name, roles, ada, days=1, daily_quota=quota)
    assert (caught.value.status, caught.value.code) == (403, code)
    assert len(service.tokens(OPERATOR)) == 1


def test_anonymous_users_cannot_make_see_or_revoke_tokens(service, ada):
    for ask in (
        lambda: service.issue_token("anyone", ["submitter"], ANYONE, daily_quota=1),
        lambda: service.tokens(ANYONE),
        lambda: service.revoke_token(ada.token_id, ANYONE),
    ):
        with pytest.raises(RefusedError) as caught:
            ask()
        assert caught.value.status == 401


def test_users_of_an_external_account_make_tokens_for_a_year_at_most(service):
    eve = Identity(name="eve@example.org", roles=frozenset({"submitter"}), daily_quota=50)
    assert service.tokens(eve) == ()
    made = service.issue_token(eve.name, ["submitter"], eve, days=None, daily_quota=50)
    assert made.info.expires_at == later(made.info.issued_at, days=365)
    assert [token.id for token in service.tokens(eve)] == [made.info.id]
    assert service.revoke_token(made.info.id, eve).revoked_at


def test_a_quota_counts_the_bundles_of_all_tokens_of_a_name(service, ada):
    made = service.issue_token("Ada", ["submitter"], ada, daily_quota=3)
    other = service.identity(made.secret)
    for n, identity in enumerate((ada, other, ada)):
        service.receive(bundle(f"m{n}"), identity)
    for identity in (ada, other):
        with pytest.raises(RefusedError) as caught:
            service.receive(bundle("more"), identity)
        assert caught.value.code == "quota"


def test_people_revoke_any_of_their_own_tokens(service, ada):
    made = service.issue_token("Ada", ["submitter"], ada, daily_quota=1)
    assert service.revoke_token(made.info.id, ada).revoked_at
    with pytest.raises(RefusedError, match="revoked"):
        service.identity(made.secret)


@pytest.mark.parametrize("whose", ["Bob's", "nobody's"])
def test_the_answer_does_not_reveal_the_tokens_of_others(service, ada, whose):
    token = service.issue_token("Bob", ["submitter"], OPERATOR).info.id
    with pytest.raises(RefusedError) as caught:
        service.revoke_token(token if whose == "Bob's" else "0" * 12, ada)
    assert (caught.value.status, caught.value.code) == (403, "not-yours")


def test_a_name_has_few_valid_tokens(service, ada, monkeypatch):
    monkeypatch.setattr("leaderboard.access.permissions.MOST_VALID", 3)
    made = [service.issue_token("Ada", ["submitter"], ada, daily_quota=1) for _ in range(2)]
    with pytest.raises(RefusedError, match="Revoke one") as caught:
        service.issue_token("Ada", ["submitter"], ada, daily_quota=1)
    assert caught.value.status == 409
    service.revoke_token(made[0].info.id, ada)
    assert service.issue_token("Ada", ["submitter"], ada, daily_quota=1)
