"""Exact Bayes accuracies and information of patterns, from the generative model.

The label is uniform over K classes here. A pattern is a channel from its parent's value to what
is seen: P(value | parent) by its rho, then P(seen | value) by its look. Patterns are independent
given their parents, so the joint channel is built from the leaves up. Columns that give the same
posterior are merged, which keeps it small.
"""

from collections.abc import Collection, Mapping

import numpy as np
from jaxtyping import Float

from data_gen.spec import Spec
from data_gen.spec_parts import CLASS, PatternEntry

Channel = Float[np.ndarray, "k _"]
"""P(observation | class): one row for each class. Rows sum to 1."""

_DECIMALS = 12


def pattern_bayes_accuracy(spec: Spec, pattern: str, *, environment: str | None = None) -> float:
    """Accuracy of the best classifier that sees this pattern alone, in [1/K, 1]."""
    return bayes_accuracy(joint_channel(spec, [pattern], environment=environment))


def joint_bayes_accuracy(spec: Spec, *, environment: str | None = None) -> float:
    """Accuracy of the best classifier that sees all patterns, in [1/K, 1]."""
    return bayes_accuracy(joint_channel(spec, list(spec.entries), environment=environment))


def joint_channel(spec: Spec, seen: Collection[str], *, environment: str | None = None) -> Channel:
    """P(what these patterns show together | class), with columns of equal posterior merged."""
    entries = spec.within(environment)
    k = len(spec.classes)
    roots = [name for name, entry in entries.items() if entry.parent == CLASS]
    return _product([_subtree(entries, name, seen, k) for name in roots], k)


def bayes_accuracy(channel: Channel) -> float:
    """(1/K) sum over observations of max over classes of P(observation | class)."""
    return float(channel.max(axis=0).sum() / len(channel))


def mutual_information(joint: Float[np.ndarray, "k m"]) -> float:
    """Mutual information of row and column in bits, of a table of counts or probabilities."""
    p = joint / joint.sum()
    outer = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    shown = p > 0
    return float((p[shown] * np.log2(p[shown] / outer[shown])).sum())


def follow_channel(k: int, rho: float) -> Float[np.ndarray, "k k"]:
    """P(value | parent's value): rho on the diagonal, the rest spread evenly."""
    channel = np.full((k, k), (1 - rho) / (k - 1))
    np.fill_diagonal(channel, rho)
    return channel


def _subtree(
    entries: Mapping[str, PatternEntry], name: str, seen: Collection[str], k: int
) -> Channel:
    """P(what is seen of a pattern and of those that follow it | value of its parent)."""
    children = [child for child, entry in entries.items() if entry.parent == name]
    below = [_subtree(entries, child, seen, k) for child in children]
    if name in seen:
        below.append(_merged(entries[name].look.appearances(k)))
    return _merged(follow_channel(k, entries[name].rho) @ _product(below, k))


def _product(channels: list[Channel], k: int) -> Channel:
    """The channel that shows the outputs of all these, independent given the input."""
    joint = np.ones((k, 1))
    for channel in channels:
        joint = _merged((joint[:, :, None] * channel[:, None, :]).reshape(k, -1))
    return joint


def _merged(channel: Channel) -> Channel:
    """Add up the columns that give the same posterior, since they say the same about the input."""
    total = channel.sum(axis=0)
    channel, total = channel[:, total > 0], total[total > 0]
    _, index = np.unique(np.round(channel / total, _DECIMALS), axis=1, return_inverse=True)
    merged = np.zeros((len(channel), index.max() + 1))
    np.add.at(merged.T, index.ravel(), channel.T)
    return merged
