"""Fixtures: an API over its own store in this process, and a whole server in another process."""

import pytest

from tests.leaderboard.api.servers import asgi


@pytest.fixture
def service(tmp_path):
    """A service over SQLite, with a scorer of synthetic bundles."""
    from leaderboard.service import Service
    from leaderboard.store.database import Store
    from tests.leaderboard.synthetic import Clock, score

    running = Service(Store.open(str(tmp_path / "store")), score=score, now=Clock())
    yield running
    running.close()


@pytest.fixture
def token(service):
    """A function that issues a token with roles."""
    from leaderboard.records import OPERATOR

    def issue(*roles, name="ada", **settings):
        return service.issue_token(name, roles, OPERATOR, **settings).secret

    return issue


@pytest.fixture
def filled(service):
    """The ids of three submissions of two tracks."""
    from leaderboard.records import OPERATOR
    from tests.leaderboard.synthetic import bundle

    bundles = (
        bundle("erm", level=0.4),
        bundle("prcl", level=0.8),
        bundle("irm", uses=["environments"]),
    )
    return [service.receive(data, OPERATOR).submission_id for data in bundles]


@pytest.fixture
def api(service):
    """A client of the API with its guard, without the web page."""
    from starlette.testclient import TestClient

    with TestClient(asgi(service), base_url="http://localhost") as client:
        yield client
