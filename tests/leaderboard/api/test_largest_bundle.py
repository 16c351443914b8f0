"""A bundle of exactly the largest size passes every gate, and one byte more passes none."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.dgbench.submission.making import good_members
from tests.leaderboard.api.servers import asgi

FOOTER_LENGTH = 8
"""Bytes at the end of a Parquet file: the footer's length and the magic number."""


def bundle_of_size(n_bytes):
    """A good bundle, with as many unused bytes between the pages and the footer as it takes."""
    from dgbench.submission.format.archive import write_archive
    from dgbench.submission.format.members import PREDICTIONS

    members = good_members()
    table = members[PREDICTIONS]
    padding = bytes(n_bytes - len(write_archive(members)))
    start = len(table) - FOOTER_LENGTH - int.from_bytes(table[-8:-4], "little")
    padded = write_archive({**members, PREDICTIONS: table[:start] + padding + table[start:]})
    assert len(padded) == n_bytes
    return padded


@pytest.fixture(scope="module")
def largest():
    """A bundle that may be no larger."""
    from dgbench.submission.format.members import MAX_BUNDLE_BYTES

    assert MAX_BUNDLE_BYTES == 64 * 1024 * 1024
    return bundle_of_size(MAX_BUNDLE_BYTES)


@pytest.fixture
def post(tmp_path):
    """A function that sends bytes through the server's guard and the API to the real scorer."""
    from starlette.testclient import TestClient

    from leaderboard.records import OPERATOR
    from leaderboard.server import MAX_BODY_BYTES
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    service = Service(Store.open(str(tmp_path / "store")))
    token = service.issue_token("ada", ["submitter"], OPERATOR).secret
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    app = asgi(service, max_body_bytes=MAX_BODY_BYTES)
    with TestClient(app, base_url="http://localhost") as client:
        yield lambda data: client.post("/api/v1/submissions", content=data, headers=headers)
    service.close()


def validated(data, folder):
    """The result of `dgbench validate` for a bundle."""
    from dgbench.cli.main import app

    file = Path(folder) / "mine.dgsub"
    file.write_bytes(data)
    return CliRunner().invoke(app, ["validate", str(file)])


def test_the_largest_bundle_is_accepted_by_the_server_and_by_validate(largest, post, tmp_path):
    answer = post(largest)
    assert answer.status_code == 201, answer.text
    told = validated(largest, tmp_path)
    assert told.exit_code == 0, told.output


def test_one_byte_more_is_refused_by_the_server_and_by_validate(post, tmp_path):
    from dgbench.submission.format.members import MAX_BUNDLE_BYTES
    from dgbench.submission.format.rejection import RejectedError

    too_large = bundle_of_size(MAX_BUNDLE_BYTES + 1)
    answer = post(too_large)
    assert answer.status_code == 413
    assert answer.json()["detail"] == f"The body has more than {MAX_BUNDLE_BYTES:,} bytes."
    told = validated(too_large, tmp_path)
    assert isinstance(told.exception, RejectedError)
    assert "A bundle has at most 64 MiB." in str(told.exception)


def test_the_page_has_the_upload_limit_of_the_api():
    from dgbench.submission.format.members import MAX_BUNDLE_BYTES
    from leaderboard.server import MAX_BODY_BYTES, ServerOptions, streamlit_options

    largest_upload = streamlit_options(ServerOptions())["server.maxUploadSize"] * 1024 * 1024
    assert largest_upload == MAX_BUNDLE_BYTES
    # Streamlit lets a form take a mebibyte beside the file.
    assert largest_upload + 1024 * 1024 <= MAX_BODY_BYTES


def test_the_handbook_names_the_enforced_size():
    from dgbench.submission.format.members import MAX_BUNDLE_BYTES, MIB

    docs = Path(__file__).parents[3] / "docs"
    size = f"{MAX_BUNDLE_BYTES // MIB} MiB"
    assert f"| a bundle | {size}," in (docs / "host-a-leaderboard.md").read_text()
    assert f"a plain zip of at most {size}" in (docs / "submissions.md").read_text()
