"""Methods across benchmarks: the overview, the families' curves, the profile of a method."""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import pytest

from dgbench.lists.family import families
from dgbench.lists.suite import find_suite
from leaderboard.records import Identity, Query
from leaderboard.records.across import SuiteStanding
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.web import overview_html
from leaderboard.web.current_service import set_current_service
from tests.leaderboard import synthetic
from tests.leaderboard.web.drawing import draw, lines, methods, tables, words

SUITE = find_suite("core@1")
FAMILY = families()["color-predictivity"]
ALICE, BOB = (Identity(name=name, roles=frozenset({"submitter"})) for name in ("alice", "bob"))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One method that was run everywhere, others with gaps, and a yardstick."""
    store = Store.open(str(tmp_path_factory.mktemp("across") / "board.db"))
    service = Service(store, score=synthetic.score, now=synthetic.Clock())

    def send(method: str, benchmark: str, level: float, who: Identity = ALICE, **more: object):
        fields = {"benchmark": benchmark, "level": level, "images": 60, **more}
        service.receive(synthetic.bundle(method, **fields), who)

    for place, name in enumerate(SUITE.members):
        send("whole", name, 0.9 - 0.1 * place)
        send("shape-only", name, 0.95, standing="yardstick")
    for place, name in enumerate(FAMILY.benchmarks[:-1]):
        send("whole", name, 0.95 - 0.02 * place)
    for name in FAMILY.benchmarks[:2]:
        send("parts", name, 0.3)
    send("parts", SUITE.members[0], 0.99)
    send("parts", SUITE.members[1], 0.99, retention=0.5)
    send("told", SUITE.members[0], 0.6, uses=["environments"])
    send("twice", SUITE.members[0], 0.5)
    send("twice", SUITE.members[0], 0.2, BOB)
    send("whole", SUITE.members[0], 0.85, version="2.0", paper={"title": "T", "year": 2020})
    set_current_service(service)
    yield service
    set_current_service(None)
    service.close()


@pytest.fixture(scope="module")
def standing(service: Service) -> SuiteStanding:
    return service.overview(SUITE)


def test_the_overall_score_is_the_mean_over_the_suite(
    service: Service, standing: SuiteStanding
) -> None:
    by_name = {row.name: row for row in standing.overview.rows}
    scores = [
        next(row.hps for row in service.rows(Query(benchmark=name)) if row.method == "whole")
        for name in SUITE.members
    ]
    whole = by_name["whole"].overall
    assert whole is not None
    assert whole.estimate == pytest.approx(mean(score or 0 for score in scores))
    assert whole.low is not None
    assert whole.high is not None
    assert whole.low < whole.estimate < whole.high
    assert [name for name, row in by_name.items() if row.overall is None] == [
        "parts",
        "told",
        "twice (alice)",
        "twice (bob)",
    ]


def test_entries_of_several_submitters_are_never_one_row(standing: SuiteStanding) -> None:
    rows = {row.name: row.cells[0] for row in standing.overview.rows}
    alice, bob = rows["twice (alice)"], rows["twice (bob)"]
    assert alice is not None
    assert bob is not None
    assert alice.hps.estimate > bob.hps.estimate


@pytest.mark.usefixtures("service")
def test_the_overview_leads_to_profiles_and_boards() -> None:
    app = draw("overview")
    assert not app.exception
    shown = lines(app)
    assert [line["Method"].partition(" ")[0] for line in shown] == [
        "whole", "parts", "twice", "twice", "told", "shape-only",
    ]  # fmt: skip
    (tree,) = tables(app)
    parts = [words(line) for line in tree.iterfind(".//tr[@class='part']")]
    assert [text.split(":")[0] for text in parts] == ["Track", "Track", "Yardsticks"]
    targets = {a.get("data-open") for a in tree.iterfind(".//tbody//a")}
    scope = "benchmark=mnist-color%401&track=standard&selection=fixed"
    assert f"method?{scope}&name=whole" in targets
    assert f"board?{scope}" in targets
    assert "board?benchmark=mnist-color%401&track=environments&selection=fixed" in targets
    heads = [words(head) for head in tree.iterfind(".//thead//th")]
    # Yardsticks are not counted.
    assert heads[3] == "mnist-color@1 5 methods"
    gave_up = shown[1]["mnist-color-swap@1 2 methods"]
    assert gave_up == "0.99" or gave_up.startswith("0.9")
    assert " " not in gave_up, "it gave up the task, so it has no tier"
    assert shown[1]["mnist-ladder@2 1 method"] == "-"


@pytest.mark.usefixtures("service")
def test_an_overview_is_sorted_by_a_benchmark_within_each_track_and_gaps_stay_last() -> None:
    second, last = SUITE.members[1], SUITE.members[-1]
    shown = {
        (by, way): [line["Method"].partition(" ")[0] for line in lines(draw("overview", **asked))]
        for by, way in ((second, "false"), (second, "true"), (last, "true"), ("method", "true"))
        if (asked := {"by": by, "reversed": way})
    }
    # "twice" and "told" were not run on the second benchmark, and "told" is in another track.
    best_first = ["parts", "whole", "twice", "twice", "told", "shape-only"]
    assert shown[second, "false"] == best_first
    assert shown[second, "true"] == ["whole", "parts", *best_first[2:]]
    assert shown[last, "true"][0] == "whole", "the only one that was run"
    assert shown["method", "true"][:2] == ["whole", "twice"]
    (tree,) = tables(draw("overview", by=second))
    sorting = {
        head.find("button").get("data-sort"): head.get("aria-sort")  # type: ignore[union-attr]
        for head in tree.iterfind(".//thead/tr/th")
        if head.find("button") is not None
    }
    assert sorting.pop(second) == "descending"
    assert set(sorting.values()) == {None}
    assert set(sorting) == {"overall", "method", *SUITE.members} - {second}
    wrong = draw("overview", by="mnist-colour@1")
    assert "Did you mean" in wrong.warning[0].value


def test_with_one_benchmark_filled_no_column_is_empty_and_the_board_is_one_click_away(
    service: Service, tmp_path: Path
) -> None:
    alone = Service(Store.open(str(tmp_path / "one.db")), score=synthetic.score)
    alone.receive(synthetic.bundle("erm", images=20), ALICE)
    set_current_service(alone)
    try:
        app = draw("overview")
        page = draw("leaderboard")
    finally:
        set_current_service(service)
        alone.close()
    assert not app.exception
    assert not page.exception
    assert "Overall" not in lines(app)[0]
    assert "None was run on all 6 benchmarks yet" in " ".join(text.value for text in app.markdown)
    links = [a.get("data-open") for a in tables(app)[0].iterfind(".//thead//a")]
    assert links[0] == "board?benchmark=mnist-color%401&track=standard&selection=fixed"


@pytest.mark.usefixtures("service")
def test_a_family_shows_curves_thresholds_and_areas_of_who_was_run() -> None:
    app = draw("families", family="color-predictivity")
    assert not app.exception
    by_name = {line["Method"]: line for line in lines(app)}
    assert set(by_name) == {"whole", "parts"}
    assert by_name["whole"]["Threshold"] == "always"
    assert by_name["parts"]["Threshold"] == "-"
    assert by_name["parts"]["0.98"] == "-"
    assert "3 more were run on one of the benchmarks" in " ".join(c.value for c in app.caption)
    nothing = draw("families", family="tint-availability")
    assert "No method was run on two benchmarks of this family yet" in nothing.info[0].value
    assert tables(nothing) == []


@pytest.mark.usefixtures("service")
def test_a_profile_has_a_row_for_each_benchmark_and_says_of_how_many() -> None:
    app = draw("method", name="whole")
    assert not app.exception
    shown = lines(app)
    assert [line["Benchmark"] for line in shown[: len(SUITE.members)]] == list(SUITE.members)
    assert shown[0]["Rank"] == "2 of 4"
    assert shown[0]["Found (F)"].endswith("shape")
    assert shown[0]["Trusted (T)"].endswith("color")
    # Nobody declared probes, and the page says what the dash means.
    assert shown[0]["Encoded (E)"] == "-"
    assert "no probes came with the submission" in " ".join(c.value for c in app.caption)
    # The first version is listed last, as one that was replaced.
    assert (shown[-1]["Benchmark"], shown[-1]["Rank"]) == ("mnist-color@1", "-")
    (tree,) = tables(app)
    parts = [words(line) for line in tree.iterfind(".//tr[@class='part']")]
    assert parts[-1].startswith("Replaced")
    unknown = draw("method", name="wohle")
    assert "whole" in unknown.warning[0].value


def test_yardsticks_are_in_no_count(service: Service) -> None:
    (group,) = (g for g in service.benchmarks() if (g.benchmark, g.uses) == (SUITE.members[0], ()))
    rows = service.rows(Query(benchmark=SUITE.members[0], uses=()))
    n_yardsticks = sum(row.standing == "yardstick" for row in rows)
    assert (n_yardsticks, group.n_entries) == (1, len(rows) - 1)
    assert service.status().n_rows == sum(group.n_entries for group in service.benchmarks())


@pytest.mark.usefixtures("service")
def test_choices_say_how_many_entries_they_have_and_empty_benchmarks_are_among_them() -> None:
    app = draw("leaderboard", benchmark="mnist-color@1")
    titles = app.selectbox(key="benchmark").options
    assert titles[0].startswith("fashion-color@1 (1)")
    assert "mnist-color-5k@1 (no entries)" in titles
    assert not any(title.startswith("mnist-texture") for title in titles)  # it takes none
    assert "environments (1)" in app.selectbox(key="track").options
    empty = draw("leaderboard", benchmark="mnist-color-5k@1")
    assert not empty.exception
    assert "has no entries yet in the track standard" in empty.info[0].value


@pytest.mark.usefixtures("service")
def test_the_timeline_asks_for_years_and_says_where_none_is_known() -> None:
    assert "2020" not in " ".join(text.value for text in draw("timeline").info)
    nothing = draw("timeline", benchmark=SUITE.members[1])
    assert "No entry here names the year of a paper" in nothing.info[0].value
    assert not draw("timeline", benchmark=SUITE.members[1], time="submission").info


@pytest.mark.usefixtures("service")
def test_an_entry_without_paper_or_author_has_a_profile(service: Service) -> None:
    service.receive(
        synthetic.bundle("nobody", authors=[], images=60, paper={"title": "x" * 200}), BOB
    )
    for page, query in (("method", {"name": "nobody"}), ("overview", {}), ("leaderboard", {})):
        app = draw(page, **query)
        assert not app.exception, page
    assert "nobody" in methods(draw("overview"))


def test_an_overview_of_sixty_methods_is_drawn_within_a_second_and_a_half(
    standing: SuiteStanding,
) -> None:
    (first, *_) = standing.overview.rows
    cells = (first.cells * 2)[:12]
    names = tuple(f"{name}-{n}" for n in (1, 2) for name in standing.overview.benchmarks)
    rows = tuple(first.model_copy(update={"name": f"m{n}", "cells": cells}) for n in range(60))
    large = standing.overview.model_copy(update={"benchmarks": names, "rows": rows})
    whole = next(key for key in standing.entries if key.name == "whole")
    behind = dict(zip(names, list(standing.entries[whole].values()) * 2, strict=False))
    entries = {whole._replace(name=f"m{n}"): behind for n in range(60)}
    begun = time.process_time()
    html = overview_html.overview(SuiteStanding(large, entries), title="Large")
    assert time.process_time() - begun < 1.5
    assert html.count('class="heat') == 720
