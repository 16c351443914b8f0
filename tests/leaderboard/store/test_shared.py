"""One PostgreSQL for several servers: one folder of files, and one ranking at all of them."""

import contextlib
import itertools
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from data_gen.foundation.errors import DGBenchError
from tests.leaderboard.api.servers import asgi, in_thread
from tests.leaderboard.synthetic import bundle, score

BUNDLE = {"Content-Type": "application/vnd.dgbench.submission+zip"}


@pytest.fixture
def spellings(new_url, tmp_path, monkeypatch):
    """Two addresses of one database."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("DGBENCH_BLOBS", raising=False)
    url = new_url("postgresql")
    return url, url.replace("postgresql+psycopg", "postgres").replace("@/", "@:5432/")


def opened(address):
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    return Service(Store.open(address), score=score)


def test_either_spelling_of_the_address_finds_the_files(spellings):
    from leaderboard.records import OPERATOR
    from leaderboard.store.places import place_of

    first, second = spellings
    assert place_of(first).blobs != place_of(second).blobs
    service, other = opened(first), opened(second)
    for server, data in ((service, bundle("erm")), (other, bundle("irm"))):
        server.receive(data, OPERATOR)
    assert service.store.blobs.folder == other.store.blobs.folder
    assert service.audit().problems == other.audit().problems == ()
    service.close()
    other.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_usual_scheme_of_the_address_is_taken(scheme):
    from leaderboard.store.places import place_of

    assert place_of(f"{scheme}://me@host/board").url.drivername == "postgresql+psycopg"


def test_a_missing_folder_is_told_apart_from_lost_files(kind, new_url, tmp_path):
    from leaderboard.records import OPERATOR
    from leaderboard.service import Service
    from leaderboard.store.database import Store
    from leaderboard.store.failures import StoreUnavailableError

    url, folder = new_url(kind), tmp_path / "files"
    service = Service(Store.open(url, blobs=folder), score=score)
    identifier = service.receive(bundle("erm"), OPERATOR).submission_id
    folder.rename(tmp_path / "away")
    with pytest.raises(StoreUnavailableError, match=r"is not there\. Mount it"):
        service.bundle(identifier)
    with pytest.raises(StoreUnavailableError, match=r"is not there\. Mount it"):
        service.receive(bundle("irm"), OPERATOR)
    service.close()
    assert not folder.exists()
    for is_mount_point in (False, True):
        if is_mount_point:
            folder.mkdir()
        with pytest.raises(DGBenchError, match=r"has submissions, but .* is empty or not there"):
            Store.open(url, blobs=folder)
    Store.open(url, blobs=tmp_path / "away").close()


def test_a_restored_store_keeps_its_files_in_its_own_folder(spellings, new_url, tmp_path):
    from leaderboard.records import OPERATOR
    from leaderboard.store import backup
    from leaderboard.store.database import Store

    service = opened(spellings[0])
    service.receive(bundle("erm"), OPERATOR)
    service.backup(tmp_path / "a.zip")
    with contextlib.closing(Store.open(new_url("postgresql"))) as target:
        backup.restore(target, tmp_path / "a.zip")
        assert target.blobs.folder != service.store.blobs.folder
        backup.backup(target, tmp_path / "b.zip")
    service.close()


def test_a_database_of_another_encoding_is_refused(postgresql):
    import psycopg

    from leaderboard.store.database import Store

    with psycopg.connect(
        postgresql.format("postgres").replace("+psycopg", ""), autocommit=True
    ) as link:
        link.execute("CREATE DATABASE latin ENCODING LATIN1 TEMPLATE template0")
    with pytest.raises(DGBenchError, match=r"encoding LATIN1.*ENCODING 'UTF8'"):
        Store.open(postgresql.format("latin"))


def test_two_servers_on_one_database_agree_under_eight_submitters(spellings, tmp_path):
    """Every bundle is kept once, although both servers get it, and both rank all of them alike."""
    from leaderboard.records import OPERATOR, Query

    servers = [opened(address) for address in spellings]
    secret = servers[0].issue_token("ada", ["submitter"], OPERATOR, daily_quota=None).secret
    headers = {"Authorization": f"Bearer {secret}", **BUNDLE}
    bundles = [bundle(f"m{number}", level=0.3 + number / 50) for number in range(12)]
    with (
        in_thread(asgi(servers[0], allowed=("127.0.0.1",))) as first,
        in_thread(asgi(servers[1], allowed=("127.0.0.1",))) as second,
        ThreadPoolExecutor(8) as submitters,
    ):

        def submit(request):
            address, data = request
            path = f"{address}/api/v1/submissions"
            return httpx.post(path, content=data, headers=headers, timeout=60).status_code

        requests = itertools.product((first, second), bundles)
        statuses = list(submitters.map(submit, sorted(requests, key=lambda pair: pair[1])))
        boards = [
            httpx.get(f"{address}/api/v1/leaderboard?benchmark=mnist-color@1").json()
            for address in (first, second)
        ]
    assert sorted(statuses) == [200] * 12 + [201] * 12
    assert boards[0] == boards[1]
    alone = opened(str(tmp_path / "alone"))
    for data in bundles:
        alone.receive(data, OPERATOR)
    expected = [(row.method, row.rank) for row in alone.rows(Query(benchmark="mnist-color@1"))]
    assert [(row["method"], row["rank"]) for row in boards[0]["rows"]] == expected
    alone.close()
    assert [event.action for event in servers[1].events()].count("received") == 12
    for server in servers:
        assert server.audit().problems == ()
        server.close()
