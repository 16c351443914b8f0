"""The ground floor: documents that stay readable, and files and folders that are written whole."""

import os
import stat
from typing import Literal

import pytest
from pydantic import ValidationError

from data_gen.foundation.documents import Frozen, canonical_json, digest_of, read_versioned
from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import draft_of, draft_path, folder_whole, write_once, write_whole


class Note(Frozen):
    """A document of which version 1 had `message`."""

    schema_version: Literal[3] = 3
    text: str
    weight: float = 1.0


UPGRADES = {
    1: lambda old: {"schema_version": 2, "text": old["message"]},
    2: lambda old: {**old, "schema_version": 3, "weight": 2.0},
}


def read(text):
    return read_versioned(Note, text=text, name="'note.json'", upgrades=UPGRADES)


def test_a_document_of_each_version_is_read():
    assert read('{"schema_version": 1, "message": "a"}') == Note(text="a", weight=2)
    assert read('{"schema_version": 2, "text": "a"}') == Note(text="a", weight=2)
    assert read('{"schema_version": 3, "text": "a"}') == Note(text="a")
    assert read(Note(text="a").canonical) == Note(text="a")


def test_a_document_of_a_newer_version_is_refused():
    with pytest.raises(DGBenchError, match=r"^'note.json' has schema version 4; .* up to 3\."):
        read('{"schema_version": 4}')


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "Expecting property name"),
        ("[]", "the whole file: Input should be an object"),
        ('{"schema_version": 3}', "text: Field required"),
        ('{"schema_version": "3", "text": "a"}', "schema_version: Input should be 3"),
        ('{"schema_version": 3, "text": "a", "more": 1}', "more: Extra inputs are not permitted"),
    ],
)
def test_an_invalid_document_is_refused_in_one_line(text, problem):
    with pytest.raises(ValueError, match=rf"^{problem}.*$"):
        read(text)


def test_a_document_cannot_change_and_holds_numbers_only():
    note = Note(text="a")
    with pytest.raises(ValidationError, match="frozen"):
        note.text = "b"
    with pytest.raises(ValidationError, match="finite number"):
        Note(text="a", weight=float("nan"))


def test_canonical_json_has_one_text_for_each_value():
    value = {"b": [1, 0.5, None], "a": "é"}
    assert canonical_json(value) == canonical_json(dict(reversed(value.items())))
    assert canonical_json(value) == '{"a":"\\u00e9","b":[1,0.5,null]}'
    assert canonical_json(value, ensure_ascii=False) == '{"a":"é","b":[1,0.5,null]}'
    assert canonical_json(value, spaced=True) == '{"a": "\\u00e9", "b": [1, 0.5, null]}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("inf"))


def test_a_text_has_the_digest_of_its_bytes_in_utf_8():
    assert digest_of("é") == digest_of("é".encode()) == digest_of(memoryview("é".encode()))
    assert digest_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_file_is_written_whole_with_the_folders_above_it(tmp_path):
    path = tmp_path / "a" / "b.bin"
    for data in (b"first", b"second"):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert names(path.parent) == ["b.bin"]


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_file_whose_writing_fails_stays_as_it_was(tmp_path, is_shared):
    path = tmp_path / "a.txt"
    path.write_text("before")

    def fail():
        with draft_of(path, is_shared=is_shared) as draft:
            draft.write_text("half")
            assert path.read_text() == "before"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "before"
    assert names(tmp_path) == ["a.txt"]


def test_writers_of_one_file_at_once_have_drafts_of_their_own(tmp_path):
    path = tmp_path / "a.txt"
    assert draft_path(path) == draft_path(path)
    assert draft_path(path, is_shared=True) != draft_path(path, is_shared=True)
    with draft_of(path, is_shared=True) as first, draft_of(path, is_shared=True) as second:
        first.write_text("one")
        second.write_text("other")
    assert path.read_text() == "one"


def test_an_existing_file_is_not_written_again(tmp_path):
    path = tmp_path / "key"
    write_once(path, b"first", mode=0o600)
    write_once(path, b"second", mode=0o600)
    assert path.read_bytes() == b"first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(tmp_path) == ["key"]


def test_a_folder_takes_the_place_of_another_or_leaves_it(tmp_path):
    folder = tmp_path / "data"
    with folder_whole(folder) as draft:
        (draft / "a").touch()
    assert names(folder) == ["a"]

    def fail():
        with folder_whole(folder) as draft:
            (draft / "b").touch()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names(folder) == ["a"]
    with folder_whole(folder) as draft:
        (draft / "c").touch()
    assert names(folder) == ["c"]
    assert names(tmp_path) == ["data"]


def test_the_folder_of_a_killed_process_is_removed_and_that_of_a_live_one_stays(tmp_path):
    gone, alive = 2**22 - 1, os.getppid()
    for process in (gone, alive):
        (tmp_path / f".data.partial-{process}").mkdir()
    with folder_whole(tmp_path / "data"):
        pass
    assert names(tmp_path) == [f".data.partial-{alive}", "data"]


def names(folder):
    return sorted(path.name for path in folder.iterdir())
