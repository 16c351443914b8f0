"""The pages are usable for people who do not see them, or see other colours."""

from collections.abc import Mapping
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.leaderboard.web.conftest import Filled, Visit

pytestmark = pytest.mark.slow

Scheme = Literal["light", "dark"]

EXCEPTIONS: Mapping[tuple[Scheme, str], str] = {
    # The chosen values of a multiselect: Streamlit writes them white on the theme's primary colour,
    # which on a dark page must itself be light, since chosen tabs are written in it.
    ("dark", "color-contrast"): '<span title="',
}
"""Findings that are Streamlit's own: theme and rule, and what the element's HTML begins with."""


def serious(found: Mapping[str, Any], scheme: Scheme) -> list[str]:
    """The serious and critical findings that no exception covers."""
    return [
        f"{violation['id']}: {node['html'][:300]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
        if not node["html"].startswith(EXCEPTIONS.get((scheme, violation["id"]), "-"))
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Visit, filled: Filled, scheme: Scheme) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    found = {}
    for path in (
        "", "submission?id={prcl}", "submission?id={prcl}&part=Claims",
        "compare?id={prcl}&id={erm}", "benchmarks", "submit", "status",
    ):  # fmt: skip
        page = visit.open(path.format(**filled.ids))
        page.wait_for_timeout(300)
        found[path] = serious(Axe().run(page).response, scheme)
    assert {path: findings for path, findings in found.items() if findings} == {}
