"""The machine and the packages that a run uses, as its record names them."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
import torch

from dgbench.results.record import Hardware

PACKAGES = ("dgbench", "torch", "torchvision", "lightning", "numpy")
"""Packages whose version can change a result."""


def hardware(device: torch.device, *, n_devices: int, strategy: str) -> Hardware:
    """The hardware of this process."""
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
        with Path("/proc/cpuinfo").open(encoding="utf-8") as stream:
            for line in stream:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def packages() -> dict[str, str]:
    """Versions of Python and of the packages that can change a result."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def peak_memory() -> int:
    """The most memory that this process has used, in bytes."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
