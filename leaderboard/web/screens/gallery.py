"""Test images side by side, with the label and what was said under each."""

from collections.abc import Mapping, Sequence

import streamlit as st

from data_gen.preview import describe
from data_gen.spec import Spec
from leaderboard.web import choices
from leaderboard.web.markdown import plain
from leaderboard.web.pictures import draw, enlarged

ANY = "any"
"""The word of an address for every class."""


def gallery(
    benchmark: str, domain: str, places: Sequence[int], *, said: Mapping[str, Sequence[str]]
) -> None:
    """Draw images of a domain by index. `said` has a name for each list of answers."""
    shown = draw(benchmark, domain, places)
    if shown is None:
        st.info("Its images are not MNIST's or Fashion-MNIST's, so dgbench has none to show.")
        return
    with st.container(horizontal=True):
        for place, (image, label) in enumerate(zip(shown.images, shown.labels, strict=True)):
            answers = [f"{name} {answer[place]}" for name, answer in said.items()]
            text = " \u00b7 ".join([f"label {label}", *answers])
            st.image(enlarged(image), caption=plain(text), alt=f"test image, {text}", width=96)


def class_choice(classes: Sequence[str]) -> int | None:
    """Draw the choice of a class, and return its number, or None for all classes."""
    chosen = choices.asked_and_chosen(
        "Class",
        {ANY: "All classes", **{name: name for name in classes}},
        parameter="class",
        usual=ANY,
        width=150,
    )
    return None if chosen == ANY else classes.index(chosen)


def domain_titles(domains: Sequence[str], spec: Spec | None) -> dict[str, str]:
    """Return a title for each test domain, with what it does to the patterns."""
    told = told_by_domain(spec)
    return {name: f"{name}: {told[name]}" if name in told else name for name in domains}


def told_by_domain(spec: Spec | None) -> dict[str, str]:
    """Say of each test domain what it does to the patterns."""
    if spec is None:
        return {}
    return {test.name: describe(spec, test.domain) for test in spec.test_domains}
