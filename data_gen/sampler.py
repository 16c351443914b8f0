"""Draws of the label and of every pattern's value, given a glyph's class and a domain's states.

The label comes first. Every pattern then has a latent value, which follows the label (or its
parent's latent value) with probability rho. The state says what is shown: the latent value itself,
an independent uniform one, one that contradicts the label, or nothing. Latent values make `kept`
mean the same whatever happens to a pattern's parent, so `only.p` is defined for every p.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from data_gen.domain import RENDERINGS, Domain, State
from data_gen.spec import Spec
from data_gen.spec_parts import CLASS, PatternEntry
from data_gen.streams import Stream

MISSING = -1
"""Stands for 'not shown' in arrays of values."""


class Sample(NamedTuple):
    """Labels, and for every pattern the value that is shown."""

    labels: Int[np.ndarray, " n"]
    values: dict[str, Int[np.ndarray, " n"]]
    """By pattern, in the spec's order. `MISSING` stands for a value that is not shown."""


def sample_images(
    spec: Spec,
    *,
    seed: int,
    pool: str,
    domain: Domain,
    images: Int[np.ndarray, " n"],
    classes: Int[np.ndarray, " n"],
) -> Sample:
    """Draw labels and values of images in a domain, from the classes of their glyphs.

    No pixels are needed: the classes determine every label.
    """
    return draw_sample(
        spec.within(domain.environment),
        shape=spec.shape.name,
        hidden=spec.hidden,
        domain=domain,
        classes=classes,
        n_classes=len(spec.classes),
        stream=Stream(f"{spec.id}|{seed}|{pool}|values|{domain.key}", images),
    )


def draw_sample(
    entries: Mapping[str, PatternEntry],
    *,
    shape: str,
    hidden: Sequence[str],
    domain: Domain,
    classes: Int[np.ndarray, " n"],
    n_classes: int,
    stream: Stream,
) -> Sample:
    """Draw labels and values for glyphs of these classes.

    `shape` is the name of the source glyph's own pattern.
    """
    if domain.is_conflict:
        return _draw_conflict(entries, shape, hidden, classes, n_classes, stream)
    labels = _draw_label(entries[shape], domain, classes, n_classes, stream.fork(shape))
    latent: dict[str, Int[np.ndarray, " n"]] = {}
    values = {}
    for name in _parents_first(entries):
        entry, own = entries[name], stream.fork(name)
        if name == shape and domain.state(shape) == "kept":
            latent[name] = classes
        elif name == shape:
            # The glyph no longer shows it, but patterns that follow the shape depend on it.
            latent[name] = _follow(labels, entry.rho, n_classes, own.fork("latent"))
        else:
            origin = labels if entry.parent == CLASS else latent[entry.parent]
            latent[name] = _follow(origin, entry.rho, n_classes, own)
        if name == shape and domain.state(shape) not in RENDERINGS:
            values[name] = classes
        else:
            values[name] = _shown(domain.state(name), latent[name], labels, n_classes, own)
    return Sample(labels, {name: values[name] for name in entries})


def _draw_label(
    shape: PatternEntry,
    domain: Domain,
    classes: Int[np.ndarray, " n"],
    n_classes: int,
    stream: Stream,
) -> Int[np.ndarray, " n"]:
    """Draw the label. The glyph never changes, so the shape's state acts on the label instead."""
    match domain.state(shape.name):
        case "kept":
            return _follow(classes, shape.rho, n_classes, stream)
        case "uncorrelated":
            return stream.integers("uniform", high=n_classes)
        case "conflicting":
            return _other(classes, n_classes, stream)
        case _:
            return classes


def _shown(
    state: State,
    latent: Int[np.ndarray, " n"],
    labels: Int[np.ndarray, " n"],
    n_classes: int,
    stream: Stream,
) -> Int[np.ndarray, " n"]:
    """Return the value that is shown in a state, given the latent value."""
    match state:
        case "kept":
            return latent
        case "uncorrelated":
            return stream.integers("uniform", high=n_classes)
        case "conflicting":
            return _other(labels, n_classes, stream)
        case _:
            return np.full(len(labels), MISSING)


def _draw_conflict(
    entries: Mapping[str, PatternEntry],
    shape: str,
    hidden: Sequence[str],
    classes: Int[np.ndarray, " n"],
    n_classes: int,
    stream: Stream,
) -> Sample:
    """Let every pattern point to a different class. The first hidden one gives the label."""
    order = stream.permutations("conflict", size=n_classes)
    # Of each permutation, the glyph's own class is struck out; the rest go to the other patterns.
    rest = order[order != classes[:, None]].reshape(len(classes), n_classes - 1)
    others = [name for name in entries if name != shape]
    values = {name: rest[:, index] for index, name in enumerate(others)} | {shape: classes}
    return Sample(values[hidden[0]], {name: values[name] for name in entries})


def _follow(
    origin: Int[np.ndarray, " n"], rho: float, n_classes: int, stream: Stream
) -> Int[np.ndarray, " n"]:
    """Draw the origin's value with probability rho, otherwise another one uniformly."""
    agrees = stream.coins("agrees", probability=rho)
    return np.where(agrees, origin, _other(origin, n_classes, stream))


def _other(origin: Int[np.ndarray, " n"], n_classes: int, stream: Stream) -> Int[np.ndarray, " n"]:
    """Draw a uniform value that differs from the origin's."""
    return (origin + 1 + stream.integers("other", high=n_classes - 1)) % n_classes


def _parents_first(entries: Mapping[str, PatternEntry]) -> list[str]:
    done: list[str] = []
    while len(done) < len(entries):
        ready = (
            name
            for name, entry in entries.items()
            if name not in done and entry.parent in (CLASS, *done)
        )
        done.append(next(ready))
    return done
