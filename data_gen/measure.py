"""Measurements of the data that were made, and their comparison with the spec.

Counts are gathered while a split is written. Every test allows for sampling noise, with about one
false alarm in a billion tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, log, sqrt

import numpy as np
from jaxtyping import Int

from data_gen.bayes import mutual_information
from data_gen.domain import Domain
from data_gen.foundation.errors import DGBenchError
from data_gen.sampler import MISSING
from data_gen.spec import Spec
from data_gen.spec_parts import CLASS
from data_gen.splits import Part

_SURPRISE = log(2e9)
_SIGMAS = 6.0
_LEAST_EXPECTED = 5.0


class DriftError(DGBenchError):
    """Data do not follow their spec: a defect of dgbench or of a plug-in pattern."""


@dataclass
class Tally:
    """Counts of one part of a split: what was drawn against what each pattern showed."""

    n_classes: int
    n_images: int = 0
    by_label: dict[str, Int[np.ndarray, "k k"]] = field(default_factory=dict)
    """For each pattern, images by label (rows) and value shown (columns)."""
    by_parent: dict[str, Int[np.ndarray, "k k"]] = field(default_factory=dict)
    """For each pattern that follows another, images by the parent's value and its own."""

    def add(
        self,
        labels: Int[np.ndarray, " n"],
        values: Mapping[str, Int[np.ndarray, " n"]],
        parents: Mapping[str, str],
    ) -> None:
        """Count some more images."""
        self.n_images += len(labels)
        for pattern, shown in values.items():
            self._count(self.by_label, pattern, labels, shown)
            parent = parents[pattern]
            if parent != CLASS:
                self._count(self.by_parent, pattern, values[parent], shown)

    def _count(
        self,
        tables: dict[str, Int[np.ndarray, "k k"]],
        pattern: str,
        rows: Int[np.ndarray, " n"],
        columns: Int[np.ndarray, " n"],
    ) -> None:
        k = self.n_classes
        table = tables.setdefault(pattern, np.zeros((k, k), np.int64))
        seen = (columns != MISSING) & (rows != MISSING)
        table += np.bincount(rows[seen] * k + columns[seen], minlength=k * k).reshape(k, k)


def agreement(table: Int[np.ndarray, "k k"]) -> float | None:
    """Share of images whose pattern shows the row's value, or None if it is never shown."""
    return float(np.trace(table) / table.sum()) if table.sum() else None


def information(table: Int[np.ndarray, "k k"]) -> float | None:
    """Mutual information with the label in bits, or None if the pattern is never shown."""
    return mutual_information(table.astype(float)) if table.sum() else None


def check_part(spec: Spec, split_name: str, part: Part, tally: Tally) -> None:
    """Raise DriftError if a pattern's correlation is not the one that its state means."""
    if part.domain.is_conflict:
        return
    for name, entry in spec.within(part.domain.environment).items():
        where = f"{spec.id}, split {split_name!r}, pattern {name!r}"
        state, table = part.domain.state(name), tally.by_label[name]
        k = tally.n_classes
        if state == "uncorrelated":
            _check_share(where, table, 1 / k)
            _check_independent(where, table)
        elif state == "conflicting":
            _check_share(where, table, 0.0)
        elif state == "kept" and entry.parent == CLASS:
            _check_share(where, table, entry.rho)
        elif state == "kept" and _is_kept(part.domain, entry.parent):
            _check_share(f"{where} (given {entry.parent!r})", tally.by_parent[name], entry.rho)


def _is_kept(domain: Domain, pattern: str) -> bool:
    return domain.state(pattern) == "kept"


def _check_share(where: str, table: Int[np.ndarray, "k k"], expected: float) -> None:
    n, share = int(table.sum()), agreement(table)
    if share is None:
        raise DriftError(f"{where}: it is never shown, expected in every image.")
    if n * _divergence(share, expected) > _SURPRISE:
        raise DriftError(
            f"{where}: it agrees in a share of {share:.6g} of {n} images, expected {expected:.6g}."
        )


def _divergence(share: float, expected: float) -> float:
    """Kullback-Leibler divergence of two coins, in nats.

    A share that far from the expected one, among n images, has probability at most
    2 exp(-n * divergence), whatever the expected share: the bound of Chernoff and Hoeffding (1963).
    """
    total = 0.0
    for p, q in ((share, expected), (1 - share, 1 - expected)):
        if p > 0:
            total += p * log(p / q) if q > 0 else inf
    return total


def _check_independent(where: str, table: Int[np.ndarray, "k k"]) -> None:
    """Pearson's chi-squared test, by the cube-root normal approximation of Wilson and Hilferty."""
    rows, columns = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    expected = rows * columns / table.sum()
    freedom = (len(table) - 1) ** 2
    if expected.min() < _LEAST_EXPECTED:
        return
    statistic = float(((table - expected) ** 2 / expected).sum())
    spread = 2 / (9 * freedom)
    sigmas = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / sqrt(spread)
    if sigmas > _SIGMAS:
        raise DriftError(
            f"{where}: it is uncorrelated by its state, yet tells the label (chi-squared "
            f"{statistic:.0f} with {freedom} degrees of freedom)."
        )
