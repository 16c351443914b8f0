"""Reads the results of methods on the members of a list from boards."""

from collections.abc import Sequence

from data_gen.foundation.errors import UsageError
from dgbench.report.boards import Board
from dgbench.report.entries import Entry
from dgbench.standings.member_result import MemberResult, MethodInTrack


def results_of(
    boards: Sequence[Board], members: Sequence[str]
) -> dict[MethodInTrack, dict[str, MemberResult]]:
    """Collect the results on the official data of some benchmarks, by method and benchmark.

    Raises UsageError if no run there has an HPS on any of them.
    """
    results: dict[MethodInTrack, dict[str, MemberResult]] = {}
    for board in boards:
        if not board.is_comparable or board.spec.id not in members:
            continue
        for entry in board.entries:
            if (result := _result(board, entry)) is not None:
                row = MethodInTrack(board.uses, entry.name)
                results.setdefault(row, {})[board.spec.id] = result
    if not results:
        raise UsageError(
            "No run there has an HPS on the official data of any of these benchmarks: "
            f"{', '.join(members)}."
        )
    return results


def unreferenced(boards: Sequence[Board], members: Sequence[str]) -> tuple[str, ...]:
    """The benchmarks with runs that have no HPS because no reference values hold for them."""
    return tuple(
        dict.fromkeys(
            board.spec.id
            for board in boards
            if board.is_comparable and board.spec.id in members and board.reference is None
        )
    )


def _result(board: Board, entry: Entry) -> MemberResult | None:
    score = entry.mean("hps")
    if score is None:
        return None
    n_images = len(entry.summary.image_means) if entry.summary else 0
    return MemberResult(
        score=score,
        n_seeds=len(entry.seeds),
        summary=entry.summary,
        # The test images of a source are the same glyphs in every benchmark.
        images=f"{board.spec.source}, {n_images}",
        standing=entry.standing,
        tier=entry.tier,
    )
