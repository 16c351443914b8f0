"""The benchmarks: what each asks, how hard it is, and what its images look like."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from data_gen.bayes import pattern_bayes_accuracy
from data_gen.preview import describe
from data_gen.spec import Spec
from data_gen.spec_files import find_spec, newest
from dgbench.references import Reference
from dgbench.standings.number_format import percent
from dgbench.standings.versions import older_version_note
from leaderboard.records import Group
from leaderboard.web import choices, links, notices, printed
from leaderboard.web.pictures import reference_for_official, sample_grid
from leaderboard.web.scope import BENCHMARK, OLDER_NAME, no_benchmark, spec_of
from leaderboard.web.session import is_dark, service


def page() -> None:
    """Draw the benchmark that the reader chooses."""
    st.title("Benchmarks")
    scope, groups = links.scope(), service().benchmarks()
    _tell_of_older_name(groups)
    names = sorted({*newest(), scope.benchmark})
    choices.choose(
        "Benchmark",
        {name: name for name in names},
        parameter=BENCHMARK,
        value=scope.benchmark,
        chosen=lambda name: choices.put_all(scope.moved_to(name, groups).parameters),
    )
    spec = find_spec(scope.benchmark)
    n_entries = sum(g.n_entries for g in groups if g.benchmark == spec.id)
    st.subheader(spec.summary)
    if note := older_version_note(spec.id):
        st.caption(note)
    if spec.about:
        st.write(" ".join(spec.about.split()))
    _facts(spec)
    if n_entries:
        links.link("leaderboard", f"See its {n_entries} submissions")
    else:
        st.caption("No entries yet.")
    _patterns(spec)
    reference = reference_for_official(spec)
    _domains(spec, reference)
    _samples(spec)
    st.header("Make the data")
    printed.show(printed.making(spec.id))
    st.caption("Digest of the spec, which identifies it:")
    st.code(spec.digest, language=None, wrap_lines=True)


def _tell_of_older_name(groups: Sequence[Group]) -> None:
    """Say that an older address names a benchmark that is not there."""
    older = st.query_params.get(OLDER_NAME)
    if older and BENCHMARK in st.query_params and spec_of(older) is None:
        notices.warn(no_benchmark(older, groups))


def _facts(spec: Spec) -> None:
    facts = [
        f"{len(spec.classes)} classes, chance {percent(1 / len(spec.classes))}",
        f"glyphs from {' and '.join(spec.sources)}",
        f"{spec.budget.steps:,} steps of {spec.budget.batch_size} images",
        f"generator seed {spec.seed}",
    ]
    st.caption("; ".join(facts) + ".")


def _patterns(spec: Spec) -> None:
    st.header("Patterns")
    st.caption(
        "Predictivity: how often a pattern agrees with the class in training. Bayes accuracy: the "
        "best that any model can reach from this pattern alone."
    )
    rows = [
        {
            "Pattern": entry.name,
            "Kind": entry.kind.replace("_", " "),
            "Where": environment or "everywhere",
            "Predictivity": f"{entry.rho:g}",
            "Bayes accuracy": percent(
                pattern_bayes_accuracy(spec, entry.name, environment=environment)
            ),
            "Role": "hidden" if entry.name in spec.hidden else "dominant" if spec.hidden else "-",
        }
        for environment in spec.training_environments or (None,)
        for entry in spec.within(environment).values()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")


def _domains(spec: Spec, reference: Reference | None) -> None:
    st.header("Test domains")
    if reference is None:
        st.caption("No reference values yet, so it takes no submissions.")
    else:
        ceilings = ", ".join(f"{name} {percent(c)}" for name, c in reference.ceilings.items())
        st.caption(
            "ERM: the accuracy of plain training on each domain. Ceilings, the accuracy of models "
            f"trained on one pattern alone: {ceilings or 'none'}."
        )
    erm = reference.erm if reference else {}
    rows = []
    for test in spec.test_domains:
        also = [alias for alias, canonical in spec.aliases.items() if canonical == test.name]
        seeds = erm.get(test.name, ())
        rows.append(
            {
                "Domain": test.name,
                "What it does": describe(spec, test.domain),
                "Also called": ", ".join(also) or "-",
                "ERM": percent(sum(seeds) / len(seeds)) if seeds else "-",
            }
        )
    table = pd.DataFrame(rows)
    st.dataframe(table, hide_index=True, height="content" if len(table) <= 20 else 700)


def _samples(spec: Spec) -> None:
    st.header("Samples")
    picture = sample_grid(spec.id, is_dark=is_dark())
    if picture is None:
        st.info("Its images are not MNIST's or Fashion-MNIST's. Draw them where they are:")
        printed.show(printed.picturing(spec.id))
        return
    st.image(
        picture,
        alt=f"One glyph of each class in every test domain of {spec.id}, with its label.",
        width=picture.width,
    )
