"""A verification on a submission's page: both sides' numbers, and what was enforced."""

from leaderboard.web.screens.verification import numbers
from tests.dgbench.verification.records import a_record


def page(document):
    from leaderboard.records import Verified
    from leaderboard.web.screens.verification import evidence

    evidence(
        Verified(
            submission_id="SUB",
            level="replayed",
            verdict="failed",
            at="2026-01-02T03:04:05Z",
            verifier="ve*ra",
            document=document,
        )
    )


def shown(document):
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_function(page, kwargs={"document": document}).run(timeout=60)
    assert not app.exception
    return app


def test_claimed_and_reproduced_numbers_are_shown():
    table = numbers(a_record())
    assert list(table.columns) == ["Score", "Claimed", "Reproduced", "Same predictions"]
    assert list(table["Score"]) == ["Headline"]
    app = shown(a_record(summary="Not the *same*.").model_dump_json())
    assert app.markdown[0].value == r"Not the \*same\*\."
    assert app.dataframe[0].value["Claimed"].tolist() == ["0.100"]
    said = " ".join(caption.value for caption in app.caption)
    assert "Sandboxed: network." in said
    assert r"Signed by ve\*ra" in said


def test_a_record_that_cannot_be_read_is_shown_as_it_is():
    assert shown('{"a": 1}').json[0].value == '{"a": 1}'
