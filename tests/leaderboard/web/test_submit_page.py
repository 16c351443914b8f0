"""The Submit page shows a report once for each file, and then a receipt that stays."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from data_gen.foundation.errors import DGBenchError
from dgbench.submission.format.rejection import Code, rejected
from leaderboard.intake.scoring import Pool, Scored
from leaderboard.records import OPERATOR
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.web.current_service import set_current_service
from tests.dgbench.verification.bundles import SEEDS, bundle_of, guesses
from tests.dgbench.verification.trainings import ERM
from tests.leaderboard.web.drawing import press, signed_in

DAMAGED, UNLUCKY = b"damaged", b"unlucky"


class Scorer:
    """A real scorer's answer, and what it was asked."""

    def __init__(self, data: bytes, answer: Scored) -> None:
        self.data, self.answer = data, answer
        self.asked: list[bytes] = []

    def __call__(self, data: bytes) -> Scored:
        """The answer: the good file is accepted, and others are refused or end the process."""
        self.asked.append(data)
        if data == DAMAGED:
            raise rejected(Code.ZIP, "The file does not begin as a zip does.")
        if data == UNLUCKY:
            raise DGBenchError("The scoring process ended without an answer; try again.")
        assert data == self.data
        return self.answer


@pytest.fixture(scope="module")
def scored() -> tuple[bytes, Scored]:
    """A bundle, scored."""
    data = bundle_of(np.stack([guesses(0.6, seed) for seed in SEEDS]), method=ERM)
    pool = Pool(1)
    try:
        return data, pool(data)
    finally:
        pool.close()


@pytest.fixture
def scorer(scored: tuple[bytes, Scored]) -> Scorer:
    """The scorer of the service."""
    return Scorer(*scored)


@pytest.fixture
def service(tmp_path: Path, scorer: Scorer) -> Iterator[Service]:
    """The process shows an empty store."""
    service = Service(Store.open(str(tmp_path / "board.db")), score=scorer)
    set_current_service(service)
    yield service
    set_current_service(None)
    service.close()


@pytest.fixture
def app(service: Service) -> AppTest:
    """The page for somebody who may send three bundles a day."""
    token = service.issue_token("alice", ["submitter"], OPERATOR, daily_quota=3)
    return signed_in("submit", token.secret)


def chosen(app: AppTest, data: bytes) -> AppTest:
    app.file_uploader[0].upload("my.dgsub", data)
    app.run()
    assert not app.exception
    return app


def may_submit(app: AppTest) -> bool:
    return not next(button for button in app.button if button.label == "Submit it").disabled


def test_a_file_is_checked_once_and_nothing_is_kept(
    app: AppTest, service: Service, scorer: Scorer
) -> None:
    assert not may_submit(app)
    chosen(app, scorer.data).run()
    assert may_submit(app)
    assert scorer.asked == [scorer.data]
    assert [text.value for text in app.subheader][:2] == ["What was checked", "What will be shown"]
    assert len(app.metric) == 0
    assert service.status().n_submissions == 0
    told = " ".join(str(table.value.to_dict()) for table in app.dataframe)
    assert "one for every seed, domain and image" in told
    assert str(round(scorer.answer.facts.hps, 3)) not in told


def test_the_receipt_stays_and_the_button_to_submit_goes(
    app: AppTest, service: Service, scorer: Scorer
) -> None:
    press(chosen(app, scorer.data), "Submit it").run()
    assert [metric.label for metric in app.metric] == ["Rank", "HPS", "95 % interval"]
    assert "Submit it" not in [button.label for button in app.button]
    assert service.status().n_submissions == 1
    assert len(scorer.asked) == 2


def test_a_refused_file_is_shown_with_advice_and_cannot_be_sent(
    app: AppTest, scorer: Scorer
) -> None:
    chosen(app, DAMAGED).run()
    assert "E_ZIP" in app.error[0].value
    assert any(Code.ZIP.hint in text.value for text in app.markdown)
    assert not may_submit(app)
    assert scorer.asked == [DAMAGED]


def test_a_failure_that_may_pass_is_tried_once_more(app: AppTest, scorer: Scorer) -> None:
    chosen(app, UNLUCKY)
    assert "ended without an answer" in app.error[0].value
    assert not may_submit(app)
    app.run()
    assert scorer.asked == [UNLUCKY, UNLUCKY]
    app.run().run()
    assert "`dgbench validate` checks for free" in app.error[0].value.replace("\\", "")
    assert len(scorer.asked) == 3
