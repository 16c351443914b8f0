"""The rules: what the numbers mean, how rows are ranked, and what they cannot say."""

import streamlit as st

from data_gen.spec_files import find_spec
from dgbench.metrics.ceilings import solo_ceilings
from dgbench.metrics.found import found
from dgbench.metrics.scale import above_chance
from dgbench.metrics.trusted import ideal_voter
from dgbench.standings.limits import FULL_SEEDS, MARK, RANKED_SEEDS, RETAINED, UNSTABLE_MARK
from dgbench.standings.number_format import digits
from dgbench.standings.standing import LINES
from dgbench.standings.words import (
    HPS,
    LEVEL_NAMES,
    LEVELS,
    MP,
    PAIRED_TEST,
    RANK,
    SELECTIONS,
    STANDINGS,
    TIER,
    UNSTABLE,
    UP,
    USES,
    WORST_ENVIRONMENT,
    F,
    R,
    T,
    bullets,
    track,
)
from leaderboard.web.pictures import reference_for_official

EXAMPLE, ACCURACIES, IN_DOMAIN = "mnist-color@1", (0.62, 0.58, 0.55), 0.972

_BOUNDS = ", ".join(digits(2)(ideal_voter(n, 10)) for n in (2, 3, 4, 6))

SCORES = rf"""
Every image shows several **patterns** that carry its class: a digit's shape, its colour. One is
easier to see than the others, and while both say the same, a model need not learn the second. The
test domains take the patterns apart.

- **{F.title}**, {F.name}, of a pattern $p$: {F.meaning}. Nothing contradicts $p$ there, so a
  method that knows it is right: $F_p$ is the mean of
  $\dfrac{{\text{{accuracy on }} \mathtt{{solo}}.p.r - \text{{chance}}}}
  {{\text{{ceiling}}_{{p,r}} - \text{{chance}}}}$ over the renderings $r$ of what is missing. The
  ceiling is what plain training reaches there when it is trained on $p$ alone. The score is never
  clipped.
- **{HPS.title}**, the {HPS.name}: {HPS.meaning}. Entries are ranked by it.
- **{T.title}**, {T.name}, of a pattern: {T.meaning}. Who knows several patterns can trust none of
  them fully: among 2, 3, 4 or 6 patterns, each trusted equally, $T$ is {_BOUNDS}.
- **{UP.title}**, the {UP.name}: {UP.meaning}.
- **{MP.title}**, the {MP.name}: {MP.meaning}.
- **{R.title}**, {R.name}: {R.meaning}, which is plain training.
- **{WORST_ENVIRONMENT.title}**: {WORST_ENVIRONMENT.meaning}. It ranks entries on benchmarks with
  environments.
"""

RANKS = f"""
- {RANK.title}: {RANK.meaning}.
- {TIER.title}: {TIER.meaning}. {PAIRED_TEST} A tier says no more than that nothing in it was shown
  to be worse than its best.
- {UNSTABLE.title}: {UNSTABLE.meaning}. Its tier is marked with {UNSTABLE_MARK}.
- {"; ".join(f"**{LINES[standing]}**: {STANDINGS[standing]}" for standing in LINES)}
- Intervals are for new training seeds **and** new test images: both kinds of chance count.
- Rows are ranked within one benchmark, one track and one rule of selection, never across.
- {FULL_SEEDS} seeds make a full entry, {RANKED_SEEDS} or {FULL_SEEDS - 1} a provisional one; with
  fewer, or as a demonstration, a submission is listed and not ranked.
- Of several submissions of a method by the same person the newest stands; the number of attempts is
  shown.
- Every number is computed here from the submitted predictions. A typed number is never ranked.
"""

LIMITS = """
- **The test labels of MNIST and Fashion-MNIST are public**, and the generator is open: nothing
  stops anyone from choosing settings on the test domains, or from making predictions up. A row that
  is only *recomputed* is as honest as its submitter. Retraining on fresh seeds settles it.
- Ceilings and ERM's accuracies come from one backbone and one budget. A score above 1 is possible
  with another backbone.
- Costs are declared, on hardware of the submitters' own.
- The images are small and made: which patterns a method finds here need not be what it finds in
  photographs.
- Many attempts on one public test set favour luck; look at the attempts and at fresh-seed checks.
"""


def page() -> None:
    """Draw the rules."""
    st.title("Rules and what the numbers mean")
    st.header("Scores")
    st.markdown(SCORES)
    _worked_example()
    st.header("Ranks and tiers")
    st.markdown(RANKS)
    st.header("How far a row was checked")
    st.caption("From the weakest to the strongest. A failed check shows both numbers.")
    st.markdown(bullets({LEVEL_NAMES[level]: text for level, text in LEVELS.items()}))
    st.header("Tracks: what a method may use")
    st.markdown(bullets({track([name]): f"The method {text}." for name, text in USES.items()}))
    st.header("How hyper-parameters were chosen")
    st.markdown(bullets(SELECTIONS))
    st.header("Known limits")
    st.markdown(LIMITS)


def _worked_example() -> None:
    """Draw the formulas with numbers that the scorer's own functions compute."""
    spec = find_spec(EXAMPLE)
    reference = reference_for_official(spec)
    ceilings = None if reference is None else solo_ceilings(spec, reference)["shape"]
    if reference is None or ceilings is None:
        return
    chance = 1 / len(spec.classes)
    accuracy = dict(zip(ceilings, ACCURACIES, strict=True))
    hps = found(accuracy, chance=chance, ceilings=ceilings)
    kept = above_chance(IN_DOMAIN, chance=chance, ceiling=reference.erm_id)
    mark = "" if kept >= RETAINED else f", and R is marked with {MARK}"
    two, three, four = digits(2), digits(3), digits(4)
    reached = ", ".join(f"{two(value)} on `{name}`" for name, value in accuracy.items())
    terms = " + ".join(
        rf"\frac{{{two(accuracy[name])} - {two(chance)}}}{{{four(ceiling)} - {two(chance)}}}"
        for name, ceiling in ceilings.items()
    )
    with st.container(border=True):
        st.markdown(
            f"**Worked example** on {EXAMPLE}, where chance is {two(chance)}. With two patterns "
            f"`solo.shape` is `mp.color`. A method reaches {reached}, and {three(IN_DOMAIN)} in "
            f"the training domain, where ERM reaches {four(reference.erm_id)}."
        )
        # A line each: on a phone one line would be cut off.
        st.latex(
            rf"\mathrm{{HPS}} = F_\mathrm{{shape}} = \tfrac{{1}}{{{len(ceilings)}}} "
            rf"\left({terms}\right) = {three(hps)}"
        )
        st.latex(
            rf"R = \frac{{{three(IN_DOMAIN)} - {two(chance)}}}"
            rf"{{{four(reference.erm_id)} - {two(chance)}}} = {three(kept)}"
        )
        st.markdown(
            f"It finds {100 * (hps or 0):.0f} % of what can be learnt from the shape{mark}."
        )
