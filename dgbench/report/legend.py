"""The sentences below a board's table that a reader needs."""

from collections.abc import Iterator

from dgbench.metrics.ceilings import has_stand_ins
from dgbench.report.boards import Board
from dgbench.report.columns import ideal_trust
from dgbench.standings import words
from dgbench.standings.columns import ideal_voter_sentence
from dgbench.standings.limits import MARK, RANKED_SEEDS, RETAINED, UNSTABLE_MARK
from dgbench.standings.standing import LINES
from dgbench.standings.versions import older_version_note

DEVELOPMENT_ONLY = (
    "No test domain was drawn. The scores are those of the development domains: held-out training "
    "digits in the states of the test domains."
)
"""Says of a table that its runs drew no test domain."""


def legend(board: Board, *, is_wide: bool = False) -> list[str]:
    """The scores, the intervals and ranks, the rule of selection, and what is missing."""
    return [
        *([DEVELOPMENT_ONLY] if board.development_only else []),
        *_scores(board, is_wide=is_wide),
        _intervals(board),
        *_standings(board),
        *_selection(board),
        *_reasons(board),
    ]


def has_trials(board: Board) -> bool:
    """Whether the table says which trial was chosen."""
    return any(entry.n_trials for entry in board.entries)


def without_references(name: str) -> str:
    """Why a benchmark's table has accuracies only, and what to do about it."""
    return (
        "No reference values hold for this data, so there are no F, T, HPS and R: "
        f"`dgbench ceilings {name}` measures them."
    )


def _scores(board: Board, *, is_wide: bool) -> Iterator[str]:
    if board.score.name == "worst_environment":
        yield f"{words.WORST_ENVIRONMENT.help} Entries are ranked by it."
        return
    if board.reference is None:
        yield without_references(board.spec.name)
        return
    hidden = ", ".join(board.spec.hidden)
    is_marked = any((entry.retention or 1) < RETAINED for entry in board.entries)
    mark = f" ({MARK} {words.LOW_RETENTION})" if is_marked else ""
    more = (words.E, words.UP, words.MP) if is_wide else ()
    yield " ".join(
        [
            f"{words.HPS.title}: {words.HPS.meaning} ({hidden}).",
            *(f"{term.title}: {term.meaning}." for term in (words.F, words.T, *more)),
            f"{words.R.title}: {words.R.meaning}{mark}.",
        ]
    )
    yield ideal_voter_sentence(ideal_trust(board.spec))
    if not board.score.parts:
        yield (
            f"{board.spec.id} tests no pattern alone, so it has no {words.F.title} and no "
            f"{words.HPS.title}, and nothing ranks. {older_version_note(board.spec.id) or ''}"
        ).strip()
    if has_stand_ins(board.spec, board.reference):
        yield (
            f"In {words.F.title} the ceilings on `only.p` stand in for those on `solo.p`, until "
            f"`dgbench ceilings {board.spec.name}` has measured them."
        )


def _intervals(board: Board) -> str:
    if board.sample == "seeds":
        sample = "seeds alone, because some runs have no predictions"
    else:
        sample = "seeds and images"
    return (
        f"Means over the seeds that are done; in brackets the 95 % interval over {sample}. "
        f"{words.RANK.help} {words.TIER.help} {words.PAIRED_TEST} Entries with fewer than "
        f"{RANKED_SEEDS} seeds have no rank."
    )


def _standings(board: Board) -> Iterator[str]:
    if any(entry.is_unstable for entry in board.entries):
        yield f"{UNSTABLE_MARK}: {words.UNSTABLE.name}, {words.UNSTABLE.meaning}."
    for standing, title in LINES.items():
        if any(entry.standing == standing for entry in board.entries):
            yield f"{title}: {words.STANDINGS[standing]}"


def _selection(board: Board) -> Iterator[str]:
    if has_trials(board):
        yield f"Trial: which one of how many. {words.SELECTIONS[board.selection]}"


def _reasons(board: Board) -> Iterator[str]:
    yield from (f"{entry.name}: {entry.note}." for entry in board.entries if entry.note)
    if board.not_run:
        yield f"Declared by the sweep, and not run here: {', '.join(board.not_run)}."
    if board.lacks_trials:
        yield f"Trials of the sweep that were not begun: {', '.join(board.lacks_trials)}."
