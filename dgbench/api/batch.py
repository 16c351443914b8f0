"""The view of a training step that a method gets: what it declared, and nothing more."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from data_gen.foundation.errors import DGBenchError


class UndeclaredError(DGBenchError):
    """A method asked for information that its `uses` does not declare."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """This device's share of one batch of training images.

    `environments`, `pattern_labels` and `unlabelled` raise UndeclaredError unless the method's
    `uses` names `environments`, `pattern_labels` or `unlabelled_ood`.
    """

    images: Float[Tensor, "b c h w"]
    """In [0, 1]."""
    labels: Int[Tensor, " b"]
    """In 0 ... n_classes - 1."""
    index: Int[Tensor, " b"]
    """Row of each image in the training set, the same in every batch."""
    step: int
    """Number of batches that came before."""
    seed: int
    """Seed of the run."""
    extras: Mapping[str, Any]
    """What `uses` declares. Read it by the properties below."""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def environments(self) -> Int[Tensor, " b"]:
        """The training environment of each image, as an index into `task.environments`."""
        return self._extra("environments")

    @property
    def pattern_labels(self) -> Mapping[str, Int[Tensor, " b"]]:
        """By the pattern's name, the value that it shows in each image."""
        return self._extra("pattern_labels")

    @property
    def unlabelled(self) -> Float[Tensor, "b c h w"]:
        """As many unlabelled images, in which nothing correlates with anything."""
        return self._extra("unlabelled_ood")

    def with_images(self, images: Float[Tensor, "b c h w"]) -> "Batch":
        """Replace the images and keep everything else."""
        return replace(self, images=images)

    def uniform(self, name: str, size: int = 1) -> Float[Tensor, "b size"]:
        """Draw random numbers in [0, 1), keyed by run, step, image and `name`.

        An image draws the same numbers at any place in the batch and on any device, so the result
        of an augmentation does not depend on the number of devices.
        """
        key = _hash_text(name, self.seed)
        rows = _mix(self.index + _signed(_GAMMA * (self.step + 1) + key))
        columns = torch.arange(1, size + 1, device=rows.device) * _signed(_GAMMA)
        words = _mix(rows[:, None] ^ _mix(columns)[None, :])
        # 24 bits are all that a float32 in [0, 1) holds evenly.
        return ((words >> 40) & 0xFFFFFF).to(self.images.dtype) * 2.0**-24

    def _extra(self, name: str) -> Any:
        if name not in self.extras:
            raise UndeclaredError(
                f"The method asked for {name!r} and does not declare it. Add it to the class: "
                f'uses = frozenset({{"{name}"}}).'
            )
        return self.extras[name]


_GAMMA = 0x9E3779B97F4A7C15
_WORD = 2**64


def _signed(word: int) -> int:
    """Convert a 64-bit word to the int64 with the same bits."""
    word %= _WORD
    return word - _WORD if word >= _WORD // 2 else word


def _hash_text(text: str, seed: int) -> int:
    """Hash the text by FNV-1a, from a start that depends on the seed."""
    word = 0xCBF29CE484222325 ^ (seed * _GAMMA) % _WORD
    for byte in text.encode():
        word = (word ^ byte) * 0x100000001B3 % _WORD
    return word


def _mix(words: Int[Tensor, "*n"]) -> Int[Tensor, "*n"]:
    """Apply the finaliser of SplitMix64 (Steele, Lea and Flood 2014). int64 wraps as words do."""
    words = (words ^ _logical_shift(words, 30)) * _signed(0xBF58476D1CE4E5B9)
    words = (words ^ _logical_shift(words, 27)) * _signed(0x94D049BB133111EB)
    return words ^ _logical_shift(words, 31)


def _logical_shift(words: Int[Tensor, "*n"], bits: int) -> Int[Tensor, "*n"]:
    return (words >> bits) & ((1 << (64 - bits)) - 1)
