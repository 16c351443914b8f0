"""Standings of methods on several benchmarks: of a suite, or along a family."""

from collections.abc import Mapping
from typing import NamedTuple

from dgbench.standings.curves import FamilyCurves
from dgbench.standings.member_result import MethodInTrack
from dgbench.standings.overview import Overview
from leaderboard.records.row import Row

EntriesOfMethods = Mapping[MethodInTrack, Mapping[str, Row]]
"""The entries of each method by benchmark. Where several people submitted a method, each of them
has entries of their own, and their name stands beside the method's."""


class SuiteStanding(NamedTuple):
    """Methods on the benchmarks of a suite, with the entries behind the numbers."""

    overview: Overview
    entries: EntriesOfMethods


class FamilyStanding(NamedTuple):
    """Methods along a family of benchmarks, with the entries behind the points."""

    curves: FamilyCurves
    entries: EntriesOfMethods


class ProfileLine(NamedTuple):
    """An entry of a method, and how many entries are ranked beside it."""

    row: Row
    n_ranked: int
    is_superseded: bool
    """Whether a later entry of the same submitter is ranked in its place."""
