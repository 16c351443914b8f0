"""Tokens: shown once, kept as digests, limited."""

import logging

import pytest

from data_gen.foundation.errors import UsageError
from leaderboard.clock import later
from leaderboard.records import ANYONE, OPERATOR, RefusedError


def test_a_token_names_its_holder_and_roles(service):
    token = service.issue_token("Ada", ["verifier", "submitter"], OPERATOR, daily_quota=3)
    identity = service.identity(token.secret)
    assert (identity.name, identity.daily_quota) == ("Ada", 3)
    assert identity.roles == {"submitter", "verifier"}
    assert token.info.roles == ("submitter", "verifier")
    assert service.identity(None) == service.identity("") == ANYONE


def test_a_token_has_256_random_bits_and_is_kept_nowhere(service, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    tokens = [service.issue_token("Ada", ["submitter"], OPERATOR) for _ in range(20)]
    assert len({token.secret for token in tokens}) == 20
    secret = tokens[0].secret
    assert len(secret) == len("dgb_") + 43
    service.identity(secret)
    archive = tmp_path / "backup"
    service.backup(archive)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in kept if secret.encode() in path.read_bytes()]
    assert secret not in caplog.text
    assert secret not in repr(tokens[0])
    assert secret not in repr(service.events())


@pytest.mark.parametrize("secret", ["dgb_x", "x" * 10_000, "'; DROP TABLE token; --", "\x00"])
def test_an_unknown_token_is_refused(service, secret):
    service.issue_token("Ada", ["submitter"], OPERATOR)
    with pytest.raises(RefusedError) as caught:
        service.identity(secret)
    assert (caught.value.status, caught.value.code) == (401, "unknown-token")
    assert secret not in caught.value.detail


def test_a_token_expires(service):
    token = service.issue_token("Ada", ["submitter"], OPERATOR, days=1)
    for_ever = service.issue_token("Bob", ["submitter"], OPERATOR, days=None)
    service._now.now = later(service._now.now, days=2)
    with pytest.raises(RefusedError, match="expired"):
        service.identity(token.secret)
    assert service.identity(for_ever.secret).name == "Bob"


def test_a_token_is_revoked_permanently(service):
    token = service.issue_token("Ada", ["submitter"], OPERATOR)
    assert service.revoke_token(token.info.id, OPERATOR).revoked_at
    assert service.revoke_token(token.info.id, OPERATOR).revoked_at
    with pytest.raises(RefusedError, match="revoked"):
        service.identity(token.secret)
    assert [event.action for event in service.events()] == ["token issued", "token revoked"]
    with pytest.raises(RefusedError, match="There is no token"):
        service.revoke_token("nothing", OPERATOR)


def test_people_see_and_revoke_their_own_tokens_only(service):
    ada = service.issue_token("Ada", ["submitter"], OPERATOR)
    bob = service.issue_token("Bob", ["submitter"], OPERATOR)
    identity = service.identity(ada.secret)
    assert [info.name for info in service.tokens(identity)] == ["Ada"]
    assert len(service.tokens(OPERATOR)) == 2
    with pytest.raises(RefusedError):
        service.tokens(ANYONE)
    with pytest.raises(RefusedError) as caught:
        service.revoke_token(bob.info.id, identity)
    assert caught.value.status == 403
    assert service.revoke_token(ada.info.id, identity).revoked_at


@pytest.mark.parametrize("name", ["", " ", "operator", "anyone", "x" * 81, "two\nlines", "\u202e"])
def test_names_that_would_mislead_are_refused(service, name):
    with pytest.raises(UsageError):
        service.issue_token(name, ["submitter"], OPERATOR)


@pytest.mark.parametrize("roles", [[], ["owner"]])
def test_unknown_roles_are_refused(service, roles):
    with pytest.raises(UsageError, match="role"):
        service.issue_token("Ada", roles, OPERATOR)
