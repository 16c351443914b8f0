"""The patterns that a method's features encode, from the probes that a submitter declares."""

from functools import lru_cache
from statistics import fmean

from data_gen.foundation.errors import UsageError
from data_gen.spec_files import find_spec
from dgbench.metrics.encoded import encoded_patterns
from dgbench.references import Reference, reference_of
from dgbench.submission.answer_key.published import published_of
from dgbench.submission.format.manifest import Manifest


def declared_encoding(manifest: Manifest) -> dict[str, float]:
    """Compute the mean of E over seeds, for patterns that have it in every seed."""
    if not all(facts.probes for facts in manifest.seeds):
        return {}
    reference = _reference(manifest.benchmark.name)
    by_seed = [encoded_patterns(facts.probes, reference) for facts in manifest.seeds]
    first, *_ = by_seed
    return {
        name: fmean(scores[name] for scores in by_seed)
        for name in first
        if all(name in scores for scores in by_seed)
    }


@lru_cache(maxsize=64)
def _reference(benchmark: str) -> Reference | None:
    """Read the reference values, as they were installed when the process began."""
    try:
        spec = find_spec(benchmark)
    except UsageError:
        return None
    published = published_of(spec)
    return reference_of(spec, published.sources) if published else None
