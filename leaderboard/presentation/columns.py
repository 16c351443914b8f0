"""The columns of the leaderboard: what each shows, in which digits and units, and what it means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from data_gen.spec import Spec
from leaderboard.presentation.numbers import (
    NONE,
    Value,
    count,
    day,
    digits,
    duration,
    energy,
    interval,
    percent,
)
from leaderboard.presentation.words import (
    LEVEL_NAMES,
    LEVELS,
    RETAINED,
    SELECTIONS,
    STANDINGS,
    track,
)
from leaderboard.records import Row

Kind = Literal["text", "number", "bar", "heat"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the leaderboard."""

    title: str
    help: str
    pick: Callable[[Row], Value]
    show: Callable[[Value], str] = str
    """The text of a value that is there."""
    kind: Kind = "text"
    is_default: bool = False
    """Whether it is shown before the reader chooses."""

    def text(self, row: Row) -> str:
        """What the table shows for a row."""
        value = self.pick(row)
        return NONE if value is None or value == "" else self.show(value)


def columns(spec: Spec | None) -> tuple[Column, ...]:
    """All columns that a benchmark's rows can have, in the order of the table."""
    has_environments = spec is not None and bool(spec.training_environments)
    scores = _environment_scores() if has_environments else _pattern_scores(spec)
    return (*_PLACE, *scores, *_TRUST, *_COST, *_ORIGIN)


def retention(value: Value) -> str:
    """ID retention, with a star where it is low."""
    mark = " *" if float(value or 0) < RETAINED else ""
    return digits(2)(value) + mark


def rank_interval(row: Row) -> str:
    """Both ends of the interval of a rank."""
    if row.rank_low is None or row.rank_high is None:
        return ""
    same = row.rank_low == row.rank_high
    return str(row.rank_low) if same else f"{row.rank_low} to {row.rank_high}"


def _of(words: Mapping[Any, str]) -> str:
    return "\n".join(f"- **{name}**: {text}" for name, text in words.items())


_PLACE = (
    Column(
        title="Rank",
        help="1 + the number of entries that are significantly better: paired test on the same "
        "images, corrected for the number of comparisons (Holm, 5 %). Rows with the same rank "
        "cannot be told apart; they share a band.",
        pick=lambda row: row.rank,
        show=digits(0),
        kind="number",
        is_default=True,
    ),
    Column(
        title="Method",
        help="Choose a name to see everything about the submission.",
        pick=lambda row: row.method,
        is_default=True,
    ),
)


def _pattern_scores(spec: Spec | None) -> tuple[Column, ...]:
    hidden = spec.hidden if spec else ()
    patterns = list(spec.entries) if spec else []
    ordered = [
        *(name for name in patterns if name in hidden),
        *(name for name in patterns if name not in hidden),
    ]
    which = f" ({', '.join(hidden)})" if hidden else ""
    return (
        Column(
            title="HPS",
            help=f"Hidden-pattern score: mean PF over the hidden patterns{which}. 0 is chance, 1 "
            "is what a model finds that is trained on nothing else. Rows are ranked by it.",
            pick=lambda row: row.hps,
            show=digits(3),
            kind="bar",
            is_default=True,
        ),
        Column(
            title="HPS interval",
            help="95 % interval of HPS over new training seeds and new test images.",
            pick=lambda row: interval(row.hps_low, row.hps_high),
            is_default=True,
        ),
        Column(
            title="Rank interval",
            help="The rank lies in it with a probability of 95 %.",
            pick=rank_interval,
            is_default=True,
        ),
        *(_found(name, is_hidden=name in hidden) for name in ordered),
        Column(
            title="MPS",
            help="Missing-pattern score: as HPS, on test data from which the dominant pattern was "
            "removed.",
            pick=lambda row: row.mps,
            show=digits(2),
            kind="number",
            is_default=True,
        ),
        Column(
            title="R",
            help="ID retention: accuracy above chance in the training domain, relative to plain "
            f"training (ERM). A star marks rows below {RETAINED}: they gave up what they knew.",
            pick=lambda row: row.retention,
            show=retention,
            kind="number",
            is_default=True,
        ),
        _ACCURACY,
        *_WORST,
    )


def _found(name: str, *, is_hidden: bool) -> Column:
    role = "a hidden pattern" if is_hidden else "the dominant, easy pattern"
    return Column(
        title=f"PF {name}",
        help=f"Pattern-found score of **{name}**, {role}: the share of what can be learnt from "
        f"{name} alone that the method uses when every other pattern says nothing. 0 is chance, 1 "
        "the ceiling.",
        pick=lambda row: row.pattern_found.get(name),
        show=digits(2),
        kind="heat",
        is_default=True,
    )


def _environment_scores() -> tuple[Column, ...]:
    return (
        Column(
            title="Worst environment",
            help="Accuracy in the test environment in which it is lowest. Rows are ranked by it.",
            pick=lambda row: row.hps,
            show=percent,
            kind="bar",
            is_default=True,
        ),
        Column(
            title="Accuracy interval",
            help="95 % interval of that accuracy, in %, over new training seeds and images.",
            pick=lambda row: interval(row.hps_low, row.hps_high, factor=100, places=1),
            is_default=True,
        ),
        Column(
            title="Rank interval",
            help="The rank lies in it with a probability of 95 %.",
            pick=rank_interval,
            is_default=True,
        ),
        *(
            Column(
                title=found.title,
                help=found.help,
                pick=found.pick,
                show=found.show,
                kind=found.kind,
                is_default=True,
            )
            for found in _WORST
        ),
    )


_ACCURACY = Column(
    title="Accuracy",
    help="Mean accuracy over the test domains whose label can be known.",
    pick=lambda row: row.accuracy,
    show=percent,
    kind="number",
)
_WORST = (
    Column(
        title="Worst domain",
        help="The test domain with the lowest accuracy, of those whose label can be known.",
        pick=lambda row: row.worst_domain,
    ),
    Column(
        title="Worst accuracy",
        help="Accuracy on the worst domain.",
        pick=lambda row: row.worst_accuracy,
        show=percent,
        kind="number",
    ),
)
_TRUST = (
    Column(
        title="Checked",
        help="How far the numbers were checked:\n"
        + _of({LEVEL_NAMES[level]: text for level, text in LEVELS.items()}),
        pick=lambda row: LEVEL_NAMES.get(row.verification, row.verification),
        is_default=True,
    ),
    Column(
        title="Seeds",
        help="Number of trainings. " + " ".join(STANDINGS.values()),
        pick=lambda row: row.n_seeds,
        show=digits(0),
        kind="number",
        is_default=True,
    ),
    Column(title="Standing", help=_of(STANDINGS), pick=lambda row: row.standing),
    Column(
        title="Attempts",
        help="Submissions of this method by the same submitter, withdrawn ones among them. Many "
        "attempts on a public test set make the best of them look better than it is.",
        pick=lambda row: row.attempts,
        show=digits(0),
        kind="number",
    ),
    Column(
        title="Flags",
        help="What a moderator should look at, such as predictions nearly those of another entry.",
        pick=lambda row: ", ".join(row.flags),
    ),
    Column(
        title="Notes",
        help="What a reader should know, such as another backbone; the submission says more.",
        pick=lambda row: ", ".join(row.notes),
    ),
)
_COST = (
    Column(
        title="Training",
        help="Training time of one seed, as the submitter declared it; hardware differs.",
        pick=lambda row: row.training_seconds,
        show=duration,
        kind="number",
        is_default=True,
    ),
    Column(
        title="Parameters",
        help="Parameters of the trained model, as declared.",
        pick=lambda row: row.parameters,
        show=count,
        kind="number",
    ),
    Column(
        title="Energy",
        help="Energy of training one seed, measured or estimated, as declared.",
        pick=lambda row: row.energy_kwh,
        show=energy,
        kind="number",
    ),
)
_ORIGIN = (
    Column(title="Track", help="What the method uses.", pick=lambda row: track(row.uses)),
    Column(title="Selection", help=_of(SELECTIONS), pick=lambda row: row.selection),
    Column(title="Name", help="As the submitter calls it.", pick=lambda row: row.display_name),
    Column(title="Version", help="Version of the package.", pick=lambda row: row.version),
    Column(title="Submitter", help="Who sent it.", pick=lambda row: row.submitter),
    Column(
        title="Submitted",
        help="Date, UTC.",
        pick=lambda row: row.submitted_at,
        show=day,
    ),
)
