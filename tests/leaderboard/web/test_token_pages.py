"""Tokens are made, shown once and revoked on the pages."""

from streamlit.testing.v1 import AppTest

from leaderboard.records import OPERATOR, Identity
from leaderboard.service import Service
from tests.leaderboard.web.drawing import press, signed_in


def shown(app: AppTest) -> list[str]:
    """The ids of the tokens that the table lists."""
    return list(app.dataframe[-1].value["Token"])


def test_a_submitter_makes_a_token_sees_it_once_and_revokes_it(empty: Service) -> None:
    first = empty.issue_token("alice", ["submitter"], OPERATOR, daily_quota=7)
    empty.issue_token("bob", ["submitter"], OPERATOR)
    app = signed_in("my_submissions", first.secret)
    assert shown(app) == [first.info.id]
    assert next(box for box in app.multiselect if box.label == "Roles").options == ["submitter"]
    press(app, "Make it")
    secret = next(code.value for code in app.code if code.value.startswith("dgb_"))
    made = empty.identity(secret)
    assert (made.name, made.daily_quota) == ("alice", 7)
    assert shown(app) == [first.info.id, made.token_id]
    app.run()
    assert not [code for code in app.code if code.value.startswith("dgb_")]

    choice = next(box for box in app.selectbox if box.label == "Token to revoke")
    choice.select(f"{made.token_id} of alice")
    press(app, "Revoke it for good")
    states = dict(zip(shown(app), app.dataframe[-1].value["State"], strict=True))
    assert states[first.info.id] == "valid, in use here"
    assert states[str(made.token_id)].startswith("revoked 20")


def test_revoking_the_token_in_use_signs_out(empty: Service) -> None:
    first = empty.issue_token("alice", ["submitter"], OPERATOR)
    app = press(signed_in("my_submissions", first.secret), "Revoke it for good")
    assert [button.label for button in app.button] == ["Sign in with the token"]


def test_a_moderator_makes_tokens_for_others_and_sees_all(empty: Service) -> None:
    mod = empty.issue_token("mod", ["moderator"], OPERATOR)
    empty.issue_token("bob", ["submitter"], OPERATOR)
    app = signed_in("moderation", mod.secret)
    assert list(app.dataframe[-1].value["Name"]) == ["mod", "bob"]
    name = next(box for box in app.text_input if box.label == "Name, shown to everyone")
    name.input("operator")
    press(app, "Make it")
    assert "kept for the leaderboard itself" in app.error[0].value
    name = next(box for box in app.text_input if box.label == "Name, shown to everyone")
    name.input("carol")
    press(app, "Make it")
    secret = next(code.value for code in app.code if code.value.startswith("dgb_"))
    identity = empty.identity(secret)
    assert identity == Identity(
        name="carol", roles=frozenset({"submitter"}), token_id=identity.token_id, daily_quota=50
    )
