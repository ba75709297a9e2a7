"""A log with its rotated files reads as one, from either end, whatever happens to the files meanwhile."""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from console.errors import ConsoleError
from console.logs.lines import LogMissing
from console.logs.position import LogLine, Position
from console.logs.timeline import Timeline

from .logging_program import append, rotate

BACKUPS = 50


def pack(path: Path) -> None:
    """As gzip(1) does: the packed file has the plain one's time."""
    found = path.stat()
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    os.utime(packed, ns=(found.st_atime_ns, found.st_mtime_ns))
    path.unlink()


def rotate_all(path: Path) -> None:
    """A rotation that takes packed files along, as logrotate's does."""
    for number in range(BACKUPS, 0, -1):
        old = path.with_name(f"{path.name}.{number}.gz")
        if old.exists():
            old.rename(path.with_name(f"{path.name}.{number + 1}.gz"))
    rotate(path, BACKUPS)


def pages_back(timeline: Timeline, n: int) -> list[LogLine]:
    lines: list[LogLine] = []
    position: Position | None = None
    while page := timeline.before(position, n):
        assert len(page) <= n
        lines[:0] = page
        position = page[0].position
    return lines


def pages_forward(timeline: Timeline, n: int) -> list[LogLine]:
    lines: list[LogLine] = []
    position: Position | None = None
    while page := timeline.after(position, n):
        assert len(page) <= n
        lines += page
        position = page[-1].end
    return lines


class Sequences(RuleBasedStateMachine):
    """Appends, cut writes, rotations and packing in any order, while somebody reads."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr("console.logs.lines._BLOCK", 64)
        self.patch.setattr("console.logs.lines._AT_ONCE", 200)
        self.patch.setattr("console.logs.parts._FEED", 30)
        self.patch.setattr("console.logs.parts._GAIN", 50)
        self.patch.setattr("console.logs.parts._SPACING", 60)
        self.patch.setattr("console.logs.parts._MOST_POINTS", 4)
        self.folder = Path(tempfile.mkdtemp(prefix="timeline-"))
        self.path = self.folder / "python.log"
        self.path.write_bytes(b"")
        self.timeline = Timeline(self.path)
        self.written = b""
        self.live = 0  # where in it the live file begins
        self.number = 0
        self.remembered: list[tuple[Position, bytes]] = []

    def teardown(self) -> None:
        self.timeline.close()
        shutil.rmtree(self.folder)
        self.patch.undo()

    @property
    def expected(self) -> list[bytes]:
        *lines, rest = self.written.split(b"\n")
        return [*lines, rest] if rest else lines

    @rule(text=st.binary(max_size=150), cut=st.booleans())
    def write(self, text: bytes, cut: bool) -> None:
        self.number += 1
        data = b"%d:%s" % (self.number, text.replace(b"\n", b"|")) + (b"" if cut else b"\n")
        append(self.path, data)
        self.written += data

    @rule()
    def rotate(self) -> None:
        rotate_all(self.path)
        self.live = len(self.written)

    @rule()
    def truncate(self) -> None:
        os.truncate(self.path, 0)
        self.written = self.written[: self.live]
        self.remembered.clear()

    @rule(number=st.integers(1, 4))
    def pack(self, number: int) -> None:
        path = self.path.with_name(f"{self.path.name}.{number}")
        if path.exists():
            pack(path)

    @rule()
    @precondition(lambda self: self.written)
    def remember(self) -> None:
        self.timeline.refresh()
        for line in self.timeline.before(None, 3):
            if line.complete:
                self.remembered.append((line.position, line.data))

    @rule(n=st.integers(1, 9))
    def page_through(self, n: int) -> None:
        self.timeline.refresh()
        assert [line.data for line in pages_back(self.timeline, n)] == self.expected
        assert [line.data for line in pages_forward(self.timeline, n)] == self.expected

    @rule(fraction=st.floats(0, 1))
    def jump(self, fraction: float) -> None:
        self.timeline.refresh()
        before, after = self.timeline.around(self.timeline.at_fraction(fraction), 2, 2)
        found = [line.data for line in before + after]
        assert not found or any(
            self.expected[at : at + len(found)] == found for at in range(len(self.expected) - len(found) + 1)
        )

    @invariant()
    def a_position_is_still_that_line(self) -> None:
        if not self.remembered:
            return
        self.timeline.refresh()
        for position, data in self.remembered[-5:]:
            assert [line.data for line in self.timeline.after(position, 1)] == [data]
            assert self.timeline.whole(position) == data


TestSequences = Sequences.TestCase
TestSequences.settings = settings(
    max_examples=80, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def test_a_rotation_at_work_neither_hides_nor_repeats_a_line(tmp_path: Path) -> None:
    path = tmp_path / "python.log"
    path.write_bytes(b"0\n")
    rotations = 80

    def write() -> None:
        for number in range(rotations):
            append(path, b"".join(b"%d\n" % one for one in range(number * 5 + 1, number * 5 + 6)))
            rotate(path, rotations + 1)
            time.sleep(0.005)  # a log that is rotated without a pause cannot be listed

    writer = threading.Thread(target=write)
    with Timeline(path) as timeline:
        writer.start()
        looks = 0
        while writer.is_alive() or not looks:
            timeline.refresh()
            numbers = [int(line.data) for line in pages_back(timeline, 200)]
            assert numbers == list(range(len(numbers)))
            looks += 1
        writer.join()
        timeline.refresh()
        assert [int(line.data) for line in pages_back(timeline, 200)] == list(range(rotations * 5 + 1))


def test_no_log_is_said(tmp_path: Path) -> None:
    with pytest.raises(LogMissing):
        Timeline(tmp_path / "python.log")
    (tmp_path / "folder.log").mkdir()
    with pytest.raises(ConsoleError, match="no regular file"):
        Timeline(tmp_path / "folder.log")


def test_without_the_live_file_the_rotated_ones_are_there(tmp_path: Path) -> None:
    (tmp_path / "python.log.1").write_bytes(b"one\n")
    with Timeline(tmp_path / "python.log") as timeline:
        assert [line.data for line in timeline.before(None, 9)] == [b"one"]


def test_a_rotated_file_that_cannot_be_read_is_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "python.log"
    path.write_bytes(b"live\n")
    (tmp_path / "python.log.2").write_bytes(b"old\n")
    (tmp_path / "python.log.1").mkdir()
    with Timeline(path) as timeline:
        assert [line.data for line in timeline.before(None, 9)] == [b"old", b"live"]
        assert timeline.unreadable == (tmp_path / "python.log.1",)


def test_a_file_that_is_being_packed_comes_once(tmp_path: Path) -> None:
    path = tmp_path / "python.log"
    path.write_bytes(b"live\n")
    (tmp_path / "python.log.1").write_bytes(b"old\n")
    (tmp_path / "python.log.1.gz").write_bytes(gzip.compress(b"old\n")[:10])
    with Timeline(path) as timeline:
        assert [line.data for line in timeline.before(None, 9)] == [b"old", b"live"]


def test_a_damaged_packed_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "python.log"
    path.write_bytes(b"live\n")
    text = os.urandom(3000).hex().encode() + b"\n"
    (tmp_path / "python.log.1.gz").write_bytes(gzip.compress(b"first\n" + text)[:1000])
    with Timeline(path) as timeline:
        assert [line.data for line in timeline.after(None, 1)] == [b"first"]
        assert timeline.before(None, 1)[0].data.endswith(b"live")


def test_packed_streams_one_after_another_are_one_text(tmp_path: Path) -> None:
    path = tmp_path / "python.log"
    path.write_bytes(b"")
    (tmp_path / "python.log.1.gz").write_bytes(gzip.compress(b"a\n") + gzip.compress(b"b\n"))
    with Timeline(path) as timeline:
        assert [line.data for line in pages_back(timeline, 1)] == [b"a", b"b"]


def test_a_log_emptied_while_it_is_read_gives_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "python.log"
    path.write_bytes(b"line\n" * 1000)
    with Timeline(path) as timeline:
        path.write_bytes(b"")
        assert timeline.after(None, 3) == []
        timeline.refresh()
        assert timeline.before(None, 3) == []
        append(path, b"new\n")
        timeline.refresh()
        assert [line.data for line in timeline.before(None, 3)] == [b"new"]


def test_a_position_in_a_file_that_is_gone_is_the_oldest_line(tmp_path: Path) -> None:
    path = tmp_path / "python.log"
    path.write_bytes(b"one\n")
    with Timeline(path) as timeline:
        old = timeline.begin
        rotate(path)
        append(path, b"two\n")
        (tmp_path / "python.log.1").unlink()
        timeline.refresh()
        assert [line.data for line in timeline.after(old, 9)] == [b"two"]


def test_fractions_are_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "python.log"
    path.write_bytes(b"".join(b"%03d\n" % number for number in range(100)))
    with Timeline(path) as timeline:
        assert timeline.at_fraction(0) == timeline.begin
        assert timeline.at_fraction(1) == timeline.end
        middle = timeline.at_fraction(0.5)
        assert timeline.after(middle, 1)[0].data == b"050"


def test_a_line_of_many_megabytes_costs_a_screen_and_is_whole_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "python.log"
    path.write_bytes(b"before\n" + b"x" * 30_000_000 + b"\nafter\n")
    with Timeline(path) as timeline:
        tracemalloc.start()
        page = timeline.before(None, 3, max_line=2000)
        again = timeline.after(None, 3, max_line=2000)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert [line.data for line in page] == [b"before", b"x" * 2000, b"after"]
        assert again == page
        assert page[1].missing == 30_000_000 - 2000
        assert peak < 4_000_000
        assert timeline.whole(page[1].position) == b"x" * 30_000_000
