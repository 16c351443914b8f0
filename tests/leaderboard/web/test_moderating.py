"""A moderator sees both sides of a flag by name, and acts beside it."""

from pathlib import Path

from leaderboard.records import OPERATOR
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.web.current_service import set_current_service
from tests.leaderboard import synthetic
from tests.leaderboard.web.drawing import signed_in


def test_a_flag_names_both_sides_and_is_cleared_beside_it(tmp_path: Path) -> None:
    service = Service(Store.open(str(tmp_path / "flags.db")), score=synthetic.score)
    first = service.receive(synthetic.bundle("erm"), OPERATOR).submission_id
    second = service.receive(synthetic.bundle("mixup"), OPERATOR).submission_id
    service.moderate(second, "flag", f"The errors are those of {first}.", OPERATOR)
    token = service.issue_token("mod", ["moderator"], OPERATOR).secret
    set_current_service(service)
    try:
        app = signed_in("moderation", token)
        assert not app.exception
        labels = [link.proto.label for link in app.get("page_link")]
        assert [label for label in labels if label in ("mixup", "erm")] == ["mixup", "erm"]
        assert "Compare them" in labels
        told = [caption.value for caption in app.caption if "by operator" in caption.value]
        assert len(told) == 2
        assert all("HPS 0" in text.replace("\\", "") for text in told)
        # The other side has its name where the flag has its id.
        (sentence,) = [text.value for text in app.markdown if "errors are those" in text.value]
        assert "those of erm" in sentence
        next(box for box in app.text_input if box.key.startswith("clear-flags")).input("Not odd.")
        next(button for button in app.button if button.label == "Clear the flag").click()
        app.run()
        assert not app.exception
        assert service.flags() == ()
    finally:
        set_current_service(None)
        service.close()
