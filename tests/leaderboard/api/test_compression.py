"""The page's files come compressed, and nothing that a secret may stand in does."""

import gzip

import pytest

SCRIPT = "const x = 1;\n" * 500


@pytest.fixture(params=["/", "/base/"])
def client(request):
    """A client of an app with files and an answer that holds a secret."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.responses import Response
    from starlette.routing import Route
    from starlette.testclient import TestClient

    from leaderboard.api.compression import CompressedAssets

    root = request.param
    asked = []

    def file(media_type, content=SCRIPT, **headers):
        def answer(incoming):
            asked.append(incoming.url.path)
            tag = incoming.query_params.get("tag", '"one"')
            return Response(content, media_type=media_type, headers={"etag": tag, **headers})

        return answer

    app = Starlette(
        routes=[
            Route(f"{root}static/a.js", file("text/javascript")),
            Route(f"{root}static/small.js", file("text/javascript", "1")),
            Route(f"{root}static/a.woff2", file("font/woff2")),
            Route(f"{root}static/b.js", file("text/javascript", **{"content-encoding": "br"})),
            Route(f"{root}api/v1/tokens", file("application/json")),
            Route(root, file("text/html")),
        ],
        middleware=[Middleware(CompressedAssets, root=root)],
    )
    with TestClient(app, base_url=f"http://localhost{root}") as client:
        yield client


def test_a_script_is_compressed_for_who_understands_it(client, monkeypatch):
    packed = client.get("static/a.js")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == SCRIPT
    assert int(packed.headers["content-length"]) < len(SCRIPT) / 10
    assert packed.headers["etag"] == 'W/"one"'
    plain = client.get("static/a.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == SCRIPT.encode()
    assert plain.headers["etag"] == '"one"'
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    # It is compressed once, and anew when the file has another tag.
    monkeypatch.setattr(gzip, "compress", lambda *_, **__: pytest.fail("compressed again"))
    assert client.get("static/a.js").text == SCRIPT
    monkeypatch.undo()
    assert client.get("static/a.js", params={"tag": '"two"'}).headers["etag"] == 'W/"two"'


@pytest.mark.parametrize("path", ["", "api/v1/tokens", "static/a.woff2", "static/small.js"])
def test_nothing_else_is_compressed(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_a_file_that_is_compressed_already_stays_as_it_is(client):
    with client.stream("GET", "static/b.js") as answer:
        assert answer.headers["content-encoding"] == "br"


def test_a_part_of_a_file_stays_as_it_is(client):
    answer = client.get("static/a.js", headers={"range": "bytes=0-10"})
    assert "content-encoding" not in answer.headers


def test_the_files_that_are_kept_have_a_limit(monkeypatch):
    from leaderboard.api import compression

    size = len(gzip.compress(SCRIPT.encode(), 9))
    monkeypatch.setattr(compression, "_MOST_KEPT_BYTES", 2 * size)
    kept = compression._Kept()
    for number in range(3):
        kept.put(f"{number}.js", "tag", b"x" * size)
    assert [kept.get(f"{number}.js", "tag") is None for number in range(3)] == [True, False, False]
