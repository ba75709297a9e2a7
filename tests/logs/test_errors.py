"""Only what went wrong: error lines and whole tracebacks, from either end, and live."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.logs.filtered import FilteredFollower
from console.logs.follow import Follower
from console.logs.pattern import make_pattern
from console.logs.search import each_wanted, wanted_after, wanted_before
from console.logs.timeline import Timeline
from console.logs.traceback_search import traceback_at
from console.logs.tracebacks import Traceback, tracebacks
from console.logs.wanted import Errors, Matching, is_error
from tests.programs import log_samples as samples

from .logging_program import append

HARMLESS = [
    b"[2026-11-25 03:22:49 +0000] [712] [INFO] Booting worker with pid: 719",
    b'127.0.0.1 - - [25/Nov/2026:03:22:49 +0000] "GET / HTTP/1.1" 200 612 "-" "Error/1.0"',
    b"2026/11/25 03:22:49 [notice] 31#31: signal process started",
    b"an ErrorPage was rendered",
    b"",
]
WRONG = [
    b"[2026-11-25 03:22:49 +0000] [715] [ERROR] Exception in worker process",
    b'127.0.0.1 - - [25/Nov/2026:03:22:49 +0000] "GET / HTTP/1.1" 502 157',
    b"2026/11/25 03:22:49 [error] 31#31: *1 connect() failed",
    b"2026-11-25 03:22:49,123 CRIT Server shutting down",
    b"level=error msg=no",
]
TRACEBACKS = [
    samples.SYNTAX_ERROR_IN_A_MODULE.encode().splitlines(),
    samples.CHAINED.encode().splitlines(),
    samples.EXCEPTION_GROUP.encode().splitlines(),
]
PIECES = st.lists(
    st.sampled_from(HARMLESS).map(lambda line: [line])
    | st.sampled_from(WRONG).map(lambda line: [line])
    | st.sampled_from(TRACEBACKS),
    max_size=14,
)


def naive(lines: list[bytes]) -> list[bytes]:
    """What a look at every line finds."""
    inside: set[int] = set()
    for found in tracebacks([line.decode() for line in lines]):
        inside.update(range(found.begin, found.end))
    return [line for number, line in enumerate(lines) if number in inside or is_error(line)]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("errors") / "a.log"


@given(pieces=PIECES, block=st.integers(130, 900), n=st.integers(1, 9))
@settings(deadline=None, max_examples=300)
def test_errors_and_whole_tracebacks_are_found_wherever_the_blocks_borders_fall(
    path: Path, pieces: list[list[bytes]], block: int, n: int
) -> None:
    lines = [line for piece in pieces for line in piece]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    expected = naive(lines)
    with pytest.MonkeyPatch.context() as patch, Timeline(path) as timeline:
        patch.setattr("console.logs.scan.BLOCK", block)
        assert [line.data for line in each_wanted(timeline, Errors())] == expected
        assert [line.data for line in wanted_before(timeline, Errors(), None, n).lines] == expected[-n:]
        assert [line.data for line in wanted_after(timeline, Errors(), None, n).lines] == expected[:n]


@given(pieces=PIECES, cuts=st.lists(st.integers(0, 150), max_size=6))
@settings(deadline=None, max_examples=200)
def test_live_errors_are_those_that_are_found_afterwards(
    path: Path, pieces: list[list[bytes]], cuts: list[int]
) -> None:
    lines = [line for piece in pieces for line in piece]
    path.write_bytes(b"")
    follower = FilteredFollower(Follower(path), Errors())
    found = []
    begin = 0
    for cut in [*sorted(cuts), len(lines)]:
        if cut > begin:
            append(path, b"".join(line + b"\n" for line in lines[begin:cut]))
            begin = cut
            news = follower.poll()
            found += list(zip(news.lines, news.positions, strict=True))
    for _quiet in range(2):
        news = follower.poll()
        found += list(zip(news.lines, news.positions, strict=True))
    follower.close()
    assert [line for line, _position in found] == naive(lines)
    with Timeline(path) as timeline:
        assert all(timeline.whole(position) == line for line, position in found)


def test_a_live_filter_hands_out_what_matches(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"")
    follower = FilteredFollower(Follower(path), Matching(make_pattern("yes")))
    append(path, b"no\nyes 1\nno\nyes")
    assert follower.poll().lines == [b"yes 1"]
    append(path, b" 2\n")
    assert follower.poll().lines == [b"yes 2"]
    follower.close()


def test_a_very_long_line_is_judged_by_its_begin(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(WRONG[0] + b"x" * 2_000_000 + b"\n" + b"y" * 2_000_000 + WRONG[0] + b"\n")
    with Timeline(path) as timeline:
        assert [line.position.offset for line in wanted_before(timeline, Errors(), None, 9).lines] == [0]


@given(pieces=PIECES)
@settings(deadline=None, max_examples=200)
def test_each_line_belongs_to_the_traceback_that_reading_from_the_beginning_finds(
    path: Path, pieces: list[list[bytes]]
) -> None:
    lines = [line for piece in pieces for line in piece]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    expected: dict[int, Traceback] = {}
    for one in tracebacks([line.decode() for line in lines]):
        expected |= dict.fromkeys(range(one.begin, one.end), one)
    with Timeline(path) as timeline:
        read = timeline.after(None, len(lines)) if lines else []
        for number, line in enumerate(read):
            found, meant = traceback_at(timeline, line.position), expected.get(number)
            if meant is None:
                assert found is None
            else:
                assert found is not None
                assert found.text == "\n".join(meant.lines) + "\n"
                assert (found.begin, found.end) == (read[meant.begin].position, read[meant.end - 1].end)


def test_a_traceback_of_thousands_of_lines_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    frames = b"".join(b'  File "/srv/app/a.py", line %d, in f\n    f()\n' % number for number in range(3000))
    text = b"Traceback (most recent call last):\n" + frames + b"RecursionError: too deep\n"
    path.write_bytes(b"before\n" + text + b"after\n")
    with Timeline(path) as timeline:
        found = traceback_at(timeline, timeline.after(None, 2)[1].position)
        assert found is not None
        assert found.text.encode() == text
