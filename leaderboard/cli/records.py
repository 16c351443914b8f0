"""A verification record on a terminal."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from dgbench.verification.record import Fresh, Replay, Scores, VerificationRecord


def print_record(record: VerificationRecord) -> None:
    """Print what was verified, under which conditions, and the outcome."""
    console = Console(highlight=False, soft_wrap=True)
    subject = record.verified
    version = f" {subject.method_version}" if subject.method_version else ""
    console.print(
        f"{subject.method}{version} on {subject.benchmark}, "
        f"submission {subject.submission_id}: {record.level}",
        markup=False,
    )
    for measure in record.measures:
        sign = "enforced" if measure.enforced else "not enforced"
        console.print(f"  {measure.name}: {sign}, {measure.how}", markup=False)
    if record.replay is not None:
        console.print(_of_replay(record.replay))
    if record.fresh is not None:
        console.print(_of_fresh(record.fresh))
        console.print(_runs(record.fresh))
    console.print(f"{record.verdict.capitalize()}: {record.summary}", markup=False)


def _of_replay(replay: Replay) -> Table:
    table = Table("", "claimed", "reproduced", "same predictions", box=None)
    for name, claimed, reproduced in _pairs(replay.claimed, replay.reproduced):
        share = replay.agreement.get(name)
        table.add_row(name, claimed, reproduced, "" if share is None else f"{share:.2%}")
    return table


def _of_fresh(fresh: Fresh) -> Table:
    table = Table("", "claimed", "on fresh data", f"{fresh.level:.0%} interval", box=None)
    for name, claimed, reproduced in _pairs(fresh.claimed, fresh.reproduced):
        interval = f"{fresh.low:.4f} to {fresh.high:.4f}" if name == _HEADLINE else ""
        table.add_row(name, claimed, reproduced, interval)
    return table


def _runs(fresh: Fresh) -> Table:
    table = Table("generator seed", "seed", _HEADLINE, box=None)
    for run in fresh.runs:
        table.add_row(str(run.generator_seed), str(run.seed), f"{run.scores.headline:.4f}")
    return table


_HEADLINE = "headline score"


def _pairs(claimed: Scores, reproduced: Scores) -> Iterator[tuple[str, str, str]]:
    yield _HEADLINE, f"{claimed.headline:.4f}", f"{reproduced.headline:.4f}"
    for label, claim, outcome in (
        ("MPS", claimed.mps, reproduced.mps),
        ("R", claimed.retention, reproduced.retention),
    ):
        if claim is not None and outcome is not None:
            yield label, f"{claim:.4f}", f"{outcome:.4f}"
    for name, accuracy in claimed.accuracy.items():
        yield name, f"{accuracy:.2%}", f"{reproduced.accuracy.get(name, 0.0):.2%}"
