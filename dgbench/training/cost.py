"""What a run takes: time, memory, operations, energy."""

import logging
import os
import platform
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psutil
import torch
from lightning.pytorch import LightningModule
from torch.utils.flop_counter import FlopCounterMode

from dgbench.results.record import Energy, Hardware

COUNTRY_VARIABLE = "DGBENCH_COUNTRY"
"""Environment variable with the ISO 3166-1 alpha-3 code of the country whose grid is used."""


class Stopwatch:
    """Seconds spent on each of several things."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Count the time of a block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self.seconds[what] = self.seconds.get(what, 0.0) + spent


class EnergyMeter:
    """codecarbon in its offline mode; its look at the hardware goes on while data are loaded."""

    def __init__(self) -> None:
        self._tracker: Any = None
        self._country = os.environ.get(COUNTRY_VARIABLE)
        self._thread = threading.Thread(target=self._prepare, daemon=True)
        self._thread.start()

    def _prepare(self) -> None:
        try:
            from codecarbon import OfflineEmissionsTracker
        except ImportError:
            return
        # Its own log level applies only after its first messages.
        logging.getLogger("codecarbon").setLevel(logging.CRITICAL)
        tracker = OfflineEmissionsTracker(
            # A country is demanded; without one from the user its carbon intensity is not used.
            country_iso_code=self._country or "USA",
            output_methods=[],
            log_level="critical",
            measure_power_secs=5,
            allow_multiple_runs=True,
        )
        try:
            tracker.start_task("look at the hardware")
            tracker.stop_task("look at the hardware")
        except AttributeError:
            # codecarbon swallows what goes wrong as it is made; then there is no measurement, and
            # the record says so.
            return
        self._tracker = tracker

    @contextmanager
    def measure(self, into: list[Energy]) -> Iterator[None]:
        """Append the energy of a block to a list, if codecarbon is there."""
        self._thread.join()
        if self._tracker is None:
            yield
            return
        self._tracker.start_task("run")
        try:
            yield
        finally:
            found = self._tracker.stop_task("run")
            into.append(
                Energy(
                    kwh=max(0.0, float(found.energy_consumed)),
                    method="estimated" if _is_estimated(self._tracker) else "measured",
                    country=self._country,
                    co2_kg=max(0.0, float(found.emissions)) if self._country else None,
                )
            )


def _is_estimated(tracker: Any) -> bool:
    """Whether the processor's power is taken from its load instead of from counters."""
    modes = [getattr(part, "_mode", None) for part in getattr(tracker, "_hardware", [])]
    return any(mode in ("cpu_load", "constant", None) for mode in modes)


def flops_per_image(module: LightningModule, image_shape: tuple[int, int, int]) -> int | None:
    """Floating-point operations of one forward pass; None where an operation cannot be counted."""
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            module(torch.zeros(1, *image_shape, device=module.device))
        return int(counter.get_total_flops())
    except (RuntimeError, NotImplementedError):
        return None
    finally:
        module.train(was_training)


def peak_memory() -> int:
    """The most memory that this process has had, in bytes."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def hardware(device: torch.device, *, n_devices: int, strategy: str) -> Hardware:
    """What this process runs on."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else _processor()
    return Hardware(
        accelerator=device.type,
        device=name,
        n_devices=n_devices,
        strategy=strategy,
        cpu_cores=os.cpu_count() or 0,
        cpu_threads=torch.get_num_threads(),
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as stream:  # noqa: PTH123
            for line in stream:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def packages() -> dict[str, str]:
    """Versions of what decides a result."""
    found = {"python": platform.python_version()}
    for name in ("dgbench", "torch", "torchvision", "lightning", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
