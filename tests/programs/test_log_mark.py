"""What was written since a mark, over both kinds of rotation."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.programs.log_mark import mark_logs, read_since


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_bytes(b"old\n")
    return path


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_only_what_came_after_the_mark(log: Path) -> None:
    mark = mark_logs([log, None])
    assert read_since(log, mark) == b""
    append(log, b"new\n")
    assert read_since(log, mark) == b"new\n"


def test_without_a_mark_the_end_of_the_file(log: Path) -> None:
    append(log, b"x" * 100)
    assert read_since(log, None, limit=10) == b"x" * 10
    assert read_since(log, None) == b"old\n" + b"x" * 100


def test_a_renamed_log_is_followed_into_the_new_one(log: Path) -> None:
    mark = mark_logs([log])
    append(log, b"before\n")
    log.rename(log.with_name("app.log.1"))
    log.write_bytes(b"after\n")
    assert read_since(log, mark) == b"before\nafter\n"


def test_a_log_rotated_twice_gives_what_is_left(log: Path) -> None:
    mark = mark_logs([log])
    log.rename(log.with_name("app.log.2"))
    log.with_name("app.log.1").write_bytes(b"middle\n")
    log.write_bytes(b"after\n")
    assert read_since(log, mark) == b"after\n"


def test_a_truncated_log_is_read_from_its_beginning(log: Path) -> None:
    append(log, b"x" * 100)
    mark = mark_logs([log])
    os.truncate(log, 0)
    append(log, b"new\n")
    assert read_since(log, mark) == b"new\n"


def test_a_log_that_did_not_exist_at_the_mark_is_all_new(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    mark = mark_logs([path])
    assert read_since(path, mark) == b""
    path.write_bytes(b"new\n")
    assert read_since(path, mark) == b"new\n"


def test_what_is_no_file_gives_nothing_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert read_since(tmp_path / "fifo", None) == b""
    assert read_since(tmp_path, None) == b""
