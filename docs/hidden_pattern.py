"""Draw the README's picture: one digit in every domain of mnist-color, and what two methods say.

    python docs/hidden_pattern.py

The answers are the stored predictions of seed 0; MNIST is looked for as `dgbench generate` does.
"""

from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Int, UInt8
from matplotlib.axes import Axes

from data_gen.generator import Generator
from data_gen.sources import load_sources
from data_gen.spec_files import find_spec
from dgbench.results.folder import PREDICTIONS
from dgbench.results.predictions import read_predictions
from dgbench.submission.answer_key.answers import answers_of

HERE = Path(__file__).parent
RESULTS = HERE.parent / "baselines" / "results" / "reference" / "mnist-color@1"
METHODS = {"erm": "plain\ntraining", "prcl": "PRCL"}
BLUE, ORANGE, INK, FAINT = "#0072B2", "#D55E00", "#14181f", "#6e7682"
COLUMNS = {
    "id": ("id", "as in training:\nboth say the class"),
    "mp.color.mean": ("mp.color.mean", "colour missing:\nthe mean colour"),
    "mp.color.absent": ("mp.color.absent", "colour missing:\nno colour at all"),
    "up.color": ("up.color", "colour at random,\nshape says the class"),
    "only.color": ("only.color", "shape at random,\ncolour says the class"),
    "conflict": ("conflict", "each says\nanother class"),
}
"""Domains that are shown, with their titles."""


class Answers(NamedTuple):
    """One method's predictions on one domain, by image."""

    label: Int[np.ndarray, " n"]
    pred: Int[np.ndarray, " n"]

    @property
    def accuracy(self) -> float:
        """Share of all test images."""
        return float((self.label == self.pred).mean())


def answers(method: str) -> dict[str, Answers]:
    """Read the stored predictions of seed 0."""
    (folder,) = (RESULTS / method).glob("*/seed-0")
    by_domain = {}
    key = answers_of("mnist-color@1")
    for predictions in read_predictions(folder / PREDICTIONS, key=key):
        order = np.argsort(predictions.image_id)
        by_domain[predictions.domain] = Answers(predictions.label[order], predictions.pred[order])
    return by_domain


def typical(by_method: dict[str, dict[str, Answers]]) -> int:
    """Find the first image that both methods answer in every domain as they do most images."""
    good = np.ones(len(by_method["erm"]["id"].label), dtype=bool)
    for domains in by_method.values():
        for name in COLUMNS:
            stored = domains[name]
            good &= (stored.label == stored.pred) == (stored.accuracy > 0.5)
    return int(np.flatnonzero(good)[0])


def tiles(image: int) -> dict[str, UInt8[np.ndarray, "h w 3"]]:
    """Render one test digit in the domains that are shown."""
    spec = find_spec("mnist-color@1")
    generator = Generator(spec, load_sources(spec.sources))
    by_domain = {}
    for name in COLUMNS:
        chunk = generator.render(generator.split(name), spec.domain(name), np.array([image]))
        by_domain[name] = chunk.images[0]
    return by_domain


def main() -> None:
    """Draw the picture."""
    by_method = {method: answers(method) for method in METHODS}
    image = typical(by_method)
    shown = tiles(image)
    figure, places = plt.subplots(
        2,
        len(COLUMNS),
        figsize=(11.4, 3.9),
        height_ratios=(1.7, 1),
        dpi=150,
        gridspec_kw={"left": 0.1, "right": 0.99, "top": 0.8, "bottom": 0.0, "hspace": 0.1},
    )
    for column, (name, (title, about)) in enumerate(COLUMNS.items()):
        draw_tile(places[0, column], shown[name], title, about)
        draw_answers(
            places[1, column], {method: by_method[method][name] for method in METHODS}, image
        )
    for row, (name, color) in enumerate(zip(METHODS.values(), (ORANGE, BLUE), strict=True)):
        places[1, 0].text(-0.1, -row, name, ha="right", va="center", fontsize=10, color=color)
    figure.savefig(HERE / "images" / "hidden-pattern.png", facecolor="white")


def draw_tile(place: Axes, tile: UInt8[np.ndarray, "h w 3"], title: str, about: str) -> None:
    """Draw the digit under a title that describes the domain."""
    place.imshow(tile)
    place.set_xticks([])
    place.set_yticks([])
    place.set_title(about, fontsize=9, color=FAINT)
    place.text(
        0.5,
        1.27,
        title,
        transform=place.transAxes,
        ha="center",
        fontsize=11,
        fontweight="bold",
        color=INK,
    )


def draw_answers(place: Axes, by_method: dict[str, Answers], image: int) -> None:
    """Draw the accuracy of each method in this domain, and its answer for this digit."""
    label = next(iter(by_method.values())).label[image]
    place.set_title(f"label: {label}", fontsize=10, color=INK, pad=2)
    for row, (method, color) in enumerate(zip(METHODS, (ORANGE, BLUE), strict=True)):
        stored = by_method[method]
        place.barh(-row, stored.accuracy, color=color, height=0.3)
        place.barh(-row, 1, color=color, height=0.3, alpha=0.15)
        says = f"says {stored.pred[image]}" + ("" if stored.pred[image] == label else " - wrong")
        place.text(0, -row + 0.24, says, fontsize=8.5, color=INK)
        place.text(1, -row + 0.24, f"{stored.accuracy:.0%}", fontsize=8.5, ha="right", color=INK)
    place.set_xlim(0, 1)
    place.set_ylim(-1.35, 0.6)
    place.axis("off")


if __name__ == "__main__":
    main()
