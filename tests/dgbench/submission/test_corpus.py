"""Every malformed bundle is refused with the right code, and every valid one is accepted."""

import pytest

from tests.dgbench.submission.corpus import MALFORMED
from tests.dgbench.submission.kinds import OGB, WILDS
from tests.dgbench.submission.valid import OTHERS, VALID


def _named(cases):
    return [pytest.param(*case[1:], id=case[0].replace(" ", "-")) for case in cases]


@pytest.mark.parametrize(("code", "make"), _named(MALFORMED))
def test_a_malformed_bundle_is_refused_with_its_code(code, make):
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.format.rejection import RejectedError

    with pytest.raises(RejectedError) as caught:
        read_bundle(make())
    rejection = caught.value.rejection
    assert rejection.code.value == code, str(caught.value)
    assert rejection.message
    assert rejection.hint == rejection.code.hint
    assert len(rejection.keys) <= 5
    assert str(caught.value).isascii()


@pytest.mark.parametrize("make", _named(VALID))
def test_the_same_content_has_the_same_id_and_card_however_it_is_packed(make, data):
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.scoring.score import score

    repacked, plain = read_bundle(make()), read_bundle(data)
    assert repacked.id == plain.id
    assert score(repacked).canonical == score(plain).canonical


@pytest.mark.parametrize("make", _named(OTHERS))
def test_other_content_is_accepted_under_another_id(make, data):
    from dgbench.submission.format.bundle import read_bundle

    assert read_bundle(make()).id != read_bundle(data).id


def test_the_corpus_has_the_required_size():
    assert len(MALFORMED) >= 60
    assert len(VALID) >= 10
    assert len({name for name, *_ in MALFORMED}) == len(MALFORMED)


@pytest.mark.parametrize(("evaluator", "at_least"), [(WILDS, 22), (OGB, 17)], ids=["WILDS", "OGB"])
def test_mistakes_that_other_evaluators_receive_are_in_the_corpus(evaluator, at_least):
    codes = {name: code for name, code, _ in MALFORMED}
    assert {kind: codes.get(case) for kind, (case, _) in evaluator.items()} == {
        kind: code for kind, (_, code) in evaluator.items()
    }
    cases = [case for case, _ in evaluator.values()]
    assert len(set(cases)) == len(cases) >= at_least


def test_every_code_but_those_of_the_child_has_a_bundle_in_the_corpus():
    from dgbench.submission.format.rejection import Code

    of_the_child = {Code.MEMORY, Code.TIME, Code.CRASH}
    assert {code for _, code, _ in MALFORMED} == {
        code.value for code in Code if code not in of_the_child
    }


def test_the_first_offending_keys_are_named():
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.format.rejection import RejectedError

    make = next(make for name, _, make in MALFORMED if name == "a class of 255")
    with pytest.raises(RejectedError, match=r"\(seed 0, id, image 5\)"):
        read_bundle(make())
