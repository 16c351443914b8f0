"""Which scoring a score card follows: formulas, and the reference values that they divide by."""

from functools import cache

from data_gen.foundation.documents import digest_of
from data_gen.spec_files import registered, spec_from
from dgbench.references import reference_of
from dgbench.submission.answer_key.published import published_of

FORMULAS = 3
"""The number of the formulas. Any change that can move a score raises it."""


@cache
def scoring_version(benchmark: str) -> str | None:
    """Return a text that changes whenever a bundle may get other scores than it had.

    Args:
        benchmark: The full name.

    Returns:
        A digest, or None for a benchmark that cannot be scored here.
    """
    document = registered().get(benchmark)
    if document is None:
        return None
    spec = spec_from(document, where=benchmark)
    published = published_of(spec)
    reference = published and reference_of(spec, published.sources)
    if not reference:
        return None
    return digest_of(f"{FORMULAS}\n{digest_of(reference.canonical)}")
