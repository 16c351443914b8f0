"""Names that nobody has are refused in a short sentence, on every database."""

import pytest

from data_gen.foundation.errors import UsageError
from leaderboard.clock import parse
from leaderboard.records import OPERATOR, RefusedError
from tests.leaderboard.synthetic import bundle

# PostgreSQL takes no text with a null.
STRANGE = ("a\0b", "x" * 5_000, "\u202e<b>")


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_name_is_refused_and_quoted_in_short(service, name):
    for method in ("alpha", "beta", "delta", "epsilon", "gamma", "zeta"):
        service.receive(bundle(method), OPERATOR)
    for answer_to in (service.submission, service.method):
        with pytest.raises(RefusedError) as refusal:
            answer_to(name)
        assert refusal.value.status == 404
        assert refusal.value.detail.isprintable()
        assert len(refusal.value.detail) < 200
    assert refusal.value.detail.endswith("Known: alpha, beta, delta, epsilon, gamma and 1 more.")


@pytest.mark.parametrize(
    "text", ["yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x" * 5_000]
)
def test_a_text_that_names_no_countable_time_is_refused(text):
    with pytest.raises(UsageError, match=r"is not a date\. Write 2026-01-31") as refusal:
        parse(text)
    assert len(str(refusal.value)) < 200
