"""Render any split of a benchmark, in chunks, from a spec, its sources and a seed."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Int, UInt8

from data_gen.domain import RENDERINGS, Domain
from data_gen.foundation.errors import UsageError, suggestion
from data_gen.glyph_pool import GlyphPool, make_glyph_pool
from data_gen.idx import Glyphs
from data_gen.sampler import MISSING, Sample, sample_images
from data_gen.scene import PRIMARY, Alpha, Scene, compose, full, pad_to
from data_gen.sources import Source
from data_gen.spec import Spec
from data_gen.spec_parts import PatternEntry
from data_gen.splits import (
    OTHER_DIGITS,
    Part,
    Pool,
    Role,
    Split,
    class_labels,
    roles,
    standard_splits,
)
from data_gen.streams import Stream

CHUNK = 500
"""Images rendered at once: few enough for the working set to stay in a core's cache."""


class Chunk(NamedTuple):
    """Some consecutive images of a split."""

    images: UInt8[np.ndarray, "n h w 3"]
    labels: Int[np.ndarray, " n"]
    values: dict[str, Int[np.ndarray, " n"]]
    """The value that each pattern shows, -1 where it is missing."""
    source_index: Int[np.ndarray, " n"]
    """Index of the glyph in its pool of the source."""
    environment: str | None


class Generator:
    """A benchmark's images. The same spec, sources and seed give the same pixels everywhere."""

    def __init__(
        self,
        spec: Spec,
        sources: Mapping[str, Source],
        *,
        seed: int | None = None,
        multiply: int = 1,
    ) -> None:
        """Raises UsageError if the sources lack glyphs that the spec needs.

        It is raised too if one pattern hides another that a test domain shows alone.
        """
        self.spec = spec
        self.sources = sources
        self.seed = spec.seed if seed is None else seed
        self.multiply = multiply
        self._key = f"{spec.id}|{self.seed}"
        self._primary = sources[spec.source]
        self._classes = self._checked_classes()
        self._roles = {
            name: roles(
                self._classes if name == spec.source else _own_labels(source),
                spec,
                key=f"{self._key}|{name}",
            )
            for name, source in sources.items()
        }
        self._glyph_pools: dict[tuple[str, Role], GlyphPool] = {}
        self._check_second_glyphs()
        self._check_solo_domains()

    @cached_property
    def splits(self) -> dict[str, Split]:
        """The splits of the data set on disk, by canonical name."""
        return standard_splits(
            self.spec,
            self._roles[self.spec.source],
            pool_size=len(self._primary.train.images),
            multiply=self.multiply,
        )

    def split(self, name: str) -> Split:
        """A split by its name or alias.

        `dev.<domain>` shows validation digits and `train.<domain>` training digits in a domain.
        """
        prefix, dot, domain = name.partition(".")
        if dot and prefix in OTHER_DIGITS:
            role = OTHER_DIGITS[prefix]
            images = self._roles[self.spec.source][role]
            part = Part(domain=self.spec.domain(domain), images=images)
            return Split(name=name, role=role, parts=(part,))
        canonical = self.spec.aliases.get(name, name)
        if canonical not in self.splits:
            raise UsageError(
                f"{self.spec.id} has no split {name!r}. {suggestion(name, self.splits)}"
            )
        return self.splits[canonical]

    def classes_of(self, pool: Pool, images: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
        """The class of the glyph that each image shows."""
        return self._classes[pool][images % len(self._glyphs(pool).images)]

    def chunks(self, split: Split, *, size: int = CHUNK) -> Iterator[tuple[Part, Chunk]]:
        """Render all images of a split, in order. The size of the chunks changes nothing else."""
        for part in split.parts:
            for start in range(0, len(part.images), size):
                yield part, self.render(split, part.domain, part.images[start : start + size])

    def render(self, split: Split, domain: Domain, images: Int[np.ndarray, " n"]) -> Chunk:
        """Render images of a split's pool in a domain, by their ids, in any order."""
        glyphs = self._glyphs(split.pool)
        index = images % len(glyphs.images)
        entries = self.spec.within(domain.environment)
        sample = sample_images(
            self.spec,
            seed=self.seed,
            pool=split.pool,
            domain=domain,
            images=images,
            classes=self.classes_of(split.pool, images),
        )
        appearance = Stream(f"{self._key}|{split.pool}|appearance", images)
        blocks = []
        for block in range(self.spec.grid.blocks):
            scene = self._empty_block(block, glyphs.images[index], split.role)
            here = [entry for entry in entries.values() if entry.block == block]
            blocks.append(compose(_drawn(scene, here, domain, sample, appearance)))
        return Chunk(
            images=self._assemble(blocks, appearance),
            labels=sample.labels,
            values=sample.values,
            source_index=index,
            environment=domain.environment,
        )

    def _empty_block(self, block: int, glyphs: Alpha, role: Role) -> Scene:
        """Return a black block, with the source glyphs if it is the block of the shape."""
        n, side = len(glyphs), self.spec.grid.block
        glyph_pools = {name: self._glyph_pool(name, role) for name in self.sources}
        glyph_pools[PRIMARY] = glyph_pools[self.spec.source]
        is_theirs = self.spec.shape.block == block
        return Scene(
            glyph=pad_to(glyphs, height=side, width=side)
            if is_theirs
            else np.zeros((n, side, side), np.uint8),
            foreground=full(n, (255, 255, 255)),
            background=full(n, (0, 0, 0)),
            glyph_pools=glyph_pools,
        )

    def _assemble(
        self, blocks: list[UInt8[np.ndarray, "n s s 3"]], appearance: Stream
    ) -> UInt8[np.ndarray, "n h w 3"]:
        """Put the blocks in rows and columns, in a different order for each image if shuffled."""
        grid = self.spec.grid
        if grid.blocks == 1:
            return blocks[0]
        stacked = np.stack(blocks, axis=1)
        if grid.shuffled:
            order = appearance.permutations("block order", size=grid.blocks)
            stacked = stacked[np.arange(len(stacked))[:, None], order]
        n, side = len(stacked), grid.block
        rows = stacked.reshape(n, grid.rows, grid.columns, side, side, 3)
        canvas = rows.transpose(0, 1, 3, 2, 4, 5)
        return canvas.reshape(n, grid.rows * side, grid.columns * side, 3)

    def _glyphs(self, pool: Pool) -> Glyphs:
        return self._primary.train if pool == "train" else self._primary.test

    def _glyph_pool(self, name: str, role: Role) -> GlyphPool:
        if (name, role) not in self._glyph_pools:
            source, indices = self.sources[name], self._roles[name]
            self._glyph_pools[name, role] = make_glyph_pool(
                source.train,
                indices["train"],
                source.test if role == "test" else source.train,
                indices[role],
            )
        return self._glyph_pools[name, role]

    def _checked_classes(self) -> dict[Pool, Int[np.ndarray, " n"]]:
        """Return the class of every glyph of the benchmark's own source."""
        spec, source = self.spec, self._primary
        k = len(spec.classes)
        classes: dict[Pool, Int[np.ndarray, " n"]] = {}
        pools: tuple[tuple[Pool, Glyphs], ...] = (("train", source.train), ("test", source.test))
        for pool, glyphs in pools:
            self._check_size(source, glyphs)
            classes[pool] = class_labels(glyphs, spec.target)
            shown = np.unique(classes[pool][classes[pool] >= 0])
            if not np.array_equal(shown, np.arange(k)):
                raise UsageError(
                    f"{spec.id} needs glyphs of the classes 0 to {k - 1}; the {pool} images of "
                    f"{source.name!r} have {shown.tolist()}. Choose another source."
                )
        return classes

    def _check_second_glyphs(self) -> None:
        """Check that every role has glyphs of every class that a second glyph may show."""
        for entry in self.spec.patterns:
            for name, needed in entry.look.glyphs_needed(len(self.spec.classes)).items():
                source = self.sources[name]
                self._check_size(source, source.train)
                self._check_size(source, source.test)
                for role, indices in self._roles[name].items():
                    glyphs = source.test if role == "test" else source.train
                    lacking = needed - set(glyphs.labels[indices].tolist())
                    if lacking and len(indices):
                        raise UsageError(
                            f"{self.spec.id}: pattern {entry.name!r} needs {role} glyphs of class "
                            f"{min(lacking)} from {source.name!r}, which has none."
                        )

    def _check_solo_domains(self) -> None:
        """Check that a pattern shows wherever it is the only one that is kept."""
        for pattern in self.spec.entries:
            for name in self.spec.solo_domains(pattern):
                if not self._shows(pattern, self.spec.domain(name)):
                    raise UsageError(
                        f"{self.spec.id}: pattern {pattern!r} cannot be seen in {name!r}: another "
                        "pattern's rendering hides it. Change the order, places or renderings of "
                        "the patterns."
                    )

    def _shows(self, pattern: str, domain: Domain) -> bool:
        """Whether the pixels of one image depend on the value of a pattern in a domain."""
        spec, entry = self.spec, self.spec.entries[pattern]
        every_value = np.arange(len(spec.classes))
        classes = self._classes["test"]
        shown = every_value if entry.look.is_source_glyph else np.zeros_like(every_value)
        images = np.array([np.argmax(classes == value) for value in shown])
        nothing = np.full_like(every_value, MISSING)
        values = {name: every_value if name == pattern else nothing for name in spec.entries}
        here = [other for other in spec.patterns if other.block == entry.block]
        # The noise of one image: whatever differs comes from the pattern.
        noise = Stream(f"{self._key}|test|appearance", np.zeros_like(every_value))
        scene = self._empty_block(entry.block, self._glyphs("test").images[images], "test")
        pixels = compose(_drawn(scene, here, domain, Sample(every_value, values), noise))
        return bool((pixels != pixels[:1]).any())

    def _check_size(self, source: Source, glyphs: Glyphs) -> None:
        height, width = glyphs.images.shape[1:]
        block = self.spec.grid.block
        if max(height, width) > block:
            raise UsageError(
                f"{self.spec.id} draws on blocks of {block}x{block} pixels; the glyphs of "
                f"{source.name!r} are {height}x{width}. Choose another source."
            )


def _drawn(
    scene: Scene,
    entries: Sequence[PatternEntry],
    domain: Domain,
    sample: Sample,
    appearance: Stream,
) -> Scene:
    """Draw patterns one after the other, as the domain's states say."""
    for entry in entries:
        state, stream = domain.state(entry.name), appearance.fork(entry.name)
        if state in RENDERINGS:
            scene = entry.look.draw_missing(scene, state, stream)
        else:
            scene = entry.look.draw(scene, sample.values[entry.name], stream)
    return scene


def _own_labels(source: Source) -> dict[Pool, Int[np.ndarray, " n"]]:
    return {
        "train": source.train.labels.astype(np.int64),
        "test": source.test.labels.astype(np.int64),
    }
