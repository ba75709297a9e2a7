"""Reading backwards gives the same lines as reading forwards, whatever the sizes."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.logs.lines import LogMissing, last_lines, lines_before

TEXTS = st.lists(st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"|")), max_size=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


@given(lines=TEXTS, rest=st.sampled_from([b"", b"begun"]), n=st.integers(1, 80))
@settings(deadline=None)
def test_last_lines_are_the_last_lines(folder: Path, lines: list[bytes], rest: bytes, n: int) -> None:
    path = folder / "a.log"
    path.write_bytes(b"".join(line + b"\n" for line in lines) + rest)
    expected = [*lines, rest] if rest else lines
    assert last_lines(path, n) == expected[-n:]


@given(lines=TEXTS, n=st.integers(1, 7), block=st.integers(1, 50), at_once=st.integers(0, 100))
@settings(deadline=None)
def test_paging_back_reaches_every_line_once(
    folder: Path, lines: list[bytes], n: int, block: int, at_once: int
) -> None:
    path = folder / "b.log"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    got: list[bytes] = []
    offset = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("console.logs.lines._BLOCK", block)
        patch.setattr("console.logs.lines._AT_ONCE", at_once)
        while page := lines_before(path, offset, n):
            assert len(page) <= n
            got[:0] = [line.data for line in page]
            offset = page[0].offset
    assert got == lines


def test_a_line_knows_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\nthr")
    one, two, three = lines_before(path, None, 9)
    assert (one.offset, one.end, one.complete) == (0, 4, True)
    assert (two.offset, two.end, two.complete) == (4, 8, True)
    assert (three.offset, three.end, three.complete) == (8, 11, False)


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"")
    assert last_lines(path, 5) == []
    path.write_bytes(b"\n")
    assert last_lines(path, 5) == [b""]
    assert last_lines(path, 0) == []


def test_an_offset_behind_the_end_means_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\n")
    assert [line.data for line in lines_before(path, 10**6, 1)] == [b"two"]


def test_a_line_of_many_megabytes_is_cut_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"before\n" + b"x" * 30_000_000 + b"\nafter\n")
    tracemalloc.start()
    before, long, after = last_lines(path, 3)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (before, after) == (b"before", b"after")
    assert long.startswith(b"x" * 65536 + " … [".encode())
    assert b"29,934,464" in long
    assert peak < 2_000_000


def test_a_short_line_is_cut_at_the_length_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"0123456789\n")
    (line,) = lines_before(path, None, 1, max_line=4)
    assert (line.data, line.missing, line.complete) == (b"0123", 6, True)


def test_the_end_of_a_huge_file_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with path.open("wb") as file:
        file.seek(8 << 30)
        file.write(b"\n" + b"line\n" * 100)
    tracemalloc.start()
    assert last_lines(path, 40) == [b"line"] * 40
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


def test_what_is_no_log_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogMissing):
        last_lines(tmp_path / "none.log", 5)
    with pytest.raises(ConsoleError):
        last_lines(tmp_path, 5)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConsoleError):
        last_lines(tmp_path / "pipe", 5)
