"""Benchmarks on which methods are developed, which are never a target."""

DEVELOPMENT = (
    "mnist-position",
    "mnist-texture",
    "mnist-fashion-dominoes",
    "mnist-color-dev",
    "mnist-color-swap-dev",
    "mnist-ladder-dev",
)
"""Their names. No suite has one of them as a member, and the leaderboard takes no entry on them."""


def is_development(benchmark: str) -> bool:
    """Tell whether methods are developed on a benchmark, by its name with or without a version."""
    return benchmark.partition("@")[0] in DEVELOPMENT
