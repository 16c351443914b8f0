"""The cost of scores."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dgbench.standings.number_format import Show, count, duration, energy
from leaderboard.records import Row
from leaderboard.web import charts, choices, submission_frames
from leaderboard.web.screens import pickers
from leaderboard.web.screens.empty_store import empty_store
from leaderboard.web.session import ink, service

COSTS = {
    "training_seconds": "Training time per seed (s)",
    "parameters": "Parameters",
    "energy_kwh": "Energy per seed (kWh)",
}
"""Costs by the field of a row, each with its title."""
SHOWN: Mapping[str, Show] = {
    "training_seconds": duration,
    "parameters": count,
    "energy_kwh": energy,
}
"""How each of them is written."""


def page() -> None:
    """Draw the score against a cost, and who is on the frontier."""
    st.title("Score against cost")
    groups = service().benchmarks()
    if not groups:
        empty_store()
        return
    query = pickers.group_of(groups)
    field = choices.asked_and_chosen(
        "Cost",
        COSTS,
        parameter="cost",
        usual="training_seconds",
        kind="buttons",
        older={title: name for name, title in COSTS.items()},
    )
    cost = COSTS[field]
    rows = service().rows(query)
    table = submission_frames.costs(rows, field)
    if table.empty:
        st.info("No submission here declares this cost.")
        return
    title = rows[0].headline.title
    st.altair_chart(charts.pareto(table, cost=cost, title=title, ink=ink()))
    st.caption(
        "Blue: on the Pareto frontier, so no cheaper submission scores higher. Lines are 95 % "
        "intervals. Costs are declared by the submitters and depend on their hardware."
        + _left_out(rows, len(table))
    )
    frontier = table[table["frontier"]][["method", "cost", "score"]]
    st.subheader("Pareto frontier, cheapest first")
    st.dataframe(
        frontier.rename(columns={"method": "Method", "cost": cost, "score": title}).style.format(
            {cost: SHOWN[field], title: "{:.3f}"}
        ),
        hide_index=True,
        height="content",
    )


def _left_out(rows: Sequence[Row], n_drawn: int) -> str:
    """Say how many submissions do not declare the cost. Yardsticks are never drawn."""
    n_left_out = sum(row.standing != "yardstick" for row in rows) - n_drawn
    return f" Left out, since they declare no such cost: {n_left_out}." if n_left_out else ""
