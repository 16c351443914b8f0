"""A bundle is looked at before it counts: nothing is kept, and no score is told."""

import dataclasses

import pytest

from dgbench.submission.format.rejection import RejectedError
from leaderboard.clock import later
from leaderboard.records import ANYONE, OPERATOR, RefusedError
from tests.leaderboard.synthetic import bundle


@pytest.fixture
def ada(service):
    """A submitter who may send, and preview, three bundles a day."""
    token = service.issue_token("Ada", ["submitter"], OPERATOR, daily_quota=3)
    return service.identity(token.secret)


def test_a_preview_keeps_nothing(service, ada):
    before = service.revision(), service.events(), service.status().n_submissions
    preview = service.check(bundle("a"), ada)
    with pytest.raises(RejectedError):
        service.check(bundle("b", refuse="E_ZIP"), ada)
    assert not preview.is_known
    assert preview.standing == "full"
    assert (service.revision(), service.events(), service.status().n_submissions) == before
    assert not [*service.store.blobs.digests()]
    assert service.receive(bundle("a"), ada).submission_id == preview.submission_id


def test_a_preview_reveals_no_score(service, ada):
    receipt = service.receive(bundle("a"), OPERATOR)
    preview = service.check(bundle("a"), ada)
    assert preview.is_known
    told = repr(dataclasses.asdict(preview))
    for value in (receipt.row.hps, receipt.row.mp, receipt.row.accuracy, receipt.row.hps_low):
        assert str(value) not in told


def test_previews_have_the_daily_quota_of_submissions(service, ada):
    for n in range(2):
        service.check(bundle(f"m{n}"), ada)
    with pytest.raises(RejectedError):
        service.check(bundle("m", refuse="E_ZIP"), ada)
    with pytest.raises(RefusedError, match="for free") as caught:
        service.check(bundle("more"), ada)
    assert (caught.value.status, caught.value.code) == (429, "quota")
    # Previews take nothing from the quota of submissions, and a day later they are allowed again.
    for n in range(3):
        service.receive(bundle(f"m{n}"), ada)
    service._now.now = later(service._now.now, days=1.01)
    service.check(bundle("more"), ada)


def test_a_used_up_quota_ends_previews_too(service, ada):
    for n in range(3):
        service.receive(bundle(f"m{n}"), ada)
    with pytest.raises(RefusedError) as caught:
        service.check(bundle("more"), ada)
    assert caught.value.status == 429


def test_a_preview_needs_the_submitter_role(service):
    verifier = service.issue_token("Eve", ["verifier"], OPERATOR)
    for identity, status in ((ANYONE, 401), (service.identity(verifier.secret), 403)):
        with pytest.raises(RefusedError) as caught:
            service.check(bundle("a"), identity)
        assert caught.value.status == status


@pytest.mark.parametrize("gone", ["withdrawn", "hidden"])
def test_withdrawn_and_hidden_bundles_are_refused_in_the_preview(service, ada, gone):
    receipt = service.receive(bundle("a"), ada)
    if gone == "withdrawn":
        service.withdraw(receipt.submission_id, ada)
    else:
        service.moderate(receipt.submission_id, "hide", "Copied.", OPERATOR)
    with pytest.raises(RefusedError) as caught:
        service.check(bundle("a"), ada)
    assert (caught.value.status, caught.value.code) == (409, gone)


def test_the_oldest_names_are_forgotten_in_the_allowance(service, monkeypatch):
    from leaderboard.intake.preview import Allowance
    from leaderboard.records import Identity

    monkeypatch.setattr("leaderboard.intake.preview._MOST_NAMES", 3)
    allowance = Allowance()
    for n in range(5):
        who = Identity(name=str(n), roles=frozenset({"submitter"}), daily_quota=1)
        with service.store.read() as session:
            allowance.take(session, who, now="2026-01-01T00:00:00.000000Z")
    assert list(allowance._looks) == ["2", "3", "4"]
