"""Facts that a method's class states: the words of `uses`, its paradigm, its paper.

Never imports torch, so that lists, records and the leaderboard share these words.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from data_gen.foundation.errors import UsageError

Use = Literal[
    "environments",
    "pattern_labels",
    "augmentation_prior",
    "unlabelled_ood",
    "balanced_validation",
    "pretrained",
    "test_time",
]
"""Extra information that a method may declare in `uses`."""
USES: tuple[Use, ...] = get_args(Use)

Paradigm = Literal["network", "spiking", "graph", "symbolic", "debate"]
"""The kind of learning system that a method trains."""
PARADIGMS: tuple[Paradigm, ...] = get_args(Paradigm)

_ARXIV = "https://arxiv.org/abs/"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The publication that a method comes from.

    Write it as a literal in the method's class, so that it can be read without running the file.
    """

    # pydantic reads it where a paper is part of a record.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    title: str
    authors: tuple[str, ...] = ()
    """Full names, in the order of the publication."""
    year: int | None = None
    url: str = ""
    code: str = ""
    """Address of the authors' own implementation."""

    def __post_init__(self) -> None:
        if isinstance(self.authors, str):
            raise UsageError(
                f"Paper: authors is {self.authors!r}. Write a tuple of names, such as "
                f"({self.authors!r},)."
            )
        for field in ("url", "code"):
            address = getattr(self, field)
            if address and not address.startswith("https://"):
                raise UsageError(f"Paper: {field} is {address!r}. Write an address with https://.")

    @property
    def reference(self) -> str:
        """The paper in one line: authors and year, title, where it is."""
        surnames = [name.rpartition(" ")[2] for name in self.authors]
        who = " and ".join(surnames) if len(surnames) < 3 else f"{surnames[0]} et al."
        first = " ".join(part for part in (who, str(self.year or "")) if part)
        is_arxiv = self.url.startswith(_ARXIV)
        place = f"arXiv {self.url.removeprefix(_ARXIV)}" if is_arxiv else self.url
        return ", ".join(part for part in (first, self.title, place) if part) + "."
