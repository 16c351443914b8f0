"""What a method sees in one training step: what it declared, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from data_gen.foundation.errors import DGBenchError


class UndeclaredError(DGBenchError):
    """A method asked for information that it does not declare in `uses`."""


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
    """Row of each image in the training set, the same whenever the image is met."""
    step: int
    """Number of batches that came before."""
    seed: int
    """Seed of the run."""
    extras: Mapping[str, Any]
    """What was declared in `uses`; read it by the properties below."""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def environments(self) -> Int[Tensor, " b"]:
        """The training environment of each image, as an index into `task.environments`."""
        return self._extra("environments")

    @property
    def pattern_labels(self) -> Mapping[str, Int[Tensor, " b"]]:
        """The value that each pattern shows, by the pattern's name."""
        return self._extra("pattern_labels")

    @property
    def unlabelled(self) -> Float[Tensor, "b c h w"]:
        """As many unlabelled images in which nothing correlates with anything."""
        return self._extra("unlabelled_ood")

    def with_images(self, images: Float[Tensor, "b c h w"]) -> "Batch":
        """The same batch showing other images."""
        return replace(self, images=images)

    def uniform(self, name: str, size: int = 1) -> Float[Tensor, "b size"]:
        """Random numbers in [0, 1), keyed by run, step, image and `name`.

        An image draws the same numbers wherever it stands in the batch and on whichever device, so
        that augmentation does not depend on their number.
        """
        key = _hash_text(name, self.seed)
        rows = _mix(self.index + _signed(_GAMMA * (self.step + 1) + key))
        columns = torch.arange(1, size + 1, device=rows.device) * _signed(_GAMMA)
        words = _mix(rows[:, None] ^ _mix(columns)[None, :])
        # 24 bits: all that a float32 in [0, 1) holds evenly.
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
    """A 64-bit word as the int64 with the same bits."""
    word %= _WORD
    return word - _WORD if word >= _WORD // 2 else word


def _hash_text(text: str, seed: int) -> int:
    """FNV-1a over the text, from a start that depends on the seed."""
    word = 0xCBF29CE484222325 ^ (seed * _GAMMA) % _WORD
    for byte in text.encode():
        word = (word ^ byte) * 0x100000001B3 % _WORD
    return word


def _mix(words: Int[Tensor, "*n"]) -> Int[Tensor, "*n"]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014); int64 wraps as words do."""
    words = (words ^ _logical_shift(words, 30)) * _signed(0xBF58476D1CE4E5B9)
    words = (words ^ _logical_shift(words, 27)) * _signed(0x94D049BB133111EB)
    return words ^ _logical_shift(words, 31)


def _logical_shift(words: Int[Tensor, "*n"], bits: int) -> Int[Tensor, "*n"]:
    return (words >> bits) & ((1 << (64 - bits)) - 1)
