"""The energy that a run consumes, by codecarbon where that is installed."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from data_gen.foundation.errors import UsageError
from dgbench.results.record import Energy

COUNTRY_VARIABLE = "DGBENCH_COUNTRY"
"""Environment variable with the ISO 3166-1 alpha-3 code of the country whose grid is used."""


def country_of_the_grid() -> str | None:
    """The country that the user names. One without a carbon intensity raises UsageError.

    codecarbon would take the mean of the world for it, without a word.
    """
    given = os.environ.get(COUNTRY_VARIABLE, "").strip()
    if not given:
        return None
    try:
        from codecarbon.input import DataSource
    except ImportError:
        return given.upper()
    # codecarbon has no types.
    known_countries = DataSource().get_global_energy_mix_data()  # type: ignore[no-untyped-call]
    if given.upper() not in known_countries:
        raise UsageError(
            f"{COUNTRY_VARIABLE} is {given!r}, of which codecarbon knows no carbon intensity. Give "
            "the three letters of ISO 3166-1, such as DEU, or unset it."
        )
    return given.upper()


class EnergyMeter:
    """Runs codecarbon offline, whose look at the hardware goes on while data are loaded.

    Whatever fails in it leaves a run without a measurement, and the reason in `problem`.
    """

    def __init__(self) -> None:
        self.latest: Energy | None = None
        """Consumption of the last measured block, or None if codecarbon cannot measure here."""
        self.problem = ""
        """Why the measurement failed. Empty if it did not, or without codecarbon."""
        self._tracker: Any = None
        self._country = country_of_the_grid()
        self._thread = threading.Thread(target=self._tried, args=(self._prepare,), daemon=True)
        self._thread.start()

    def _tried(self, work: Callable[[], object]) -> Any:
        """Take a step of the measurement. If it fails, return None and keep the `problem`."""
        try:
            return work()
        except Exception as error:  # codecarbon asks the system and the cluster in many ways
            text = " ".join(str(error).split())[:200]
            self.problem = f"codecarbon: {type(error).__name__}: {text}".rstrip(": ")
            self._tracker = None
            return None

    def _prepare(self) -> None:
        try:
            from codecarbon import OfflineEmissionsTracker
        except ImportError:
            return
        # Its own log level applies only after its first messages.
        logging.getLogger("codecarbon").setLevel(logging.CRITICAL)
        tracker = OfflineEmissionsTracker(
            # A country is required. Unless the user named one, its carbon intensity is not used.
            country_iso_code=self._country or "USA",
            output_methods=[],
            log_level="critical",
            measure_power_secs=5,
            allow_multiple_runs=True,
        )
        # Raises AttributeError if codecarbon has swallowed an error of its own construction.
        tracker.start_task("look at the hardware")
        tracker.stop_task("look at the hardware")
        self._tracker = tracker

    @contextmanager
    def measure(self) -> Iterator[None]:
        """Measure a block, after which `latest` holds the result."""
        self.latest = None
        self._thread.join()
        tracker = self._tracker
        if tracker is not None:
            self._tried(lambda: tracker.start_task("run"))
        try:
            yield
        finally:
            if self._tracker is not None:
                self.latest = self._tried(lambda: self._energy(tracker.stop_task("run")))

    def _energy(self, emissions: Any) -> Energy:
        return Energy(
            kwh=max(0.0, float(emissions.energy_consumed)),
            # codecarbon derives the memory's power from its size on every machine, so that no
            # total is measured throughout.
            method="estimated",
            country=self._country,
            co2_kg=max(0.0, float(emissions.emissions)) if self._country else None,
        )
