"""The one way from the command line to the rooms that import torch."""

import importlib
from typing import Any

from data_gen.foundation.errors import DGBenchError


def load(module: str) -> Any:
    """Import a module that needs the extra `train`; a missing package is named with the cure."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing not in ("torch", "torchvision", "lightning", "matplotlib"):
            raise
        raise DGBenchError(
            f"Training needs the package {missing!r}. Install it with: pip install 'dgbench[train]'"
        ) from error
