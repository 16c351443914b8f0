"""Test images side by side, with a word under each."""

from collections.abc import Sequence

import streamlit as st

from leaderboard.web.pictures import draw, enlarged


def gallery(
    benchmark: str, domain: str, places: Sequence[int], *, said: Sequence[str] | None = None
) -> None:
    """Draw images of a domain by index, or say that their source is of others."""
    shown = draw(benchmark, domain, places)
    if shown is None:
        st.info("Its images are not MNIST's or Fashion-MNIST's, so dgbench has none to show.")
        return
    texts = (
        [f"{label}, said {answer}" for label, answer in zip(shown.labels, said, strict=True)]
        if said
        else list(shown.labels)
    )
    with st.container(horizontal=True):
        for image, text in zip(shown.images, texts, strict=True):
            st.image(enlarged(image), caption=text, alt=f"test image, label {text}", width=84)
