"""The words of every table: what scores, ranks, tracks, rules and levels are called and mean.

The help of a column, the legend under a table, the page with the rules and the glossary say this.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, TypeVar

from dgbench.metrics.ranking import LEVEL, WIDEST
from dgbench.metrics.score_names import TITLES
from dgbench.standings.limits import EPSILON, FULL_SEEDS, RANKED_SEEDS, RETAINED

Word = TypeVar("Word", bound=str)
STANDARD = "standard"
"""The name of the track whose methods see training images and their classes, nothing else."""
_OLDER_STANDARD = "nothing extra"
"""Its name in addresses of an older dgbench."""
Standing = Literal["full", "provisional", "unranked", "gave-up", "yardstick"]
Verification = Literal["received", "package", "replayed", "fresh-seed", "failed"]
"""How far a row's numbers were checked, from recomputed scores to retraining on new data."""


class Term(NamedTuple):
    """A word that stands over a column."""

    title: str
    """What the head of a column says."""
    name: str
    """The word in full."""
    meaning: str
    """What it is, as a phrase that goes on after the name."""
    formula: str = ""

    @property
    def label(self) -> str:
        """The word in full, with the short one where they differ."""
        return self.name if self.title.lower() == self.name else f"{self.name} ({self.title})"

    @property
    def help(self) -> str:
        """A sentence that explains a column."""
        return f"{self.name[0].upper()}{self.name[1:]}: {self.meaning}."

    @property
    def glossary(self) -> str:
        """Its line in the glossary, a row of a table in Markdown."""
        formula = f" = {self.formula}" if self.formula else ""
        if self.title.lower() == self.name:
            return f"| {self.name} | {self.meaning}{formula} |"
        return f"| {self.title} | {self.name}: {self.meaning}{formula} |"


F = Term(
    "F",
    "found",
    "how well a pattern is known, from the accuracy where all others are missing: 0 by chance and "
    "1 at the ceiling",
    "mean over renderings r of (accuracy on `solo.p.r` - chance) / (ceiling - chance)",
)
T = Term(
    "T",
    "trusted",
    "how far a pattern is followed, from the accuracy where all others are drawn at random and "
    "contradict it: 0 by chance and 1 at the ceiling",
    "(accuracy on `only.p` - chance) / (ceiling - chance)",
)
E = Term(
    "E",
    "encoded",
    "how much a linear probe reads of a pattern from the features: 0 for the untrained network and "
    "1 for networks that learnt this pattern alone",
    "(probe - untrained) / (oracle - untrained)",
)
HPS = Term(TITLES["hps"], "hidden-pattern score", "mean F of the hidden patterns")
UP = Term(
    "UP",
    "uncorrelated-pattern score",
    "accuracy with the dominant pattern drawn at random and the others kept, 0 by chance and 1 at "
    "what ERM has in the training domain",
    "(accuracy on `up.p` - chance) / (that of ERM on `id` - chance)",
)
MP = Term(
    "MP",
    "missing-pattern score",
    "the same as UP with the dominant pattern missing",
    "mean over renderings r of (accuracy on `mp.p.r` - chance) / (that of ERM on `id` - chance)",
)
R = Term(
    "R",
    "ID retention",
    "accuracy above chance in the training domain, divided by that of ERM",
    "(accuracy on `id` - chance) / (that of ERM - chance)",
)
WORST_ENVIRONMENT = Term(
    TITLES["worst_environment"],
    "worst environment",
    "accuracy in the test environment where it is lowest",
)
MEAN_ENVIRONMENT = Term(
    "Mean environment", "mean environment", "mean accuracy over the test environments"
)
HIDDEN_ACCURACY = Term(
    TITLES["hidden_accuracy"],
    "hidden accuracy",
    "mean accuracy on the domains `solo.p` of the hidden patterns, where all others are missing",
)
RANK = Term(
    "Rank",
    "rank",
    "place in the order of the score, among the entries that are ranked",
)
TIER = Term(
    "Tier",
    "tier",
    "entries that follow each other in the order of the score: a tier ends before the first one "
    "that is significantly worse than the tier's best",
)
UNSTABLE = Term(
    "Unstable",
    "unstable",
    f"with a 95 % interval wider than {WIDEST}: such an entry is the best of no tier, and never in "
    "bold",
)
AGAINST_BEST = Term(
    "Against the best",
    "against the best",
    "how an entry compares with the best of the first tier, by the same test as tiers",
)
RANK_INTERVAL = Term(
    "Rank interval", "rank interval", "the ranks that an entry has with a probability of 95 %"
)
ACCURACY = Term(
    "Accuracy", "accuracy", "mean accuracy over the test domains whose label can be known"
)
WORST_DOMAIN = Term(
    "Worst domain",
    "worst domain",
    "the test domain with the lowest accuracy, of those whose label can be known",
)
RELIANCE = Term("Reliance", "reliance", "share of predictions on `conflict` that follow a pattern")
EFFECTIVE_PATTERNS = Term(
    "Effective patterns",
    "effective number of patterns",
    "the exponential of the entropy of the shares that follow each pattern",
)
TERMS = (
    F,
    T,
    E,
    HPS,
    UP,
    MP,
    R,
    WORST_ENVIRONMENT,
    MEAN_ENVIRONMENT,
    HIDDEN_ACCURACY,
    RANK,
    RANK_INTERVAL,
    TIER,
    UNSTABLE,
    AGAINST_BEST,
    ACCURACY,
    WORST_DOMAIN,
    RELIANCE,
)
"""What the glossary explains of them."""
SCORES: Mapping[str, Term] = {
    "hps": HPS,
    "worst_environment": WORST_ENVIRONMENT,
    "hidden_accuracy": HIDDEN_ACCURACY,
    "mean_environment": MEAN_ENVIRONMENT,
    "up": UP,
    "mp": MP,
    "retention": R,
    "effective_patterns": EFFECTIVE_PATTERNS,
}
"""By the name of the field that holds the score, in the order of a list of scores."""

SELECTIONS: Mapping[str, str] = {
    "fixed": "The published defaults (trial 0): nothing was tuned on this benchmark.",
    "id-val": "The setting with the best accuracy on held-out digits of the training domain.",
    "constrained-id": "The most strongly regularised setting within "
    f"{100 * EPSILON:g} % of the best accuracy on held-out digits of the training domain.",
    "leave-one-pattern-out": "The setting that is best on development domains of benchmarks that "
    "hide their patterns behind other ones.",
    "oracle": "The setting that is best on this benchmark's own development domains: an upper "
    "bound, not a result.",
}

USES: Mapping[str, str] = {
    "environments": "knows which training environment an image comes from",
    "pattern_labels": "sees the value of each pattern, not only the class",
    "augmentation_prior": "was told which changes of the image do not matter",
    "unlabelled_ood": "sees unlabelled images without the correlations",
    "balanced_validation": "sees labelled images without the correlations",
    "pretrained": "starts from weights learnt on other data",
    "test_time": "adapts on the test images",
}

LEVELS: Mapping[Verification, str] = {
    "received": "The numbers were recomputed here from the submitted predictions, not verified.",
    "package": "Reproducible: the package, its version, its licence and `check-method` are given.",
    "replayed": "A verifier trained a declared seed again and got the same predictions.",
    "fresh-seed": "A verifier retrained on new data and seeds, and the claim held.",
    "failed": "A verifier could not reproduce the claim. The evidence shows both numbers.",
}
LEVEL_NAMES: Mapping[Verification, str] = {
    "received": "recomputed",
    "package": "package",
    "replayed": "replayed",
    "fresh-seed": "fresh seeds",
    "failed": "failed",
}

STANDINGS: Mapping[Standing, str] = {
    "full": f"{FULL_SEEDS} seeds or more: ranked.",
    "provisional": f"{RANKED_SEEDS} or {FULL_SEEDS - 1} seeds: ranked, but its interval is wide.",
    "unranked": f"Fewer than {RANKED_SEEDS} seeds, a demonstration, or no score in this version of "
    "the benchmark: listed, not ranked.",
    "gave-up": f"ID retention below {RETAINED}, or a seed diverged: it gave up the task, so it is "
    "listed below the others, not ranked.",
    "yardstick": "A method that only shows what a score means: drawn, never ranked.",
}
PAIRED_TEST = (
    f"Two entries are compared on the same images, by a paired test at the level {LEVEL:g}, "
    "which no other entry changes. That no difference was shown does not mean that there is none."
)
"""How entries of the leaderboard are compared."""
LOW_RETENTION = f"below {RETAINED}"
"""When an ID retention is marked."""


def bullets(words: Mapping[Word, str]) -> str:
    """Words and their meanings as a list in Markdown."""
    return "\n".join(f"- **{word}**: {meaning}" for word, meaning in words.items())


def track(uses: Iterable[str]) -> str:
    """The name of a track: what its methods use beyond labelled training images."""
    return " + ".join(name.replace("_", " ") for name in uses) or STANDARD


def uses_of(name: str) -> tuple[str, ...] | None:
    """The uses of a named track, or None for a name that belongs to no track."""
    if name in (STANDARD, _OLDER_STANDARD):
        return ()
    uses = tuple(part.replace(" ", "_") for part in name.split(" + "))
    return uses if track(uses) == name and set(uses) <= set(USES) else None


def track_help(uses: tuple[str, ...]) -> str:
    """A sentence that says what a method of a track is told."""
    if not uses:
        return "Methods of this track see the training images and their classes, nothing else."
    privileges = " and ".join(USES.get(name, name.replace("_", " ")) for name in uses)
    return f"A method of this track {privileges}."
