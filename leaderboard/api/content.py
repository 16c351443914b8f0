"""The version of what the API's answers contain, by which client and server know each other."""

from http import HTTPStatus
from importlib.metadata import version

from starlette.datastructures import Headers

from leaderboard.api.problems import ProblemError

HEADER = "DGBench-Content"
"""Every answer of the API has it. A client that sends it is refused where it differs."""
VERSION = "2"
"""Rows of version 1 had `pattern_found` and `mps`, and another HPS."""


def check(headers: Headers) -> None:
    """Refuse a client that reads another version of the content, before anything is done for it."""
    asked = headers.get(HEADER, VERSION)
    if asked != VERSION:
        raise ProblemError(
            HTTPStatus.NOT_ACCEPTABLE,
            "other-content",
            f"This server speaks version {VERSION} of the API's content, the client version "
            f"{asked!r}: install dgbench {version('dgbench')}, as it is here.",
        )
