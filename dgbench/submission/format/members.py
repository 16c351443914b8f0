"""The members of a bundle, and the largest sizes of a bundle and of each member."""

from collections.abc import Mapping
from types import MappingProxyType

MIB, KIB = 2**20, 2**10

MAX_BUNDLE_BYTES = 64 * MIB
"""Largest size of a bundle. The limits of servers and proxies follow from it."""
MANIFEST, PREDICTIONS = "manifest.json", "predictions.parquet"
MODEL_CARD, ENVIRONMENT = "model_card.md", "environment.json"
MAX_MEMBER_BYTES: Mapping[str, int] = MappingProxyType(
    {
        MANIFEST: 256 * KIB,
        PREDICTIONS: 64 * MIB,
        MODEL_CARD: 64 * KIB,
        ENVIRONMENT: 256 * KIB,
    }
)
"""The members that a bundle may have, in their order, with the largest size of each in bytes."""
NEEDED = (MANIFEST, PREDICTIONS)
"""The members that a bundle must have."""
