"""Rows that the store keeps come back as they were, and nothing else is taken for a row."""

import gc
import json

import pytest
from pydantic import ValidationError

from leaderboard.board.documents import document_of, read_facts, read_rows
from tests.leaderboard.synthetic import bundle, score
from tests.leaderboard.web.made import ROW, environments_row

ROWS = [ROW, environments_row()]
FACTS = [score(bundle("erm")).facts, score(bundle("irm", headline="worst_environment")).facts]


def test_rows_and_facts_come_back_as_they_were():
    assert read_rows(map(document_of, ROWS)) == ROWS
    assert read_facts(map(document_of, FACTS)) == FACTS


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rank", "first"),
        ("authors", "A. Author"),
        ("standing", "good"),
        ("headline", {"name": "f1", "estimate": 0.5}),
        ("headline", None),
        ("found", {"shape": "high"}),
        ("submitted_at", None),
    ],
)
def test_a_row_with_another_value_is_refused(field, value):
    document = json.dumps(json.loads(document_of(ROW)) | {field: value})
    with pytest.raises(ValidationError, match=field):
        read_rows([document_of(ROW), document])
    assert gc.isenabled()


def test_a_row_without_a_field_is_refused():
    fields = json.loads(document_of(ROW))
    del fields["worst_domain"]
    with pytest.raises(ValidationError, match="worst_domain"):
        read_rows([json.dumps(fields)])
