"""What a playground remembers of itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.playground.processes import Process
from console.playground.record import RECORD, Record, read_record, write_record

texts = st.text(st.characters(codec="utf-8"))
records = st.builds(
    Record,
    command=st.lists(texts).map(tuple),
    environment=st.dictionaries(texts, texts),
    process=st.none() | st.builds(Process, pid=st.integers(1, 2**22), started=st.integers(0, 2**63), boot=texts),
    made=st.booleans(),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("record")
    (root / RECORD).parent.mkdir(parents=True)
    return root


@given(record=records)
def test_what_is_written_is_read_again(root: Path, record: Record) -> None:
    write_record(root, record)
    assert read_record(root) == record


@given(data=st.binary() | st.sampled_from([b"{}", b"[]", b"null", b'{"process": 3}', b'{"process": {"pid": 1}}']))
def test_a_broken_record_is_no_record(root: Path, data: bytes) -> None:
    (root / RECORD).write_bytes(data)
    assert read_record(root) is None


def test_no_record_is_no_record(tmp_path: Path) -> None:
    assert read_record(tmp_path) is None
