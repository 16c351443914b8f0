"""Weights on disk: the checkpoint from which a run resumes, and the final weights."""

from pathlib import Path

import torch
from lightning.pytorch import LightningModule

from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import draft_of

FINAL = Path("checkpoints", "final.pt")
"""The weights that were evaluated."""
STEPS_DONE = "dgbench_steps_done"
"""Key of a checkpoint under which the training writes how many steps are done."""


def steps_in(checkpoint: Path) -> int:
    """The number of steps that were done when a checkpoint was written."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    if STEPS_DONE not in state:
        raise DGBenchError(
            f"{str(checkpoint)!r} does not say how many steps are done; an earlier version of "
            "dgbench wrote it. --force starts the run anew."
        )
    return int(state[STEPS_DONE])


def load_weights(module: LightningModule, path: Path) -> None:
    """Set a module's weights from a file, without running anything that the file contains."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    module.load_state_dict(state["state_dict"])
    module.on_load_checkpoint(state)


def save_weights(module: LightningModule, path: Path) -> None:
    """Write the weights whole or not at all."""
    state: dict[str, object] = {"state_dict": module.state_dict()}
    module.on_save_checkpoint(state)
    with draft_of(path, is_durable=False) as draft:
        torch.save(state, draft)
