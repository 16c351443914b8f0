"""The columns of the leaderboard: the scores of every table of results, and what its rows add."""

from collections.abc import Sequence
from dataclasses import replace

from data_gen.spec import Spec
from dgbench.metrics.score_names import UNITS, ScoreName
from dgbench.metrics.trusted import ideal_voter
from dgbench.standings import words
from dgbench.standings.columns import (
    AGAINST_BEST,
    RANK,
    TIER,
    Column,
    found_column,
    headline_column,
    interval_column,
    mp_column,
    retention_column,
    trusted_column,
    up_column,
)
from dgbench.standings.number_format import count, day, digits, duration, energy, percent, ranks
from leaderboard.records import Row

FILE_PLACES = 3
"""Digits of a score in files and on terminals."""

METHOD: Column[Row] = Column(
    title="Method",
    help="Choose a name to see everything about the submission.",
    pick=lambda row: row.method,
    is_default=True,
)
RANK_INTERVAL: Column[Row] = Column(
    title=words.RANK_INTERVAL.title,
    help=words.RANK_INTERVAL.help,
    pick=lambda row: ranks(row.rank_low, row.rank_high),
)
ACCURACY: Column[Row] = Column(
    title=words.ACCURACY.title,
    help=words.ACCURACY.help,
    pick=lambda row: row.accuracy,
    show=percent,
    kind="number",
)
WORST_DOMAIN: Column[Row] = Column(
    title=words.WORST_DOMAIN.title,
    help=words.WORST_DOMAIN.help,
    pick=lambda row: row.worst_domain,
)
WORST_ACCURACY: Column[Row] = Column(
    title="Worst accuracy",
    help="Accuracy on the worst domain.",
    pick=lambda row: row.worst_accuracy,
    show=percent,
    kind="number",
)
CHECKED: Column[Row] = Column(
    title="Verification",
    help="How far the numbers were checked:\n"
    + words.bullets({words.LEVEL_NAMES[level]: text for level, text in words.LEVELS.items()}),
    pick=lambda row: words.LEVEL_NAMES[row.verification],
    is_default=True,
)
SEEDS: Column[Row] = Column(
    title="Seeds",
    help="Number of trainings. " + " ".join(words.STANDINGS.values()),
    pick=lambda row: row.n_seeds,
    show=digits(0),
    kind="number",
)
ATTEMPTS: Column[Row] = Column(
    title="Attempts",
    help="Submissions of this method by the same submitter, withdrawn ones among them. Many "
    "attempts on a public test set make the best of them look better than it is.",
    pick=lambda row: row.attempts,
    show=digits(0),
    kind="number",
)
VERSION: Column[Row] = Column(
    title="Version", help="Version of the package.", pick=lambda row: row.version
)
_TRUST: tuple[Column[Row], ...] = (
    CHECKED,
    SEEDS,
    Column(
        title="Standing",
        help=words.bullets(words.STANDINGS),
        pick=lambda row: row.standing,
    ),
    ATTEMPTS,
    Column(
        title="Flags",
        help="What a moderator should look at, such as predictions nearly those of another entry.",
        pick=lambda row: ", ".join(row.flags),
    ),
    Column(
        title="Notes",
        help="What a reader should know, such as another backbone. The submission says more.",
        pick=lambda row: ", ".join(row.notes),
    ),
)
_COST: tuple[Column[Row], ...] = (
    Column(
        title="Training",
        help="Training time of one seed, as the submitter declared it. Hardware differs.",
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
_ORIGIN: tuple[Column[Row], ...] = (
    Column(
        title="Track",
        help="What the method is given beyond labelled training images.",
        pick=lambda row: words.track(row.uses),
    ),
    Column(
        title="Paradigm",
        help="The kind of learning system that the method trains.",
        pick=lambda row: row.paradigm,
    ),
    Column(title="Selection", help=words.bullets(words.SELECTIONS), pick=lambda row: row.selection),
    Column(title="Name", help="As the submitter calls it.", pick=lambda row: row.display_name),
    Column(
        title="Authors",
        help="Of the method's paper, or else of the submission.",
        pick=lambda row: ", ".join(row.credited),
    ),
    Column(
        title="Year",
        help="Of the method's paper.",
        pick=lambda row: row.year,
        show=digits(0),
        kind="number",
    ),
    Column(
        title="Paper",
        help="The publication that the method comes from.",
        pick=lambda row: row.paper.title if row.paper else row.paper_url,
    ),
    Column(title="Code", help="Where its code is.", pick=lambda row: row.code_link),
    VERSION,
    Column(title="Submitter", help="Who sent it.", pick=lambda row: row.submitter),
    Column(title="Submitted", help="Date, UTC.", pick=lambda row: row.submitted_at, show=day),
)


def columns(spec: Spec | None) -> tuple[Column[Row], ...]:
    """All columns that a benchmark's rows can have, in the order of the page's table."""
    return (RANK, TIER, METHOD, *_scores(spec), AGAINST_BEST, *_TRUST, *_COST, *_ORIGIN)


def score_columns(name: ScoreName, *, hidden: Sequence[str] = ()) -> tuple[Column[Row], ...]:
    """The score that ranks and its interval, in the digits and the unit of the pages."""
    is_percent = UNITS[name] == "%"
    return (
        headline_column(name, hidden=hidden, show=percent if is_percent else digits(3)),
        interval_column(name, places=1 if is_percent else 2, factor=100 if is_percent else 1),
    )


def headline_name(rows: Sequence[Row]) -> ScoreName:
    """The score that ranks rows of one benchmark."""
    return rows[0].headline.name if rows else "hps"


def file_columns(rows: Sequence[Row]) -> list[Column[Row]]:
    """The scores of rows of one benchmark as files and terminals show them."""
    name = headline_name(rows)
    first: list[Column[Row]] = [
        headline_column(name, show=digits(FILE_PLACES)),
        interval_column(name, places=FILE_PLACES),
    ]
    others: list[Column[Row]] = [retention_column(FILE_PLACES)]
    return first + (others if name == "hps" else [])


def _scores(spec: Spec | None) -> tuple[Column[Row], ...]:
    return _environments() if spec and spec.training_environments else _patterns(spec)


def _patterns(spec: Spec | None) -> tuple[Column[Row], ...]:
    hidden = spec.hidden if spec else ()
    patterns = sorted(spec.entries if spec else (), key=lambda name: name not in hidden)
    return (
        *score_columns("hps", hidden=hidden),
        RANK_INTERVAL,
        *(
            # Of a lone hidden pattern it is HPS.
            found_column(name, is_hidden=name in hidden, is_default=len(hidden) > 1)
            for name in patterns
        ),
        *(
            trusted_column(name, is_hidden=name in hidden, bound=_ideal_trust(spec))
            for name in patterns
        ),
        up_column(),
        mp_column(),
        retention_column(),
        ACCURACY,
        WORST_DOMAIN,
        WORST_ACCURACY,
    )


def _ideal_trust(spec: Spec | None) -> float | None:
    """T of an ideal voter on a benchmark."""
    return None if spec is None else ideal_voter(len(spec.patterns), len(spec.classes))


def _environments() -> tuple[Column[Row], ...]:
    return (
        *score_columns("worst_environment"),
        RANK_INTERVAL,
        replace(WORST_DOMAIN, is_default=True),
        replace(WORST_ACCURACY, is_default=True),
    )
