"""One small submission that is right in every way, and what is needed to spoil it."""

import pytest

from tests.dgbench.submission.making import BENCHMARK, good_bundle, good_members


@pytest.fixture(scope="session")
def answers():
    """The answers that submissions to the benchmark of the tests are scored against."""
    from dgbench.submission.answer_key.answers import answers_of

    return answers_of(BENCHMARK)


@pytest.fixture(scope="session")
def members():
    """The members of a good bundle, by name."""
    return good_members()


@pytest.fixture(scope="session")
def data():
    """The bytes of a good bundle."""
    return good_bundle()


@pytest.fixture(scope="session")
def with_probabilities():
    """The bytes of a good bundle that has probabilities."""
    return good_bundle(with_probabilities=True)
