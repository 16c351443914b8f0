"""Weights on disk: the checkpoint to go on from, and the final ones that were evaluated."""

from pathlib import Path

import torch
from lightning.pytorch import LightningModule

from data_gen.foundation.files import draft_of

FINAL = Path("checkpoints", "final.pt")
"""The weights that were evaluated."""


def steps_in(checkpoint: Path) -> int:
    """The number of steps that a checkpoint of Lightning has behind it."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return int(state["loops"]["fit_loop"]["epoch_loop.batch_progress"]["current"]["ready"])


def load_weights(module: LightningModule, path: Path) -> None:
    """Set the weights; nothing in the file is run."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    module.load_state_dict(state["state_dict"])
    module.on_load_checkpoint(state)


def save_weights(module: LightningModule, path: Path) -> None:
    """Write the weights whole or not at all."""
    state: dict[str, object] = {"state_dict": module.state_dict()}
    module.on_save_checkpoint(state)
    with draft_of(path, is_durable=False) as draft:
        torch.save(state, draft)
