"""The families: how strong may an easy pattern be before each method goes blind?"""

import pandas as pd
import streamlit as st

from dgbench.lists.family import Family
from dgbench.standings.curves import FamilyCurves
from dgbench.standings.list_tables import family_table
from dgbench.standings.member_result import Bounded, MethodInTrack
from dgbench.standings.words import track
from leaderboard.records.across import FamilyStanding
from leaderboard.web import charts, choices, html_view, links
from leaderboard.web.benchmark_lists import installed_families
from leaderboard.web.markdown import plain
from leaderboard.web.scope import Scope, scope_of
from leaderboard.web.session import service
from leaderboard.web.table_html import table_html
from leaderboard.web.tags import Html, page_link


def page() -> None:
    """Draw the curves of all methods along the family that the reader chooses."""
    st.title("Where does each method go blind?")
    st.markdown(
        "A family is a list of benchmarks that differ in one thing: how strong the easy pattern "
        "is. A curve shows how much of the hidden pattern a method finds at each strength."
    )
    by_name = installed_families()
    name = choices.asked_and_chosen(
        "Family",
        {name: name for name in by_name},
        parameter="family",
        usual=next(iter(by_name)),
        kind="buttons",
    )
    family = by_name[name]
    standing = service().curves(family)
    st.subheader(plain(family.summary))
    if not standing.curves.curves:
        _nothing_yet(family, standing)
        return
    _figure(standing.curves)
    # Most methods of a member that is a benchmark of its own were run on no other member.
    n_alone = _n_alone(standing)
    table = family_table(standing.curves.model_copy(update={"single_points": ()}))
    html_view.show(table_html(table, links=_links(standing)), key=f"family-{family.name}")
    for note in table.notes:
        st.caption(plain(note))
    if n_alone:
        st.caption(f"{n_alone:,} more were run on one of the benchmarks, which makes no curve.")
    _members(family)


def _nothing_yet(family: Family, standing: FamilyStanding) -> None:
    """Say why there is no curve, and lead to the boards of the members."""
    n_alone = _n_alone(standing)
    alone = f" {n_alone} were run on one of them, which makes no curve." if n_alone else ""
    st.info(
        f"No method was run on two benchmarks of this family yet.{alone} A curve needs two of its "
        f"{len(family.members)} benchmarks, a threshold all of them."
    )
    _members(family)


def _n_alone(standing: FamilyStanding) -> int:
    """Count the methods that were run on one member, without yardsticks."""
    yardsticks = {
        key.name
        for key, rows in standing.entries.items()
        if all(row.standing == "yardstick" for row in rows.values())
    }
    return len(set(standing.curves.single_points) - yardsticks)


def _figure(curves: FamilyCurves) -> None:
    rows = [
        (_name(curve.name, curve.uses), f"{point.level:g}", *_bounds(point.hps))
        for curve in curves.curves
        for point in curve.points
    ]
    frame = pd.DataFrame(rows, columns=["method", "level", "score", "low", "high"])
    levels = [f"{level:g}" for level in curves.family.levels]
    title = curves.family.axis.title
    st.altair_chart(charts.curves(frame, levels=levels, title=title, height=curves.height))
    st.caption(
        f"Means over seeds with 95 % intervals. A method goes blind where its curve crosses "
        f"{curves.height:g}, the dashed line."
    )


def _bounds(score: Bounded | None) -> tuple[float | None, float | None, float | None]:
    return (score.estimate, score.low, score.high) if score else (None, None, None)


def _name(name: str, uses: tuple[str, ...]) -> str:
    return f"{name} (uses {track(uses)})" if uses else name


def _links(standing: FamilyStanding) -> dict[str, Html]:
    """Link each name of the table to the method's profile."""
    names = {}
    for curve in standing.curves.curves:
        rows = standing.entries.get(MethodInTrack(curve.uses, curve.name), {})
        for row in list(rows.values())[:1]:
            name = _name(curve.name, curve.uses)
            query = {**scope_of(row).parameters, "name": row.method}
            names[name] = page_link(name, "method", title="Its profile", **query)
    return names


def _members(family: Family) -> None:
    st.subheader("The benchmarks of this family")
    with st.container(horizontal=True):
        for member in family.members:
            label = f"{member.level:g}: {member.benchmark}"
            links.link("leaderboard", label, scope=Scope(benchmark=member.benchmark))
