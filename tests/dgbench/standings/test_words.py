"""The words of the tables are those of the glossary, the rules and the code that decides."""

import re
from pathlib import Path
from typing import get_args

from dgbench.results.selection import Selection
from dgbench.standings import words
from dgbench.standings.limits import FULL_SEEDS, RANKED_SEEDS
from dgbench.submission.format.manifest import Use

GLOSSARY = Path(__file__).parents[3] / "docs" / "glossary.md"


def test_the_glossary_explains_every_term_in_the_words_of_the_tables():
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    assert [term.title for term in words.TERMS if term.glossary not in lines] == []


def test_the_glossary_explains_no_term_twice():
    terms = re.findall(r"^\| ([^|]+) \|", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    assert len({word.lower() for word in terms}) == len(terms)


def test_every_rule_standing_level_and_privilege_has_words():
    assert set(words.SELECTIONS) == set(get_args(Selection))
    assert set(words.STANDINGS) == set(get_args(words.Standing))
    assert set(words.LEVELS) == set(words.LEVEL_NAMES) == set(get_args(words.Verification))
    assert set(words.USES) == set(get_args(Use))


def test_standings_name_the_seeds_that_decide():
    assert str(FULL_SEEDS) in words.STANDINGS["full"]
    assert f"{RANKED_SEEDS} or {FULL_SEEDS - 1} seeds" in words.STANDINGS["provisional"]
    assert str(RANKED_SEEDS) in words.STANDINGS["unranked"]


def test_a_track_is_found_by_its_name():
    for uses in ((), ("environments",), ("environments", "pattern_labels")):
        assert words.uses_of(words.track(uses)) == uses
        assert words.track_help(uses).endswith(".")
    assert words.track(()) == "standard"
    # Addresses of an older dgbench call it so.
    assert words.uses_of("nothing extra") == ()
    assert words.uses_of("telepathy") is None
