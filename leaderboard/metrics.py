"""Figures for Prometheus, at a port of their own that only this machine reaches."""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from data_gen.foundation.errors import DGBenchError
from leaderboard.logs import LOGGER, Fact, facts_of
from leaderboard.service import Service
from leaderboard.store.failures import StoreUnavailableError

_ADDRESS = "127.0.0.1"
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)


class Metrics(logging.Handler):
    """Counts what the log tells, and asks the store for the rest when it is asked itself."""

    def __init__(self, service: Service) -> None:
        super().__init__(logging.DEBUG)
        self.registry = CollectorRegistry()
        counter = partial(Counter, namespace="dgbench", registry=self.registry)
        timer = partial(Histogram, namespace="dgbench", registry=self.registry, buckets=_SECONDS)
        self._requests = counter("requests", "Requests.", ["area", "method", "status"])
        self._seconds = timer("request_seconds", "Time until the whole answer.", ["area"])
        self._submissions = counter("submissions", "Bundles, by what became of them.", ["result"])
        self._scoring = timer("scoring_seconds", "Time to score a bundle.")
        self._changes = counter("changes", "Entries of the audit log.", ["action"])
        self._outages = counter("log_lines", "Warnings and errors of the log.", ["level"])
        self._counted: dict[str, Callable[[dict[str, Fact]], None]] = {
            "request": self._request,
            "scored": lambda facts: self._scoring.observe(_seconds(facts)),
            "received": lambda _: self._submission("received"),
            "refused": lambda facts: self._submission(str(facts.get("code"))),
        }
        self.registry.register(_StoreFigures(service))

    @override
    def emit(self, record: logging.LogRecord) -> None:
        facts = facts_of(record)
        name = record.getMessage()
        if name in self._counted:
            self._counted[name](facts)
        if "subject" in facts:
            self._changes.labels(name).inc()
        if record.levelno >= logging.WARNING:
            self._outages.labels(record.levelname.lower()).inc()

    def serve(self, port: int) -> int:
        """Begin to count and to answer Prometheus. Return the port, which is free if 0 is given."""
        try:
            server, _ = start_http_server(port, addr=_ADDRESS, registry=self.registry)
        except OSError as error:
            raise DGBenchError(
                f"Cannot listen on port {port} of {_ADDRESS} for metrics: {error.strerror}. "
                "Choose another with --metrics-port."
            ) from error
        LOGGER.addHandler(self)
        return int(server.server_port)

    def _submission(self, result: str) -> None:
        self._submissions.labels(result).inc()

    def _request(self, facts: dict[str, Fact]) -> None:
        area, method = str(facts["area"]), str(facts["method"])
        # A stranger may invent methods, and each would be counted for ever.
        method = method if method in _METHODS else "other"
        self._requests.labels(area, method, str(facts["status"])).inc()
        self._seconds.labels(area).observe(_seconds(facts))


class _StoreFigures(Collector):
    """The store's state at the time of the question."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @override
    def collect(self) -> Iterable[Metric]:
        yield _gauge("scoring_waiting", "Bundles that wait for a free scorer.", self._waiting())
        try:
            status = self._service.status()
            n_bytes = self._service.n_bundle_bytes()
        except StoreUnavailableError:
            yield _gauge("store_up", "Whether the database answers.", 0)
            return
        yield _gauge("store_up", "Whether the database answers.", 1)
        yield _gauge("store_submissions", "Submissions, of all states.", status.n_submissions)
        yield _gauge("store_open_flags", "Flags that nobody has cleared.", status.n_flags)
        yield _gauge("store_bundle_bytes", "Bytes of all bundles.", n_bytes)
        yield _gauge(
            "store_free_bytes", "Free bytes beside them.", self._service.store.blobs.n_free_bytes()
        )
        if status.last_backup_at is not None:
            age = datetime.now(UTC) - datetime.fromisoformat(status.last_backup_at)
            yield _gauge("backup_age_seconds", "Age of the newest backup.", age.total_seconds())

    def _waiting(self) -> int:
        return self._service.n_waiting()


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"dgbench_{name}", text, value=value)


def _seconds(facts: dict[str, Fact]) -> float:
    return float(facts["milliseconds"] or 0) / 1000
