"""Rows and bundles' facts as the JSON that the store keeps, read and written only here."""

import gc
from collections.abc import Iterable
from typing import TypeVar

from pydantic import TypeAdapter

from data_gen.foundation.documents import canonical_json
from leaderboard.records import Row, RowFacts

T = TypeVar("T")

_ROW, _FACTS = TypeAdapter(Row), TypeAdapter(RowFacts)


def read_rows(documents: Iterable[str]) -> list[Row]:
    """Read rows from their documents."""
    return _read(_ROW, documents)


def read_facts(documents: Iterable[str]) -> list[RowFacts]:
    """Read the facts of bundles from their documents."""
    return _read(_FACTS, documents)


def document_of(row: RowFacts) -> str:
    """Write a row, or the facts of its bundle, as JSON."""
    return canonical_json(row.fields, ensure_ascii=False)


def _read(adapter: TypeAdapter[T], documents: Iterable[str]) -> list[T]:
    """Read documents one by one, without what the adapter does around its validator.

    A list of ten thousand, read at once, leaves the processor's cache and takes half as long again.
    """
    was_collecting = gc.isenabled()
    # All that is made here stays: the collector would look through it many times, for nothing.
    gc.disable()
    try:
        return list(map(adapter.validator.validate_json, documents))
    finally:
        if was_collecting:
            gc.enable()
