"""Times in lines, times as people type them, and the place in a log that a time means."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import ConsoleError, WrongUsage
from console.logs.timeline import Timeline
from console.logs.times import position_at, time_of
from console.logs.when import moment

from .logging_program import append, rotate

MOMENT = datetime(2026, 11, 25, 3, 22, 49, tzinfo=timezone.utc).timestamp()
LOCAL = datetime(2026, 11, 25, 3, 22, 49).timestamp()
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=timezone.utc).astimezone()  # a Thursday


@pytest.fixture(params=["Europe/Prague", "America/New_York", "UTC"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    "line",
    [
        b"[2026-11-25 03:22:49 +0000] [712] [INFO] Starting gunicorn 22.0.0",
        b"[2026-11-25 04:22:49 +0100] [712] [INFO] Starting gunicorn 22.0.0",
        b'127.0.0.1 - - [25/Nov/2026:03:22:49 +0000] "GET / HTTP/1.1" 200 612',
        b'2001:db8::1 - frank [24/Nov/2026:22:22:49 -0500] "GET / HTTP/1.1" 200 612',
        b"2026-11-25T03:22:49Z started",
        b"app | 2026-11-25T05:22:49+02:00 started",
    ],
)
def test_times_with_an_offset(line: bytes) -> None:
    assert time_of(line) == MOMENT


@pytest.mark.parametrize(
    ("line", "fraction"),
    [
        (b"2026-11-25 03:22:49,123 INFO spawned: 'app' with pid 12", 0.123),
        (b"2026/11/25 03:22:49 [error] 31#31: *1 open() failed", 0),
        (b"2026-11-25T03:22:49.5 x", 0.5),
        (b"WARNING 2026-11-25 03:22:49 django.request", 0),
    ],
)
def test_times_without_an_offset_are_local(zone: object, line: bytes, fraction: float) -> None:
    local = datetime(2026, 11, 25, 3, 22, 49).timestamp()
    assert time_of(line) == pytest.approx(local + fraction)


def test_a_time_without_a_year_is_the_last_such_day() -> None:
    now = LOCAL + 3600
    assert time_of(b"Nov 25 03:22:49 host app[12]: hello", now) == LOCAL
    assert time_of(b"<34>Nov 25 03:22:49 host app[12]: hello", now) == LOCAL
    january = datetime(2027, 1, 2).timestamp()
    assert time_of(b"Nov 25 03:22:49 host app[12]: hello", january) == LOCAL


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no time here",
        b"2026-13-45 99:99:99",
        b"2026-02-30 10:00:00",
        b"99/Nov/2026:03:22:49 +0000",
        b"25/Foo/2026:03:22:49 +0000",
        b"Foo 25 03:22:49",
        b"12345678-11-25 03:22:49",
        b"x" * 300 + b"2026-11-25 03:22:49",
    ],
)
def test_what_only_looks_like_a_time_is_none(line: bytes) -> None:
    assert time_of(line) is None


@given(st.binary(max_size=80))
def test_no_bytes_break_the_reading_of_a_time(line: bytes) -> None:
    time_of(line)
    time_of(b"2026-11-25 03:22:49" + line)


@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=40),
    asked=st.integers(-3, 120),
    before=st.integers(0, 2),
    rotations=st.lists(st.integers(0, 40), max_size=2),
)
@settings(deadline=None, max_examples=300)
def test_halving_agrees_with_a_look_at_every_line(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[int, int]],
    asked: int,
    before: int,
    rotations: list[int],
) -> None:
    path = tmp_path_factory.mktemp("times") / "a.log"
    lines = [b"begun without a time"] * before
    second = 0
    for step, more in steps:
        second += step
        stamp = datetime.fromtimestamp(MOMENT + second, timezone.utc).strftime("[%Y-%m-%d %H:%M:%S +0000]")
        lines += [stamp.encode() + b" x", *[b"  of the one before"] * more]
    path.write_bytes(b"")
    for number, line in enumerate(lines):
        append(path, line + b"\n")
        if number in rotations:
            rotate(path, 9)
    when = datetime.fromtimestamp(MOMENT + asked, timezone.utc)
    expected = next((number for number, line in enumerate(lines) if (time_of(line) or 0) >= MOMENT + asked), len(lines))
    with Timeline(path) as timeline:
        position = position_at(timeline, when)
        assert [line.data for line in timeline.after(position, 99)] == lines[expected:]


def test_a_log_without_times_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"no time\n" * 5000)
    with Timeline(path) as timeline, pytest.raises(ConsoleError, match="no times"):
        position_at(timeline, NOW)
    path.write_bytes(b"")
    with Timeline(path) as timeline:
        assert position_at(timeline, NOW) == timeline.end


@pytest.mark.parametrize(
    ("typed", "before"),
    [
        ("-2h", timedelta(hours=2)),
        ("-30m", timedelta(minutes=30)),
        ("-45 s", timedelta(seconds=45)),
        ("-1d", timedelta(days=1)),
    ],
)
def test_a_while_ago(typed: str, before: timedelta) -> None:
    assert moment(typed, NOW) == NOW - before


def test_a_time_of_the_day_or_the_week_is_the_last_such(zone: object) -> None:
    now = datetime(2026, 11, 26, 12, 0).astimezone()

    def local(day: int, hour: int, minute: int, second: int = 0) -> datetime:
        return datetime(2026, 11, day, hour, minute, second).astimezone()

    assert moment("11:05", now) == local(26, 11, 5)
    assert moment("14:05:30", now) == local(25, 14, 5, 30)
    assert moment("Thu 11:05", now) == local(26, 11, 5)
    assert moment("Thu 14:05", now) == local(19, 14, 5)
    assert moment("wed 14:05", now) == local(25, 14, 5)
    assert moment("Čt 14:05", now) == local(19, 14, 5)
    assert moment("2026-11-24 14:05", now) == local(24, 14, 5)
    assert moment("2026-11-24T14:05:10", now) == local(24, 14, 5, 10)
    assert moment("2026-11-24", now) == local(24, 0, 0)
    assert moment("2026-11-24T14:05:10Z", now) == datetime(2026, 11, 24, 14, 5, 10, tzinfo=timezone.utc)


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "14:99", "Foo 14:05", "2026-13-01", "-5y", "-999999d"])
def test_what_is_no_time_is_said(typed: str) -> None:
    with pytest.raises(WrongUsage, match="no time"):
        moment(typed, NOW.replace(year=1900))
