"""Several logs read as one, in the order of their times, from either end and live."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.logs.merged import Merged
from console.logs.merged_follower import MergedFollower
from console.logs.merged_lines import MergedLine
from console.logs.restarts import RestartEvent, restart_event
from console.logs.wanted import Errors
from tests.programs import log_samples as samples

from .logging_program import append, rotate

BEGIN = datetime(2026, 11, 25, 3, 0, tzinfo=timezone.utc)
LINES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.integers(0, 2)), max_size=40)


def stamped(second: int, text: str) -> bytes:
    when = datetime.fromtimestamp(BEGIN.timestamp() + second, timezone.utc)
    return f"[{when:%Y-%m-%d %H:%M:%S} +0000] {text}".encode()


def texts(lines: list[MergedLine] | tuple[MergedLine, ...]) -> list[tuple[str, bytes]]:
    return [(line.source, line.line.data) for line in lines]


@given(lines=LINES, n=st.integers(1, 9), rotations=st.lists(st.integers(0, 40), max_size=2), since=st.integers(-1, 60))
@settings(deadline=None, max_examples=200)
def test_pages_are_in_the_order_of_the_times(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[str, int, int]],
    n: int,
    rotations: list[int],
    since: int,
) -> None:
    folder = tmp_path_factory.mktemp("merged")
    paths = {name: folder / f"{name}.log" for name in "abc"}
    for path in paths.values():
        path.write_bytes(b"")
    expected: list[tuple[int, str, list[bytes]]] = []
    second = 0
    for number, (name, step, more) in enumerate(lines):
        second += step
        written = [stamped(second, f"{number}"), *[b"  of %d" % number] * more]
        append(paths[name], b"".join(line + b"\n" for line in written))
        expected.append((second, name, written))
        if number in rotations:
            rotate(paths[name], 9)
    # Within a second nobody knows; the logs' own order decides.
    expected.sort(key=lambda one: one[:2])
    whole = [(name, line) for _second, name, written in expected for line in written]
    with Merged(paths) as merged:
        found: list[tuple[str, bytes]] = []
        places = None
        while (page := merged.before(places, n)).lines:
            found[:0] = texts(page.lines)
            places = page.begin
        assert found == whole
        found = []
        places = None
        while (page := merged.after(places, n)).lines:
            found += texts(page.lines)
            places = page.end
        assert found == whole
        if all(any(name == one for _s, one, _w in expected) for name in "abc"):
            when = datetime.fromtimestamp(BEGIN.timestamp() + since, timezone.utc)
            page = merged.after(merged.at_time(when), 999)
            late = [(name, line) for at, name, written in expected if at >= since for line in written]
            assert texts(page.lines) == late


def test_a_log_that_is_missing_is_left_out_until_it_is_there(tmp_path: Path) -> None:
    paths = {"app": tmp_path / "app.log", "nginx": tmp_path / "nginx.log"}
    paths["app"].write_bytes(stamped(0, "one") + b"\n")
    with Merged(paths) as merged:
        assert texts(merged.before(None, 9).lines) == [("app", stamped(0, "one"))]
        paths["nginx"].write_bytes(stamped(1, "two") + b"\n")
        merged.refresh()
        assert [source for source, _text in texts(merged.before(None, 9).lines)] == ["app", "nginx"]


def test_a_log_without_times_stands_before_everything(tmp_path: Path) -> None:
    paths = {"app": tmp_path / "app.log", "print": tmp_path / "print.log"}
    paths["app"].write_bytes(stamped(0, "one") + b"\n")
    paths["print"].write_bytes(b"printed\n" * 3)
    with Merged(paths) as merged:
        assert [line.source for line in merged.before(None, 9).lines] == ["print"] * 3 + ["app"]
        assert texts(merged.after(merged.at_time(BEGIN), 9).lines) == [("app", stamped(0, "one"))]


def test_what_supervisord_says_of_starts_and_ends() -> None:
    found = [restart_event(line.encode()) for line in samples.SUPERVISORD_LOG.splitlines()]
    assert found == [
        RestartEvent("app", "spawned", "pid 712"),
        RestartEvent("app", "exited", "exit status 3; not expected"),
        RestartEvent("app2", "exited", "terminated by SIGTERM; not expected"),
        RestartEvent("app", "spawned", "pid 719"),
        None,
        RestartEvent("app", "exited", "terminated by SIGKILL; not expected"),
        RestartEvent("app", "gave up", ""),
    ]


@given(st.binary(max_size=100))
def test_no_line_breaks_the_reading_of_events(line: bytes) -> None:
    restart_event(line)
    restart_event(b"2026-11-25 03:22:49,123 INFO spawned: '" + line)


def test_what_comes_is_ordered_by_time_and_follows_the_page_before(tmp_path: Path) -> None:
    paths = {"app": tmp_path / "app.log", "supervisord": tmp_path / "supervisord.log"}
    append(paths["app"], stamped(0, "before") + b"\n")
    follower = MergedFollower(paths)
    append(paths["app"], stamped(9, "nine") + b"\n  more\n")
    append(paths["supervisord"], b"2026-11-25T03:00:05Z INFO spawned: 'app' with pid 7\n")
    with Merged(paths) as merged:
        assert texts(merged.before(follower.start, 9).lines) == [("app", stamped(0, "before"))]
    came = follower.poll()
    assert [line.source for line in came] == ["supervisord", "app", "app"]
    assert came[0].event == RestartEvent("app", "spawned", "pid 7")
    rotate(paths["app"])
    append(paths["app"], b"  and more\n")
    assert texts(follower.poll()) == [("app", b"  and more")]
    follower.close()


TRACEBACK = [
    b"Traceback (most recent call last):",
    b'  File "/srv/app/app.py", line 3, in view',
    b"    return 1 / 0",
    b"ZeroDivisionError: division by zero",
]


def test_only_what_is_wanted_is_followed_with_tracebacks_whole_though_they_come_in_pieces(tmp_path: Path) -> None:
    paths = {"app": tmp_path / "app.log", "nginx": tmp_path / "nginx.log"}
    follower = MergedFollower(paths, Errors())
    append(paths["app"], stamped(5, "fine") + b"\n" + TRACEBACK[0] + b"\n")
    append(paths["nginx"], stamped(6, "[error] it") + b"\n" + stamped(7, "fine") + b"\n")
    assert texts(follower.poll()) == [("nginx", stamped(6, "[error] it"))]
    append(paths["app"], TRACEBACK[1] + b"\n" + TRACEBACK[2] + b"\n")
    assert follower.poll() == []
    rotate(paths["app"])
    append(paths["app"], TRACEBACK[3] + b"\n" + stamped(9, "fine") + b"\n" * 9)
    came = follower.poll()
    assert texts(came) == [("app", line) for line in TRACEBACK]
    # Its time is that of the line before, which is not wanted.
    assert {line.time for line in came} == {BEGIN.timestamp() + 5}
    append(paths["app"], TRACEBACK[0] + b"\n")
    assert follower.poll() == []
    assert texts(follower.poll()) == [("app", TRACEBACK[0])]
    follower.close()
