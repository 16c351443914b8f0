"""Checks of what a method declares: its card, its hyper-parameters, and its `uses`."""

import json
import pickle

from dgbench.api import Method, UndeclaredError
from dgbench.checks.errors import ConformanceError
from dgbench.checks.lab import Subject
from dgbench.registry import method_card
from dgbench.results.facts import USES


def check_card(subject: Subject) -> None:
    """The docstring and the facts of the class can be read without importing the method."""
    card = method_card(subject.name)
    if card.problem:
        raise ConformanceError(card.problem)
    if not card.summary:
        raise ConformanceError("The class has no docstring. Its first line is what lists show.")
    if "?" in card.uses:
        raise ConformanceError(
            "`uses` cannot be read without running the file. Write it as a literal, such as "
            'uses = frozenset({"environments"}).'
        )
    cls = subject.found.cls
    if issubclass(cls, Method):
        for fact in ("paper", "paradigm", "uses_backbone", "is_yardstick"):
            if getattr(card, fact) != getattr(cls, fact):
                raise ConformanceError(
                    f"`{fact}` cannot be read without running the file. Write it as a literal in "
                    "the class itself."
                )
    unknown = subject.recipe.uses - set(USES)
    if unknown:
        raise ConformanceError(f"`uses` names {min(unknown)!r}. Known: {sorted(USES)}.")


def check_hyper_parameters(subject: Subject) -> None:
    """The hyper-parameters survive JSON and pickle."""
    cls, document = subject.found.cls, json.loads(json.dumps(subject.recipe.hyper_parameters))
    if issubclass(cls, Method) and (again := cls.Config.of_document(document)) != cls.Config():
        raise ConformanceError(
            f"The hyper-parameters {cls.Config()!r} become {again!r} through JSON. Use plain types "
            "in Config, and leave document() as it is."
        )
    if pickle.loads(pickle.dumps(document)) != document:  # noqa: S301  (our own bytes)
        raise ConformanceError("The hyper-parameters change through pickle.")


def check_uses(subject: Subject) -> None:
    """The declared `uses` suffice for a step."""
    try:
        subject.trained(2)
    except UndeclaredError as error:
        raise ConformanceError(str(error)) from error
