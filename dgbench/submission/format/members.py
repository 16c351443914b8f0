"""What a bundle is made of: its members, and how large it and each of them may be."""

from collections.abc import Mapping
from types import MappingProxyType

MIB, KIB = 2**20, 2**10

MAX_BUNDLE_BYTES = 64 * MIB
"""The one place that says how large a bundle may be: servers and proxies are set by it."""
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
"""The members that there may be, in their order, with the largest size of each."""
NEEDED = (MANIFEST, PREDICTIONS)
"""The members that every bundle has."""
