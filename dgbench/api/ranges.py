"""Search ranges: where to look for a hyper-parameter, declared beside its default."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from typing_extensions import override


class Range(ABC):
    """A distribution of values to search. Hard limits are `Ge`, `Gt`, `Le`, `Lt`."""

    @abstractmethod
    def at(self, quantile: float) -> Any:
        """Map a quantile in [0, 1) to a value: a uniform draw becomes a draw from this range."""


@dataclass(frozen=True)
class Uniform(Range):
    """Uniform in [low, high)."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"{self!r}: low must be below high.")

    @override
    def at(self, quantile: float) -> float:
        return self.low + quantile * (self.high - self.low)

    @override
    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class LogUniform(Range):
    """Uniform on a logarithmic scale, in [low, high)."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 < self.low < self.high:
            raise ValueError(f"{self!r}: low must be above 0 and below high.")

    @override
    def at(self, quantile: float) -> float:
        return self.low * math.exp(quantile * math.log(self.high / self.low))

    @override
    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}, logarithmic"


@dataclass(frozen=True)
class Integers(Range):
    """Every whole number from low to high, both included, is as likely as any other."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"{self!r}: low must not be above high.")

    @override
    def at(self, quantile: float) -> int:
        return self.low + int(quantile * (self.high - self.low + 1))

    @override
    def __str__(self) -> str:
        return f"{self.low} to {self.high}, whole numbers"


@dataclass(frozen=True, init=False)
class Choice(Range):
    """One of a few values, each as likely as any other."""

    values: Sequence[Any]

    def __init__(self, *values: Any) -> None:
        if not values:
            raise ValueError("Choice() needs at least one value.")
        object.__setattr__(self, "values", values)

    @override
    def at(self, quantile: float) -> Any:
        return self.values[int(quantile * len(self.values))]

    @override
    def __str__(self) -> str:
        return " or ".join(map(str, self.values))
