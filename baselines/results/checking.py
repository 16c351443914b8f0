"""Runs the conformance suite over the methods of the reference results, and keeps the outcomes."""

import sys
from pathlib import Path

from dgbench.checks import check_method
from dgbench.registry import installed_method, method_cards
from dgbench.submission.pack.conformance import (
    CheckedMethod,
    outcome,
    read_checked,
    write_checked,
)


def check_methods(target: Path) -> int:
    """Check every method of dgbench whose present source has no outcome. Returns 1 if one fails."""
    checked = read_checked(target)
    names = [card.name for card in method_cards() if card.owner == "dgbench"]
    for name in names:
        installed = installed_method(name)
        if installed is None:
            continue
        earlier = checked.get(name)
        if earlier is not None and earlier.source_digest == installed.source_digest:
            continue
        failed = [check.check for check in check_method(name) if check.status == "failed"]
        sys.stderr.write(f"{name}: {'failed ' + ', '.join(failed) if failed else 'passed'}\n")
        checked[name] = CheckedMethod(
            source_digest=installed.source_digest, conformance=outcome(passed=not failed)
        )
        write_checked(target, {name: checked[name] for name in names if name in checked})
    return int(any(method.conformance.status == "failed" for method in checked.values()))
