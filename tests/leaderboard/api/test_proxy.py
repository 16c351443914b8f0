"""The server behind a real nginx that speaks TLS, with the configuration that the docs show."""

import contextlib
import datetime
import os
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.leaderboard.api.servers import running

ROOT = Path(__file__).parents[3]
NAME = "dg.example.org"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    """A client through nginx, and the port at which it listens."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        if "CI" in os.environ:
            pytest.fail("nginx is not installed; .ci/run installs it.")
        pytest.skip("nginx is not installed.")
    folder = tmp_path_factory.mktemp("proxy")
    settings = {"base_path": "leaderboard", "proxies": ("127.0.0.1",), "hosts": (NAME,)}
    with (
        running(folder, **settings) as (url, _),
        nginx(program, folder, server_port=httpx.URL(url).port) as port,
    ):
        yield port


@contextlib.contextmanager
def nginx(program, folder, *, server_port):
    plain, secure = free_ports(2)
    make_certificate(folder)
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for old, new in {
        "listen 80;": f"listen {plain};",
        "listen 443 ssl;": f"listen {secure} ssl;",
        "/etc/ssl/dg.example.org": str(folder),
        "127.0.0.1:8501": f"127.0.0.1:{server_port}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(
        f"daemon off;\n{'user root;' if os.geteuid() == 0 else ''}\npid {folder}/pid;\n"
        f"error_log {folder}/error.log;\nevents {{}}\nhttp {{\n{temporary}\n"
        f"access_log off;\ninclude {folder}/site.conf;\n}}\n"
    )
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        wait_for_port(secure, process)
        yield secure
    finally:
        process.terminate()
        process.wait(timeout=10)


def free_ports(n):
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(n)]
        return [listener.getsockname()[1] for listener in taken]


def wait_for_port(port, process):
    for _ in range(100):
        assert process.poll() is None, "nginx ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
    raise AssertionError("nginx does not listen")


def make_certificate(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture
def client(proxied, tmp_path_factory):
    folder = next(tmp_path_factory.getbasetemp().glob("proxy*"))
    trust = ssl.create_default_context(cafile=folder / "fullchain.pem")
    with httpx.Client(
        base_url=f"https://127.0.0.1:{proxied}", verify=trust, headers={"Host": NAME}
    ) as http:
        yield Asker(http)


class Asker:
    """Asks 127.0.0.1 under the site's name, as if the name were known here."""

    def __init__(self, client):
        self._client = client

    def __call__(self, method, path, **options):
        return self._client.request(method, path, extensions={"sni_hostname": NAME}, **options)


def test_page_and_api_answer_under_the_path(client):
    assert (
        '<div id="root">'
        in client(
            "GET", "/leaderboard/rules?benchmark=mnist-color@1&track=standard&selection=fixed"
        ).text
    )
    ready = client("GET", "/leaderboard/api/v1/ready")
    assert ready.json()["n_submissions"] == 0
    assert "max-age" in ready.headers["strict-transport-security"]
    assert "frame-ancestors 'none'" in ready.headers["content-security-policy"]
    assert client("GET", "/leaderboard").headers["location"].endswith("/leaderboard/")
    assert client("GET", "/elsewhere").status_code == 404


def test_nginx_and_server_give_a_request_the_same_id(client):
    assert re.fullmatch(
        "[0-9a-f]{32}", client("GET", "/leaderboard/api/v1/health").headers["x-request-id"]
    )


def test_a_bundle_over_the_limit_is_refused(client):
    answer = client("POST", "/leaderboard/api/v1/submissions", content=b"x" * 70_000_000)
    assert answer.status_code == 413


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed.")
def test_a_browser_draws_the_page_and_reruns_it(proxied):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", f"--host-resolver-rules=MAP {NAME} 127.0.0.1"],
        )
        context = browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        told = []
        page.on("console", lambda message: told.append(message.text))
        page.goto(f"https://{NAME}:{proxied}/leaderboard/")
        page.get_by_role("heading", name="A page").wait_for(timeout=30_000)
        page.get_by_label("Search").fill("spectral")
        page.get_by_label("Search").press("Enter")
        page.get_by_text("You look for spectral").wait_for(timeout=30_000)
        page.locator("input[type=file]").set_input_files(
            {"name": "a.dgsub", "mimeType": "application/zip", "buffer": b"x" * 2_000_000}
        )
        page.get_by_text("2000000 bytes").wait_for(timeout=30_000)
        assert all(cookie["secure"] for cookie in context.cookies())
        assert any(cookie["name"] == "_streamlit_xsrf" for cookie in context.cookies())
        browser.close()
    assert told == []
