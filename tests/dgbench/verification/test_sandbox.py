"""The sandbox keeps a foreign method from harming the verifier's machine."""

import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from data_gen.foundation.errors import DGBenchError
from dgbench.verification import isolation
from dgbench.verification.isolation import Bare, Bubblewrap, Unshare
from dgbench.verification.limits import GIB, Limits
from dgbench.verification.sandbox import Sandbox

ENGINES = [Bubblewrap(), Unshare(), Bare()]


def works(engine):
    """Whether this machine lets the engine start anything."""
    if not engine.program:
        return True
    if shutil.which(engine.program) is None:
        return False
    command = engine.wrap(["/bin/true"], folder=Path("/tmp"), readable=[], devices=False)  # noqa: S108
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(
    params=[
        pytest.param(engine, id=engine.program or "bare", marks=[pytest.mark.slow][:number])
        for number, engine in enumerate(ENGINES)
    ]
)
def sandbox(request, monkeypatch):
    engine = request.param
    if not works(engine):
        pytest.skip(f"{engine.program} is not installed or not allowed on this machine")
    monkeypatch.setattr(isolation, "ISOLATIONS", (engine, Bare()))
    limits = Limits(
        wall_seconds=20,
        memory=GIB // 2,
        address_space=2 * GIB,
        file_size=2**20,
        disk=4 * 2**20,
        open_files=64,
        processes=12,
    )
    with Sandbox(limits) as running:
        yield running


def run(sandbox, code):
    return sandbox.python("-c", textwrap.dedent(code))


def is_enforced(sandbox, name):
    (measure,) = (candidate for candidate in sandbox.measures() if candidate.name == name)
    return measure.enforced


def test_the_strictest_working_engine_is_used(monkeypatch):
    best = next(engine for engine in ENGINES if works(engine))
    with Sandbox(Limits()) as sandbox:
        assert is_enforced(sandbox, "files") == (best.program == "bwrap")
        assert is_enforced(sandbox, "network") == (best.program != "")
    monkeypatch.setenv("PATH", "/nonexistent")
    with Sandbox(Limits()) as sandbox:
        assert not is_enforced(sandbox, "network")
        assert not is_enforced(sandbox, "files")


def test_a_harmless_command_works(sandbox):
    done = run(sandbox, "open('result', 'w').write('42'); print('done')")
    assert (done.code, done.stopped) == (0, "")
    assert done.tail == "done\n"
    assert sandbox.read(sandbox.folder / "result", most=10) == b"42"


def test_no_socket_leaves_the_sandbox(sandbox):
    # A listener of this machine: reachable unless the process has a network of its own.
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = run(sandbox, f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)")
    assert (done.code != 0) == is_enforced(sandbox, "network")


def test_nothing_is_written_outside(sandbox, tmp_path):
    target = tmp_path / "evil"
    done = run(sandbox, f"open({str(target)!r}, 'w').write('x')")
    if is_enforced(sandbox, "files"):
        assert done.code != 0
        assert not target.exists()
    here = Path(__file__).parent / "evil"
    try:
        run(sandbox, f"open({str(here)!r}, 'w').write('x')")
        assert here.exists() != is_enforced(sandbox, "files")
    finally:
        here.unlink(missing_ok=True)


def test_secrets_cannot_be_read(sandbox, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("key")
    done = run(sandbox, f"import pathlib; print(pathlib.Path({str(secret)!r}).exists())")
    assert done.tail == ("False\n" if is_enforced(sandbox, "files") else "True\n")


def test_the_environment_is_empty(monkeypatch):
    monkeypatch.setenv("DGBENCH_TOKEN", "secret")
    with Sandbox(Limits()) as sandbox:
        done = run(sandbox, "import os; print('DGBENCH_TOKEN' in os.environ, os.environ['HOME'])")
        assert done.tail == f"False {sandbox.folder / 'home'}\n"


def test_memory_is_limited(sandbox):
    at_once = run(sandbox, "bytearray(4 * 2**30)")
    assert at_once.code != 0
    assert "MemoryError" in at_once.tail
    slowly = run(
        sandbox,
        """
        import time
        kept = []
        while True:
            kept.append(b"x" * 2**26)
            time.sleep(0.1)
    """,
    )
    assert slowly.stopped == "it took over 512 MiB of memory"


def test_files_are_limited(sandbox):
    done = run(sandbox, "open('big', 'wb').write(bytes(2**24))")
    assert done.code != 0
    many = run(
        sandbox,
        """
        import time
        for number in range(1000):
            open(f'file{number}', 'wb').write(b'x' * 2**19)
            time.sleep(0.05)
    """,
    )
    assert many.stopped == "it wrote over 4 MiB"
    for file in sandbox.folder.glob("file*"):
        file.unlink()
    handles = run(sandbox, "kept = [open('f', 'w') for _ in range(200)]")
    assert "Too many open files" in handles.tail


def test_time_is_limited_and_nothing_stays_behind(sandbox):
    object.__setattr__(sandbox.limits, "wall_seconds", 2.0)
    marker = f"marker-{os.getpid()}-{time.time_ns()}"
    code = f"""
        import subprocess, sys, time
        subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {marker!r}],
                         start_new_session=True)
        time.sleep(60)
    """
    done = run(sandbox, code)
    assert done.stopped == "it took over 2 s"
    left = [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if marker in (process.info["cmdline"] or ()) and process.status() != psutil.STATUS_ZOMBIE
    ]
    assert left == []


def test_processes_are_limited(sandbox):
    done = run(
        sandbox,
        """
        import subprocess, sys, time
        kept = [subprocess.Popen(['/bin/sleep', '30']) for _ in range(20)]
        time.sleep(30)
    """,
    )
    assert done.stopped == "it started over 12 processes"


def test_links_and_large_files_are_not_read(sandbox, tmp_path):
    (tmp_path / "secret").write_text("key")
    (sandbox.folder / "link").symlink_to(tmp_path / "secret")
    (sandbox.folder / "near").symlink_to(sandbox.folder / "home")
    (sandbox.folder / "large").write_bytes(bytes(100))
    os.mkfifo(sandbox.folder / "pipe")
    for name in ("link", "near", "pipe", "home"):
        with pytest.raises(DGBenchError, match="something else than a file"):
            sandbox.read(sandbox.folder / name, most=1000)
    with pytest.raises(DGBenchError, match="of over 10 bytes"):
        sandbox.read(sandbox.folder / "large", most=10)
    with pytest.raises(DGBenchError, match="left no 'none' that can be read"):
        sandbox.read(sandbox.folder / "none", most=10)


def test_the_output_holds_no_escape_codes(sandbox):
    done = run(sandbox, r"print('\x1b[31mred\x07 \u202e')")
    assert done.tail.isascii()
    assert "\x1b" not in done.tail


def test_the_limits_stay_when_the_command_is_python(sandbox):
    done = sandbox.run(
        [sys.executable, "-c", "import resource as r; print(r.getrlimit(r.RLIMIT_CORE))"]
    )
    assert done.tail == "(0, 0)\n"
