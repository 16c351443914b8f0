"""Settings for every test."""

import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing.context import BaseContext

import pytest

import tests.shape_checker  # noqa: F401  (jaxtyping takes it from the package)

# Several threads on a busy machine wait for each other far longer than they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def _store_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep commands that name no store away from the store of the user who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DGBENCH_STORE", str(tmp_path_factory.mktemp("store")))
        yield


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> BaseContext:
    """Fork the processes that would be spawned from one that has imported what takes seconds.

    They are processes like any other, and import our own code themselves. The tests of the command
    line let it spawn. What is returned starts processes of a test's own.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["alembic.config", "lightning.pytorch", "scipy.stats", "sqlalchemy.orm", "torchvision"]
    )
    monkeypatch.setattr(multiprocessing, "get_context", lambda _method: context)
    return context
