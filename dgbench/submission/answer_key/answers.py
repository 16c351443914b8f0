"""The answers of a benchmark: keys, labels, values and references to score predictions against.

They are computed from the spec and the classes of the source's test glyphs alone. No image is
rendered, and the source need not be on the machine. The published digests prove them right.
"""

from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from jaxtyping import Int, Int8, UInt8

from data_gen.foundation.errors import DGBenchError
from data_gen.generator import Chunk
from data_gen.manifest import Digester
from data_gen.sampler import sample_images
from data_gen.spec import Spec
from data_gen.spec_files import registered, spec_from
from data_gen.splits import Split, standard_splits
from dgbench.references import Reference, reference_of
from dgbench.submission.answer_key.published import Published, labels_of, published_of


class Answers(NamedTuple):
    """The answers of one benchmark. Arrays run over all test domains, one after the other."""

    spec: Spec
    published: Published
    reference: Reference
    domains: tuple[str, ...]
    """Canonical names of the test domains, in the spec's order."""
    starts: tuple[int, ...]
    """Index at which each domain begins, followed by the length of the arrays."""
    image_id: Int[np.ndarray, " n"]
    labels: UInt8[np.ndarray, " n"]
    values: dict[str, Int8[np.ndarray, " n"]]
    """The value that each pattern shows, -1 where it is missing."""

    @property
    def n(self) -> int:
        """Number of predictions for each seed."""
        return self.starts[-1]

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.spec.classes)

    def within(self, domain: str) -> slice:
        """Return the slice of the arrays that belongs to one domain."""
        index = self.domains.index(domain)
        return slice(self.starts[index], self.starts[index + 1])

    def size(self, domain: str) -> int:
        """Return the number of images of one domain."""
        part = self.within(domain)
        return part.stop - part.start

    def labels_of(self, domain: str, image_id: Int[np.ndarray, " m"]) -> Int[np.ndarray, " m"]:
        """Return the labels of some images of one domain. Raises KeyError for unknown ones."""
        if domain not in self.domains:
            raise KeyError(domain)
        part = self.within(domain)
        ids = self.image_id[part]
        rows = np.searchsorted(ids, image_id).clip(max=len(ids) - 1)
        if strange := image_id[ids[rows] != image_id].tolist():
            raise KeyError(f"{domain}: {strange[0]}")
        return self.labels[part][rows].astype(np.int64)


@lru_cache(maxsize=32)
def answers_of(name: str) -> Answers | None:
    """Return the answers of a benchmark by its full name.

    The result is None if the benchmark is not installed, or has no published digests or no
    reference values. Raises DGBenchError if the answers do not match the published digests.
    """
    document = registered().get(name)
    if document is None:
        return None
    spec = spec_from(document, where=name)
    published = published_of(spec)
    if published is None:
        return None
    reference = reference_of(spec, published.sources)
    if reference is None:
        return None
    return make_answers(spec, published, reference)


def make_answers(spec: Spec, published: Published, reference: Reference) -> Answers:
    """Compute the answers of a spec.

    Raises DGBenchError if they do not match the published digests.
    """
    classes = classes_of_tests(spec)
    empty = np.empty(0, np.int64)
    test = np.flatnonzero(classes >= 0)
    indices = {"train": empty, "validation": empty, "unlabelled": empty, "test": test}
    splits = standard_splits(spec, indices, pool_size=0)  # type: ignore[arg-type]  # keys are roles
    names = [domain.name for domain in spec.test_domains]
    chunks = [_labelled(spec, published, splits[name], classes) for name in names]
    for name, chunk in zip(names, chunks, strict=True):
        _check(chunk, published, name)
    return Answers(
        spec=spec,
        published=published,
        reference=reference,
        domains=tuple(names),
        starts=tuple(accumulate((len(chunk.labels) for chunk in chunks), initial=0)),
        image_id=np.concatenate([chunk.source_index for chunk in chunks]),
        labels=np.concatenate([chunk.labels for chunk in chunks]).astype(np.uint8),
        values={
            pattern: np.concatenate([chunk.values[pattern] for chunk in chunks]).astype(np.int8)
            for pattern in spec.entries
        },
    )


def classes_of_tests(spec: Spec) -> Int[np.ndarray, " n"]:
    """Return the class of every test glyph, or -1 for a glyph that the target leaves out."""
    labels = labels_of(spec.source)
    if spec.target is None:
        return labels.astype(np.int64)
    table = np.full(256, -1)
    table[list(spec.target)] = list(spec.target.values())
    return table[labels]


def _labelled(
    spec: Spec, published: Published, split: Split, classes: Int[np.ndarray, " n"]
) -> Chunk:
    """Draw the labels and values of a test domain, without its pixels."""
    (part,) = split.parts
    sample = sample_images(
        spec,
        seed=published.generator_seed,
        pool=split.pool,
        domain=part.domain,
        images=part.images,
        classes=classes[part.images],
    )
    return Chunk(
        images=np.empty((0, 0, 0, 3), np.uint8),
        labels=sample.labels,
        values=sample.values,
        source_index=part.images,
        environment=part.domain.environment,
    )


def _check(chunk: Chunk, published: Published, name: str) -> None:
    digester = Digester(is_labelled=True)
    digester.add(chunk)
    computed, expected = digester.record(), published.splits[name]
    if (computed.n_images, computed.labels, computed.factors) != (
        expected.n_images,
        expected.labels,
        expected.factors,
    ):
        raise DGBenchError(
            f"The labels of {published.benchmark} in {name!r} are not the published ones. Install "
            "dgbench again."
        )
