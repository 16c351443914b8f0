"""The conformance suite: the list of all checks, and the run over them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from data_gen.foundation.errors import DGBenchError
from dgbench.checks.declaration import check_card, check_hyper_parameters, check_uses
from dgbench.checks.errors import ConformanceError, NotApplicable
from dgbench.checks.lab import Subject
from dgbench.checks.learning import check_is_not_erm, check_learns, check_moves
from dgbench.checks.prediction import check_devices, check_features, check_logits
from dgbench.checks.repetition import check_determinism, check_resume, check_state_dict
from dgbench.checks.two_processes import check_two_processes

Status = Literal["passed", "failed", "not applicable"]

CHECKS: Sequence[Callable[[Subject], None]] = (
    check_card,
    check_hyper_parameters,
    check_logits,
    check_features,
    check_devices,
    check_uses,
    check_moves,
    check_learns,
    check_determinism,
    check_state_dict,
    check_resume,
    check_two_processes,
    check_is_not_erm,
)
"""Functions that raise ConformanceError. The name without `check_` is the id of a check."""


class Outcome(NamedTuple):
    """The result of one check."""

    check: str
    status: Status
    reason: str = ""
    """The expectation and where to look, or why the check does not apply."""


def check_method(
    name: str, *, on_outcome: Callable[[Outcome], None] | None = None
) -> list[Outcome]:
    """Run all checks on a method, by its installed name or `path.py:Class`.

    `on_outcome` receives each outcome as soon as it is known. Raises DGBenchError if the method
    cannot be imported.
    """
    subject = Subject(name)
    subject.found  # noqa: B018  (what cannot be imported cannot be checked)
    outcomes = []
    for check in CHECKS:
        outcome = _outcome(check, subject)
        outcomes.append(outcome)
        if on_outcome is not None:
            on_outcome(outcome)
    return outcomes


def assert_conforms(name: str) -> None:
    """Raise ConformanceError with every check that a method fails: one line for a test."""
    failed = [outcome for outcome in check_method(name) if outcome.status == "failed"]
    if failed:
        lines = "\n".join(f"{outcome.check}: {outcome.reason}" for outcome in failed)
        raise ConformanceError(f"{name!r} fails {len(failed)} check(s).\n{lines}")


def _outcome(check: Callable[[Subject], None], subject: Subject) -> Outcome:
    name = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        check(subject)
    except NotApplicable as reason:
        return Outcome(name, "not applicable", str(reason))
    except DGBenchError as error:
        return Outcome(name, "failed", str(error))
    except Exception as error:  # foreign code may raise anything
        text = " ".join(str(error).split())[:300]
        return Outcome(name, "failed", f"{type(error).__name__}: {text}{_place(error)}")
    return Outcome(name, "passed")


def _place(error: Exception) -> str:
    """File and line where an error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    code = trace.tb_frame.f_code
    return f" ({Path(code.co_filename).name}, line {trace.tb_lineno}, in {code.co_name})"
