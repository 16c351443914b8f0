"""The stored results are what the methods in this repository gave, and say nothing else."""

import hashlib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import baselines
from data_gen.spec_files import find_spec
from dgbench.registry import find_method, method_cards
from dgbench.results.folder import PREDICTIONS, find_runs, read_record, run_folder
from dgbench.results.predictions import read_predictions
from dgbench.submission.answer_key.answers import answers_of

RESULTS = Path(baselines.__file__).parent / "results"
REFERENCE = RESULTS / "reference"
spec_of, method_of = cache(find_spec), cache(find_method)


AWAITED = frozenset(
    {"d-bat", "divdis", "eada", "feature-sieve", "l2gp", "rich-features", "whitened-erm"}
)
"""Neighbours of `counterexample`, whose reference runs are made with its own."""


@pytest.fixture(scope="module")
def records():
    """Every stored record by its run folder."""
    return {folder: read_record(folder) for folder in find_runs(RESULTS)}


def test_every_record_is_of_a_finished_official_run_in_its_own_folder(records):
    assert records
    for folder, record in records.items():
        assert folder == run_folder(folder.parents[3], record.configuration, record.seed)
        assert (record.status, record.configuration.official) == ("done", True)
        assert list(record.domains) == [
            test.name for test in spec_of(record.configuration.benchmark).test_domains
        ]


def test_records_match_the_current_specs_and_methods(records):
    """After a change of either, `python baselines/results/remake.py` trains again."""
    for record in records.values():
        configuration = record.configuration
        assert configuration.spec_digest == spec_of(configuration.benchmark).digest
        name = configuration.method.name
        digest = method_of(name).source_digest
        assert configuration.method.source_digest == digest, f"{name} has been changed"


def test_every_method_has_records_of_all_seeds(records):
    n_seeds = Counter(
        (record.configuration.benchmark, record.configuration.method.name)
        for folder, record in records.items()
        if REFERENCE in folder.parents
    )
    for card in method_cards():
        if card.owner == "dgbench" and card.name not in AWAITED:
            needed = ("colored-mnist@1", 3) if "environments" in card.uses else ("mnist-color@1", 5)
            benchmark, n_expected = needed
            assert n_seeds[benchmark, card.name] == n_expected, card.name
    assert not {name for name in AWAITED if n_seeds["mnist-color@1", name] == 5}


def correct_in(predictions):
    return int((predictions.pred == predictions.label).sum())


def test_stored_predictions_give_the_stored_counts(records):
    with_predictions = [folder for folder in records if (folder / PREDICTIONS).is_file()]
    assert {folder for folder in records if REFERENCE / "mnist-color@1" in folder.parents} <= {
        *with_predictions
    }
    for folder in with_predictions[::7]:
        record, path = records[folder], folder / PREDICTIONS
        assert hashlib.sha256(path.read_bytes()).hexdigest() == record.predictions_digest
        answers = answers_of(record.configuration.benchmark)
        counted = {
            predictions.domain: (len(predictions.label), correct_in(predictions))
            for predictions in read_predictions(path, key=answers)
        }
        assert counted == {
            name: (counts.n, counts.correct) for name, counts in record.domains.items()
        }
