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
    """Everything that a reader of one board needs."""
    return [*particulars(board), *rules(board, is_wide=is_wide)]


def particulars(board: Board) -> Iterator[str]:
    """Sentences about this board alone: patterns, intervals, selection, and what is missing."""
    if board.development_only:
        yield DEVELOPMENT_ONLY
    yield from _scores(board)
    sample = "seeds alone, because some runs have no predictions"
    if board.sample != "seeds":
        sample = "seeds and images"
    yield f"Means over the seeds that are done; in brackets the 95 % interval over {sample}."
    if has_trials(board):
        yield f"Trial: which one of how many. {words.SELECTIONS[board.selection]}"
    yield from _reasons(board)


def rules(board: Board, *, is_wide: bool = False) -> Iterator[str]:
    """The meaning of the columns and marks, which is the same on every board that has them."""
    if board.reference is not None and board.score.name != "worst_environment":
        more = (words.E, words.UP, words.MP) if is_wide else ()
        for term in (words.F, words.T, *more, words.R):
            yield f"{term.title}: {term.meaning}."
        if any((entry.retention or 1) < RETAINED for entry in board.entries):
            yield f"{MARK}: {words.R.title} {words.LOW_RETENTION}."
    yield (
        f"{words.RANK.help} {words.TIER.help} {words.PAIRED_TEST} Entries with fewer than "
        f"{RANKED_SEEDS} seeds have no rank."
    )
    if any(entry.is_unstable for entry in board.entries):
        yield f"{UNSTABLE_MARK}: {words.UNSTABLE.name}, {words.UNSTABLE.meaning}."
    for standing, title in LINES.items():
        if any(entry.standing == standing for entry in board.entries):
            yield f"{title}: {words.STANDINGS[standing]}"


def has_trials(board: Board) -> bool:
    """Whether the table says which trial was chosen."""
    return any(entry.n_trials for entry in board.entries)


def without_references(name: str) -> str:
    """Why a benchmark's table has accuracies only, and what to do about it."""
    return (
        "No reference values hold for this data, so there are no F, T, HPS and R: "
        f"`dgbench ceilings {name}` measures them."
    )


def _scores(board: Board) -> Iterator[str]:
    if board.score.name == "worst_environment":
        yield f"{words.WORST_ENVIRONMENT.help} Entries are ranked by it."
        return
    if board.reference is None:
        yield without_references(board.spec.name)
        return
    yield f"{words.HPS.title}: {words.HPS.meaning} ({', '.join(board.spec.hidden)})."
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


def _reasons(board: Board) -> Iterator[str]:
    yield from (f"{entry.name}: {entry.note}." for entry in board.entries if entry.note)
    if board.not_run:
        yield f"Declared by the sweep, and not run here: {', '.join(board.not_run)}."
    if board.lacks_trials:
        yield f"Trials of the sweep that were not begun: {', '.join(board.lacks_trials)}."
