"""The follower hands out exactly what was written, in order, whatever happens to the file."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.errors import ConsoleError
from console.logs.follow import Follower

from .logging_program import BACKUPS, append, polled, rotate


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "python.log"
    path.write_bytes(b"")
    return path


def test_starts_behind_what_is_there(log: Path) -> None:
    append(log, b"old\n")
    follower = Follower(log)
    append(log, b"new\n")
    assert follower.poll()[:2] == ([b"new"], False)
    assert follower.poll()[:2] == ([], False)


def test_starts_at_an_offset(log: Path) -> None:
    append(log, b"one\ntwo\n")
    assert polled(Follower(log, offset=4)) == [b"two"]
    assert polled(Follower(log, offset=0)) == [b"one", b"two"]
    assert polled(Follower(log, offset=10**9)) == []


def test_never_begins_in_the_middle_of_a_line(log: Path) -> None:
    append(log, b"old\nhalf")
    follower = Follower(log)
    assert follower.poll().lines == []
    assert follower.partial == b"half"
    append(log, b" and half\n")
    assert follower.poll().lines == [b"half and half"]
    assert follower.partial == b""


def test_tail_and_polls_make_one_text(log: Path) -> None:
    append(log, b"1\n2\n3\n4")
    follower = Follower(log)
    assert follower.tail(2) == [b"2", b"3"]
    assert follower.tail(0) == []
    append(log, b"4\n5\n")
    assert follower.poll().lines == [b"44", b"5"]
    assert follower.tail(2) == [b"44", b"5"]


def test_tail_of_a_missing_file_is_empty(tmp_path: Path) -> None:
    assert Follower(tmp_path / "none.log").tail(5) == []


def test_a_file_that_does_not_exist_yet(tmp_path: Path) -> None:
    path = tmp_path / "later.log"
    follower = Follower(path)
    assert follower.poll()[:2] == ([], False)
    path.write_bytes(b"first\n")
    assert follower.poll()[:2] == ([b"first"], False)


def test_a_file_that_appears_and_is_rotated_before_the_first_look(tmp_path: Path) -> None:
    path = tmp_path / "later.log"
    path.with_name("later.log.1").write_bytes(b"older than the follower\n")
    follower = Follower(path)
    append(path, b"one\n")
    rotate(path)
    append(path, b"two\n")
    assert polled(follower) == [b"one", b"two"]


def test_what_went_into_the_rotated_file_comes_first(log: Path) -> None:
    follower = Follower(log)
    append(log, b"one\ntwo\n")
    rotate(log)
    append(log, b"three\n")
    assert follower.poll()[:2] == ([b"one", b"two", b"three"], True)


def test_several_rotations_between_two_looks(log: Path) -> None:
    follower = Follower(log)
    for number in range(BACKUPS + 1):
        append(log, b"line %d\n" % number)
        rotate(log)
    append(log, b"newest\n")
    # The followed file itself has been rotated off the end and deleted by now.
    assert polled(follower) == [*(b"line %d" % number for number in range(BACKUPS + 1)), b"newest"]


def test_rotated_files_from_before_are_not_read_again(log: Path) -> None:
    append(log, b"ancient\n")
    rotate(log)
    append(log, b"old\n")
    follower = Follower(log)
    log.unlink()
    append(log, b"new\n")
    assert polled(follower) == [b"new"]


def test_a_line_cut_in_two_by_a_rotation_is_joined(log: Path) -> None:
    follower = Follower(log)
    append(log, b"begin")
    assert follower.poll().lines == []
    rotate(log)
    append(log, b"ning\nnext\n")
    assert follower.poll().lines == [b"beginning", b"next"]


def test_a_line_cut_by_two_rotations_between_two_looks_is_joined(log: Path) -> None:
    follower = Follower(log)
    for part in (b"be", b"gin"):
        append(log, part)
        rotate(log)
    append(log, b"ning\n")
    assert polled(follower) == [b"beginning"]


def test_a_writer_that_goes_on_in_the_renamed_file_is_still_read(log: Path) -> None:
    follower = Follower(log)
    with log.open("ab", buffering=0) as writer:
        writer.write(b"one\n")
        rotate(log)
        assert follower.poll().lines == [b"one"]
        writer.write(b"two\n")
        assert follower.poll().lines == [b"two"]
    append(log, b"three\n")
    assert follower.poll().lines == [b"three"]


def test_between_the_two_steps_of_a_rotation(log: Path) -> None:
    follower = Follower(log)
    append(log, b"one\n")
    log.replace(log.with_name("python.log.1"))
    assert follower.poll()[:2] == ([b"one"], False)
    append(log, b"two\n")
    assert follower.poll()[:2] == ([b"two"], True)


def test_a_gap_in_the_rotated_names_that_stays_loses_nothing(log: Path) -> None:
    follower = Follower(log)
    append(log, b"one\n")
    rotate(log)
    append(log, b"two\n")
    rotate(log)
    log.with_name("python.log.1").rename(log.with_name("elsewhere"))
    append(log, b"three\n")
    got = polled(follower) + polled(follower) + polled(follower)
    assert got == [b"one", b"three"]


def test_truncation_gives_up_the_begun_line_and_starts_over(log: Path) -> None:
    follower = Follower(log)
    append(log, b"one\nbegun")
    assert follower.poll().lines == [b"one"]
    os.truncate(log, 0)
    append(log, b"new\n")
    assert follower.poll()[:2] == ([b"begun", b"new"], True)


def test_a_gap_of_a_gigabyte_costs_one_look(log: Path) -> None:
    follower = Follower(log)
    append(log, b"one\n")
    follower.poll()
    os.truncate(log, 0)
    with log.open("r+b") as file:
        file.seek(1 << 30)
        file.write(b"behind the gap\n")
    assert polled(follower) == [b"behind the gap"]


def test_a_poll_reads_no_more_than_asked(log: Path) -> None:
    follower = Follower(log)
    append(log, b"x" * 99 + b"\n" + b"y" * 99 + b"\n")
    assert follower.poll(100).lines == [b"x" * 99]
    assert follower.behind
    assert polled(follower) == [b"y" * 99]
    assert not follower.behind


def test_a_line_of_many_megabytes_is_cut_and_says_so(log: Path) -> None:
    follower = Follower(log, max_line=100)
    append(log, b"z" * 5_000_000)
    polled(follower)
    assert len(follower.partial) < 200
    append(log, b"\nnext\n")
    cut, following = polled(follower)
    assert cut.startswith(b"z" * 100 + " … [".encode())
    assert b"4,999,900" in cut
    assert following == b"next"


def test_bytes_are_handed_out_as_they_are(log: Path) -> None:
    follower = Follower(log)
    line = bytes(byte for byte in range(1, 256) if byte != 10)
    append(log, line[:130])
    follower.poll()
    append(log, line[130:] + b"\n")
    assert follower.poll().lines == [line]


def test_a_folder_in_the_place_of_the_log_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError):
        Follower(tmp_path)


def test_nothing_is_left_open(log: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Follower(log) as follower:
        for _number in range(5):
            append(log, b"line\n")
            rotate(log)
            polled(follower)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def written(path: Path, lines: int) -> Iterator[bytes]:
    """Write as supervisord does, in blocks that cut lines, rotating by size."""
    data = b"".join(b"line %d\n" % number for number in range(lines))
    file = path.open("ab", buffering=0)
    size = 0
    for begin in range(0, len(data), 8191):
        size += file.write(data[begin : begin + 8191])
        if size > 100_000:
            file.close()
            rotate(path, backups=50)
            file = path.open("ab", buffering=0)
            size = 0
    file.close()
    yield from data.splitlines()


def test_a_quick_writer_that_rotates_meanwhile(log: Path) -> None:
    expected: list[bytes] = []
    follower = Follower(log)
    writer = threading.Thread(target=lambda: expected.extend(written(log, 200_000)))
    writer.start()
    got: list[bytes] = []
    while writer.is_alive():
        got += follower.poll().lines
        time.sleep(0.001)
    got += polled(follower)
    got += polled(follower)
    assert got == expected
