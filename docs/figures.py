"""Draw the figures of prcl.md from the stored runs.

    python docs/figures.py [--runs DIR]

DIR is where `baselines/results/remake.py` trained; it holds the weights, which are not stored, and
the picture of the features is only drawn with them.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes

from dgbench.metrics.scores import Scores
from dgbench.report.boards import read_boards
from dgbench.report.entries import Entry

HERE = Path(__file__).parent
RESULTS = HERE.parent / "baselines" / "results"
MAIN = RESULTS / "reference" / "mnist-color@1"
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
N_SHOWN = 2000
"""Images in the picture of the features."""


def main() -> None:
    """Draw whatever can be drawn."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=Path, help="where remake.py trained")
    asked = parser.parse_args()
    plt.rcParams |= {"axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 150}
    erm, prcl = (_entries(MAIN / method)[0] for method in ("erm", "prcl"))
    varied = _entries(RESULTS / "prcl")
    draw_weights(erm, prcl, varied)
    draw_lengths(erm, prcl, varied)
    if asked.runs is not None:
        draw_features(asked.runs / "reference" / "mnist-color@1")


def _entries(folder: Path) -> list[Entry]:
    return [entry for board in read_boards([folder]) for entry in board.entries if entry.scores]


def draw_weights(erm: Entry, prcl: Entry, varied: Sequence[Entry]) -> None:
    """The scores against the weight of the loss, at the default length of training."""
    swept = {
        entry.configuration.hyper_parameters["weight"]: entry.scores
        for entry in [prcl, *varied]
        if entry.configuration.steps == prcl.configuration.steps
        and _changed(prcl, entry) <= {"weight"}
    }
    figure, axes = plt.subplots(2, 1, figsize=(6, 4.6), sharex=True, layout="constrained")
    _curves(axes, {"prcl": swept}, {"prcl": BLUE})
    for place, pick in zip(axes, (_trust, _id), strict=True):
        place.axhline(mean(map(pick, erm.scores)), color=ORANGE, linestyle="--", label="erm")
    axes[0].legend(frameon=False)
    _ticks(axes[1], sorted(swept))
    axes[1].set_xlabel("weight of the pair loss (default 3)")
    figure.savefig(HERE / "images" / "prcl-weight.png")


def draw_lengths(erm: Entry, prcl: Entry, varied: Sequence[Entry]) -> None:
    """The scores against the steps of training, with and without the falling learning rate."""
    plain, falling, constant = "erm", "prcl", "prcl, constant learning rate"
    series: dict[str, dict[float, Sequence[Scores]]] = {falling: {}, constant: {}, plain: {}}
    for entry in [erm, prcl, *varied]:
        steps = entry.configuration.steps
        if entry.configuration.method.name == "erm":
            series[plain][steps] = entry.scores
        elif not (changed := _changed(prcl, entry)):
            series[falling][steps] = entry.scores
        elif changed == {"decay_steps"}:
            series[constant][steps] = entry.scores
    figure, axes = plt.subplots(2, 1, figsize=(6, 4.6), sharex=True, layout="constrained")
    _curves(axes, series, {falling: BLUE, constant: GREEN, plain: ORANGE})
    axes[0].legend(frameon=False)
    _ticks(axes[1], sorted(series[plain]))
    axes[1].set_xlabel("steps of training (default 3,000)")
    figure.savefig(HERE / "images" / "prcl-steps.png")


def _changed(entry: Entry, other: Entry) -> set[str]:
    """The hyper-parameters in which two entries of any methods differ."""
    mine, theirs = (either.configuration.hyper_parameters for either in (entry, other))
    return {name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)}


def _ticks(axes: Axes, positions: Sequence[float]) -> None:
    axes.set_xscale("log")
    axes.set_xticks(positions, [f"{value:,g}" for value in positions])
    axes.minorticks_off()


def _curves(
    axes: Sequence[Axes],
    series: Mapping[str, Mapping[float, Sequence[Scores]]],
    colors: Mapping[str, str],
) -> None:
    for place, pick, title in zip(
        axes, (_trust, _id), ("T of the shape", "id accuracy in %"), strict=True
    ):
        for name, points in series.items():
            positions = sorted(points)
            values = [mean(map(pick, points[x])) for x in positions]
            place.plot(positions, values, "-", color=colors[name], label=name)
            for x in positions:
                seeds = [pick(scores) for scores in points[x]]
                place.plot([x] * len(seeds), seeds, "o", color=colors[name], ms=3.5, alpha=0.7)
        place.set_ylabel(title)
    axes[0].set_ylim(-0.02, 1.02)


def _trust(scores: Scores) -> float:
    return scores.trusted["shape"]


def _id(scores: Scores) -> float:
    return 100 * scores.accuracy["id"]


def draw_features(runs: Path) -> None:
    """The two directions in which features vary most, by what two patterns show.

    On validation digits with both patterns drawn at random, so that neither stands for the other.
    """
    figure, axes = plt.subplots(2, 2, figsize=(7.4, 7), layout="constrained")
    for row, method in zip(axes, ("erm", "prcl"), strict=True):
        features, values = _features_of(sorted((runs / method).glob("*/seed-0"))[0])
        centred = features - features.mean(0)
        left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
        for place, pattern in zip(row, ("color", "shape"), strict=True):
            share = _explained(centred, values[pattern])
            dots = place.scatter(
                *(left[:, :2] * sizes[:2]).T, c=values[pattern], cmap="tab10", s=4, linewidths=0
            )
            place.set_title(f"{method}: {pattern} explains {share:.0%} of the variance", size=10)
            place.set_xticks([])
            place.set_yticks([])
    handles, labels = dots.legend_elements()
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=10,
        frameon=False,
        title="what the pattern shows: the colour, or the shape, of class",
    )
    figure.savefig(HERE / "images" / "prcl-features.png")


def _explained(centred: Float[np.ndarray, "n d"], values: Int[np.ndarray, " n"]) -> float:
    """The share of the features' variance that lies between the values."""
    means = {value: centred[values == value].mean(0) for value in np.unique(values)}
    between = np.array([means[value] for value in values])
    return float((between**2).sum() / (centred**2).sum())


def _features_of(
    folder: Path,
) -> tuple[Float[np.ndarray, "n d"], dict[str, Int[np.ndarray, " n"]]]:
    import torch

    from dgbench.results.folder import read_record
    from dgbench.training.evaluation import on_device
    from dgbench.training.plan import Plan
    from dgbench.training.reevaluation import request_of
    from dgbench.training.weights import FINAL, load_weights

    record = read_record(folder)
    plan = Plan(request_of(record, folder))
    module = plan.new_module(record.seed).eval()
    load_weights(module, folder / FINAL)
    loaded = plan.benchmark.load("dev.none")
    with torch.inference_mode():
        chunks = [module.features(images) for images in on_device(module, loaded.images[:N_SHOWN])]
    values = {name: shown[:N_SHOWN] for name, shown in loaded.values.items()}
    return torch.cat(chunks).numpy(), values


if __name__ == "__main__":
    main()
