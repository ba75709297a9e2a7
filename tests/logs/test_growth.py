"""What came to a log since the last look is told, whatever happened to its files meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.errors import ConsoleError
from console.logs.growth import GrowthWatch, complete_end, count_lines, earlier, is_begin, later
from console.logs.jumps import Both, error_after, error_before, place_of, text_at
from console.logs.pattern import make_pattern
from console.logs.saving import save_lines
from console.logs.search import Progress, Watcher, count_wanted
from console.logs.timeline import Timeline
from console.logs.wanted import Errors, Matching

from .logging_program import append, rotate

TRACEBACK = b"""Traceback (most recent call last):
  File "/srv/app/app.py", line 3, in view
    return 1 / 0
ZeroDivisionError: division by zero
"""


def test_nothing_new_is_nothing(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"one\n")
    with Timeline(log) as timeline:
        growth = GrowthWatch(timeline).look()
        assert (growth.bytes, growth.emptied) == (0, False)


def test_what_came_over_a_rotation_is_counted_once(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"one\n")
    with Timeline(log) as timeline:
        watch = GrowthWatch(timeline)
        append(log, b"two\n")
        rotate(log)
        append(log, b"three\n")
        growth = watch.look()
        assert (growth.bytes, growth.emptied) == (10, False)
        assert [line.data for line in timeline.after(growth.begin, 9)] == [b"two", b"three"]
        assert count_lines(timeline, growth.begin) == 2
        assert watch.look().bytes == 0


def test_what_a_program_writes_into_the_renamed_file_is_told_while_the_new_one_is_empty(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"one\n")
    with Timeline(log) as timeline:
        watch = GrowthWatch(timeline)
        rotate(log)
        assert watch.look().bytes == 0
        append(tmp_path / "a.log.1", b"late\n")
        growth = watch.look()
        assert [line.data for line in timeline.after(growth.begin, 9)] == [b"late"]


@pytest.mark.parametrize("fresh", [b"", b"new\n", b"new, and longer than before\n" * 50], ids=["empty", "less", "more"])
def test_an_emptied_file_is_told_even_when_it_has_grown_over_its_old_size(tmp_path: Path, fresh: bytes) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"one\ntwo\n" * 10)
    with Timeline(log) as timeline:
        watch = GrowthWatch(timeline)
        with log.open("r+b") as file:
            file.truncate()
        append(log, fresh)
        growth = watch.look()
        assert growth.emptied
        assert growth.bytes == len(fresh)
        assert growth.begin == timeline.begin
        append(log, b"next\n")
        growth = watch.look()
        assert (growth.bytes, growth.emptied) == (5, False)


def test_a_last_line_without_its_end_is_not_complete(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"one\nha")
    with Timeline(log) as timeline:
        assert complete_end(timeline).offset == 4


@pytest.mark.parametrize("count", [1, 7, 100, 10_000])
def test_slices_cover_the_log_and_end_at_lines(tmp_path: Path, count: int) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"".join(b"x" * (number % 40) + b"\n" for number in range(200)))
    rotate(log)
    log.write_bytes(b"".join(b"y" * (number % 90) + b"\n" for number in range(200)))
    with Timeline(log) as timeline:
        starts = {line.position for line in timeline.after(None, 1000)} | {timeline.end}
        back = [timeline.end]
        while not is_begin(timeline, back[-1]):
            back.append(earlier(timeline, back[-1], count))
        on = [timeline.begin]
        while on[-1] != timeline.end:
            on.append(later(timeline, on[-1], count))
        for places in (back[::-1], on):
            assert set(places) <= starts
            offsets = [timeline.offset_of(place) for place in places]
            assert offsets == sorted(set(offsets))
        assert back[-1] == timeline.begin


def test_errors_are_gone_to_one_traceback_at_a_time(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"a\n" + TRACEBACK + b"b\n[ERROR] c\nd\n" + TRACEBACK)
    with Timeline(log) as timeline:
        lines = timeline.after(None, 100)
        first, error, second = lines[1].position, lines[6].position, lines[8].position
        assert error_after(timeline, lines[0].position, Watcher()) == first
        assert error_after(timeline, first, Watcher()) == error
        assert error_after(timeline, error, Watcher()) == second
        assert error_after(timeline, second, Watcher()) is None
        assert error_before(timeline, timeline.end, Watcher()) == second
        assert error_before(timeline, lines[10].position, Watcher()) == second  # within it: its begin
        assert error_before(timeline, second, Watcher()) == error
        assert error_before(timeline, error, Watcher()) == first
        assert error_before(timeline, first, Watcher()) is None


def test_the_text_of_a_place_is_its_traceback_or_its_line(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"a\n" + TRACEBACK)
    with Timeline(log) as timeline:
        lines = timeline.after(None, 100)
        assert text_at(timeline, lines[0].position, max_line=100) == ("a", False)
        assert text_at(timeline, lines[3].position, max_line=100) == (TRACEBACK.decode(), True)


def test_parts_of_the_whole_are_places(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"".join(b"%03d\n" % number for number in range(100)))
    with Timeline(log) as timeline:
        for text, offset in (("0%", 0), ("50%", 200), ("12,5 %", 48), ("100%", 400)):
            assert place_of(timeline, text, Watcher()).offset == offset
        for text in ("101%", "x%", ""):
            with pytest.raises(ConsoleError):
                place_of(timeline, text, Watcher())


def test_a_search_within_a_filter_finds_what_both_want(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"[ERROR] one\nzero: one\n[ERROR] two\n" + TRACEBACK)
    both = Both(Errors(), Matching(make_pattern("zero")))
    with Timeline(log) as timeline:
        assert count_wanted(timeline, both) == 1
    lines = [b"[ERROR] one", b"zero: one", b"[ERROR] zero"]
    assert both.decide(lines, quiet=True) == (3, [2])


def test_saved_lines_are_the_logs_bytes_and_take_nobodys_place(tmp_path: Path) -> None:
    log, saved = tmp_path / "a.log", tmp_path / "saved"
    log.write_bytes(b"x\xff\x1b[1m\nhay\nx 2\n")
    with Timeline(log) as timeline:
        result = save_lines(timeline, Matching(make_pattern("x")), saved)
        assert result is not None
        assert (result.lines, result.bytes) == (2, 11)
        assert saved.read_bytes() == b"x\xff\x1b[1m\nx 2\n"
        with pytest.raises(ConsoleError, match="exists already"):
            save_lines(timeline, None, saved)
        assert saved.read_bytes() == b"x\xff\x1b[1m\nx 2\n"
        with pytest.raises(ConsoleError):
            save_lines(timeline, None, tmp_path / "no" / "folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.log", "saved"]


def test_cancelled_saving_leaves_nothing(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"line\n" * 30_000)
    told: list[Progress] = []
    with Timeline(log) as timeline:
        assert save_lines(timeline, None, tmp_path / "s", watcher=Watcher(told.append, lambda: True)) is None
    assert told[0].found == 10_000
    assert [path.name for path in tmp_path.iterdir()] == ["a.log"]
