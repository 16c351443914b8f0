"""Measurements of instruments on a trained method: theory, localisation, findings, curves.

Nothing fills these fields yet. They are in the record so that runs of today stay valid when
something does. Names of measures and findings are free, so that more of them change no schema.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_gen.foundation.documents import Frozen

Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]


class Latency(Frozen):
    """Time of a forward pass after warm-up."""

    batch_size: Annotated[int, Field(ge=1)]
    milliseconds: Amount
    """Median over passes."""
    images_per_second: Amount
    threads: Annotated[int, Field(ge=1)] = 1


class Measure(Frozen):
    """A quantity from the theory of generalisation, such as a margin or a norm."""

    value: float | None
    reason: str = ""
    """Why there is no value."""
    layers: dict[str, float] = {}
    """The same quantity of each layer, for measures that have one."""


class Localisation(Frozen):
    """The share of a method's relevance that falls on the pixels of one pattern.

    An image's ratio is (share of relevance inside the pattern's mask) / (share of pixels in it).
    The localisation is the mean ratio, `total / n`: 1 for a method that does not look there.
    """

    n: Count
    """Images with a mask and with relevance that is not zero everywhere."""
    total: Amount | None
    """Sum of the ratios. Null where the mask overlaps another pattern's too much."""
    overlap: Annotated[float, Field(ge=0, le=1)] | None = None
    """The largest share of the mask that another pattern's mask covers."""
    relevance: Literal["gradient", "own"] = "gradient"
    """Whether relevance is the gradient times the input, or the method's own."""
    reason: str = ""
    """Why there is no total."""


class Finding(Frozen):
    """Something that a method has learnt. Its content is in a file beside the record."""

    name: str
    kind: Literal["text", "array", "relevance"]
    size: Count
    """In bytes."""
    digest: str
    """SHA-256 of the content."""
    shape: tuple[Count, ...] = ()
    """Of an array."""


class Look(Frozen):
    """Correct predictions at one step of the training, on development domains."""

    step: Count
    seconds: Amount | None = None
    """Time of training so far."""
    joules: Amount | None = None
    """Energy so far."""
    correct: dict[str, Count]
    """By the test domain's canonical name. `development` has the number of images."""
