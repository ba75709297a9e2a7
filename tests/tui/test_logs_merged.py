"""All logs as one on the logs' screen: what works on one log works there, and the way there and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from console.tui.log_pages import Row
from console.tui.screens.logs import LogsScreen
from console.tui.screens.whole_line import WholeLineScreen
from tests.logs.logging_program import append, rotate

from . import samples
from .conftest import StillApp
from .snapshot import check, screen_text
from .test_logs_keys import Desk
from .test_screens import MakeApp

BEGIN = datetime(2026, 11, 23, 14, 0, 0).astimezone()
TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "/srv/app/app.py", line 3, in view',
    "    return 1 / 0",
    "ZeroDivisionError: division by zero",
]


def app_line(second: int, text: str) -> bytes:
    return f"[{BEGIN + timedelta(seconds=second):%Y-%m-%d %H:%M:%S %z}] [79] {text}\n".encode()


def nginx_line(second: int, path: str, status: int = 200) -> bytes:
    when = BEGIN + timedelta(seconds=second)
    return f'127.0.0.1 - - [{when:%d/%b/%Y:%H:%M:%S %z}] "GET {path} HTTP/1.1" {status} 12\n'.encode()


def supervisord_line(second: int, text: str) -> bytes:
    return f"{BEGIN + timedelta(seconds=second):%Y-%m-%d %H:%M:%S},123 {text}\n".encode()


def traceback() -> bytes:
    return "".join(f"{line}\n" for line in TRACEBACK).encode()


class Logs:
    """The three logs of a container."""

    def __init__(self, folder: Path) -> None:
        self.app, self.nginx = folder / "python.log", folder / "nginx.log"
        self.supervisord = folder / "supervisord.log"


@asynccontextmanager
async def merged(
    make: MakeApp, tmp_path: Path, app: bytes, nginx: bytes, supervisord: bytes, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Desk, Logs]]:
    """The screen on the app's log, which is one of three."""
    srv = tmp_path / "srv"
    (srv / "logs").mkdir(parents=True)
    logs = Logs(srv / "logs")
    for path, data in ((logs.app, app), (logs.nginx, nginx), (logs.supervisord, supervisord)):
        path.write_bytes(data)
    container = replace(
        samples.CONTAINER, root=tmp_path, srv=srv, log_dir=srv / "logs", supervisor_log=logs.supervisord
    )
    console = make(container)
    async with console.run_test(size=size) as pilot:
        await console.push_screen(LogsScreen(logs.app))
        desk = Desk(console, pilot, logs.app)
        await desk.until(lambda: desk.view.window.rows)
        yield desk, logs


def words(row: Row) -> str:
    return row.text.rpartition("] ")[2]


async def merge(desk: Desk) -> None:
    await desk.press("m")
    await desk.until(
        lambda: desk.screen._merged is not None and desk.view.window.rows and desk.view.window.rows[0].line
    )


def many(first: int, last: int) -> tuple[bytes, bytes]:
    """A line of the app and one of nginx for each second."""
    seconds = range(first, last)
    return (
        b"".join(app_line(second, f"[INFO] tick {second}") for second in seconds),
        b"".join(nginx_line(second, f"/{second}") for second in seconds),
    )


SPAWNED = "INFO spawned: 'app' with pid 7"


async def test_m_shows_all_logs_by_their_times_with_the_restarts_as_rules(still_app: MakeApp, tmp_path: Path) -> None:
    app = app_line(1, "[INFO] one") + app_line(5, "[ERROR] five") + traceback()
    nginx = nginx_line(2, "/two") + nginx_line(6, "/six", 502)
    events = supervisord_line(3, SPAWNED) + supervisord_line(4, "WARN exited: app (exit status 3; not expected)")
    async with merged(still_app, tmp_path, app, nginx, events) as (desk, _logs):
        await merge(desk)
        shown = [line[2:] for line in desk.text.split("\n")]
        found = [line[:25].rstrip() for line in shown if line.startswith(("app ", "nginx ", "── 14"))]
        assert found == [
            "app         │ [2026-11-23",
            "nginx       │ 127.0.0.1 -",
            "── 14:00:03 app spawned p",
            "── 14:00:04 app exited ex",
            "app         │ [2026-11-23",
            "app         │ Traceback (",
            'app         │   File "/sr',
            "app         │     return",
            "app         │ ZeroDivisio",
            "nginx       │ 127.0.0.1 -",
        ]
        rule = next(line for line in shown if "app spawned pid 7" in line)
        assert rule.endswith("───")
        assert "merged: app, nginx, supervisord" in desk.text
        assert "following" in desk.text


async def test_m_goes_to_the_moment_of_the_line_and_back_to_the_line_s_own_log(
    still_app: MakeApp, tmp_path: Path
) -> None:
    app, nginx = many(0, 3000)
    async with merged(still_app, tmp_path, app, nginx, supervisord_line(0, SPAWNED)) as (desk, logs):
        await desk.type("t", "40%")
        await desk.until(lambda: " tick 12" in desk.current and not desk.view.window.following)
        line = desk.current
        await merge(desk)
        assert desk.current == line
        assert "paused" in desk.text
        second = int(line.rpartition(" ")[2])
        await desk.press("j")
        assert f"GET /{second} " in desk.current
        await desk.press("m")
        await desk.until(lambda: desk.screen._path == logs.nginx and f"GET /{second} " in desk.current)
        assert "── nginx.log" in desk.text
        assert desk.view.window.rows[0].line is None
        await desk.press("G", "m")
        await desk.until(lambda: desk.screen._merged is not None and "following" in desk.text and "/2999 " in desk.text)
        await desk.press("m")
        await desk.until(lambda: desk.screen._merged is None and "/2999 " in desk.text and "/2998 " in desk.text)
        assert "following" in desk.text


async def test_one_can_page_from_the_end_to_the_very_beginning_of_all(still_app: MakeApp, tmp_path: Path) -> None:
    app, nginx = many(0, 800)
    async with merged(still_app, tmp_path, app, nginx, supervisord_line(900, SPAWNED)) as (desk, logs):
        await merge(desk)
        assert desk.view.window.rows[-1].is_rule
        for _page in range(200):
            await desk.press("pageup")
            if desk.current.endswith("tick 0"):
                break
        assert desk.current.endswith("tick 0")
        await desk.press("G")
        await desk.until(lambda: desk.view.window.following)
        await desk.press("g")
        await desk.until(lambda: desk.current.endswith("tick 0") and desk.view.window.top == 0)
        assert "paused" in desk.text
        append(logs.nginx, nginx_line(901, "/last"))
        await desk.press("G")
        await desk.until(lambda: "GET /last " in desk.text and "following" in desk.text)


async def test_what_comes_is_followed_over_rotation_and_emptying_and_late_lines_come_once(
    still_app: MakeApp, tmp_path: Path
) -> None:
    app, nginx = many(0, 100)
    async with merged(still_app, tmp_path, app, nginx, supervisord_line(0, SPAWNED)) as (desk, logs):
        await merge(desk)
        append(logs.app, app_line(100, "[INFO] before"))
        rotate(logs.app)
        append(logs.app, app_line(102, "[INFO] after"))
        append(logs.supervisord, supervisord_line(101, "INFO stopped: app (terminated by SIGTERM)"))
        await desk.until(lambda: "after" in desk.text)
        before, stopped, _after = desk.view.window.rows[-3:]
        assert words(before) == "before"
        assert stopped.text == f"── {BEGIN + timedelta(seconds=101):%H:%M:%S} app stopped terminated by SIGTERM"
        append(logs.nginx, nginx_line(99, "/late"))
        await desk.until(lambda: "GET /late " in desk.text)
        assert "GET /late " in desk.view.window.rows[-1].text
        logs.app.write_bytes(b"")
        append(logs.app, app_line(110, "[INFO] anew"))
        append(logs.nginx, nginx_line(111, "/then"))
        await desk.until(lambda: "GET /then " in desk.text and "anew" in desk.text)
        assert "emptied" in desk.told
        assert "after" in desk.text
        numbers = [int(row.text.rpartition(" ")[2]) for row in desk.view.window.rows if " tick " in row.text]
        assert numbers == list(range(numbers[0], 100))
        texts = [row.text for row in desk.view.window.rows]
        assert len(set(texts)) == len(texts)


async def test_reading_stays_put_and_new_lines_are_counted_over_all_logs(still_app: MakeApp, tmp_path: Path) -> None:
    app, nginx = many(0, 200)
    async with merged(still_app, tmp_path, app, nginx, b"") as (desk, logs):
        await merge(desk)
        await desk.press("pageup", "pageup")
        before = [line for line in desk.text.split("\n") if "│" in line]
        more = many(200, 218)
        append(logs.app, more[0])
        append(logs.nginx, more[1] + nginx_line(218, "/218"))
        await desk.until(lambda: "37 new lines" in desk.text)
        assert [line for line in desk.text.split("\n") if "│" in line] == before
        await desk.press("f")
        await desk.until(lambda: "following" in desk.text and "GET /218 " in desk.text)


async def test_search_goes_through_all_logs_by_time_and_counts(still_app: MakeApp, tmp_path: Path) -> None:
    app, nginx = many(0, 3000)
    app = app.replace(b"tick 20\n", b"needle 20\n").replace(b"tick 2950\n", b"needle 2950\n")
    nginx = nginx.replace(b"/1500 ", b"/needle ")
    async with merged(still_app, tmp_path, app, nginx, b"") as (desk, _logs):
        await merge(desk)
        await desk.type("slash", "needle")
        await desk.until(lambda: desk.current.endswith("needle 2950"))
        await desk.until(lambda: "3 lines match" in desk.told)
        await desk.press("N")
        await desk.until(lambda: "/needle " in desk.current)
        await desk.press("N")
        await desk.until(lambda: desk.current.endswith("needle 20"))
        await desk.press("N")
        await desk.until(lambda: "Nothing more" in desk.told)
        await desk.press("n")
        await desk.until(lambda: "/needle " in desk.current)
        assert "reverse" in screen_text(desk.app)
        await desk.press("m")
        await desk.until(lambda: "1 line matches" in desk.told)


async def test_filter_and_only_errors_work_on_what_is_there_and_what_comes(still_app: MakeApp, tmp_path: Path) -> None:
    app, nginx = many(0, 1500)
    app += app_line(1501, "[ERROR] it") + traceback()
    nginx += nginx_line(1500, "/a", 502)
    async with merged(still_app, tmp_path, app, nginx, b"") as (desk, logs):
        await merge(desk)
        await desk.press("o")
        await desk.until(lambda: len(desk.view.window.rows) == 6 and not desk.told)
        assert [row.lead.strip(" │") for row in desk.view.window.rows] == ["nginx"] + ["app"] * 5
        append(logs.nginx, nginx_line(1502, "/b", 500) + nginx_line(1503, "/c"))
        await desk.until(lambda: len(desk.view.window.rows) == 7)
        await desk.press("o")
        await desk.until(lambda: len(desk.view.window.rows) > 100)
        await desk.type("ampersand", "tick 7")
        await desk.until(lambda: desk.view.window.rows and all(" tick 7" in row.text for row in desk.view.window.rows))
        await desk.until(lambda: len(desk.view.window.rows) == 111)
        await desk.press("g")
        await desk.until(lambda: desk.current.endswith("tick 7"))
        # Without the filter the line is among those of its time.
        await desk.press("ampersand", *["backspace"] * 6, "enter")
        await desk.until(lambda: any("GET /7 " in row.text for row in desk.view.window.rows))
        assert desk.current.endswith("tick 7")
        texts = [row.text for row in desk.view.window.rows]
        assert "GET /7 " in texts[desk.view.window.cursor + 1]


async def test_from_error_to_error_over_all_logs_and_to_a_time(still_app: MakeApp, tmp_path: Path) -> None:
    app, nginx = many(0, 2000)
    app += app_line(2000, "[ERROR] last")
    nginx = nginx.replace(b'/1000 HTTP/1.1" 200', b'/1000 HTTP/1.1" 500')
    async with merged(still_app, tmp_path, app, nginx, b"") as (desk, _logs):
        await merge(desk)
        await desk.press("pageup", "E")
        await desk.until(lambda: "GET /1000 " in desk.current)
        await desk.press("e")
        await desk.until(lambda: desk.current.endswith("last"))
        await desk.type("t", f"{BEGIN + timedelta(seconds=600):%Y-%m-%dx%H:%M:%S}".replace("x", "T"))
        await desk.until(lambda: desk.current.endswith("tick 600"))
        await desk.press("t")
        await desk.until(lambda: "50% of the longest log" in desk.told)
        await desk.press("escape")
        await desk.type("t", "0%")
        await desk.until(lambda: "GET /0 " in desk.current)
        await desk.type("t", "nonsense")
        await desk.until(lambda: "That is no time" in desk.told)


async def test_a_line_is_taken_out_of_its_own_log_and_what_is_shown_is_saved(
    still_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(StillApp, "copy_to_clipboard", lambda _app, text: copied.append(text))
    app, nginx = app_line(1, "[ERROR] it") + traceback(), nginx_line(0, "/zero")
    async with merged(still_app, tmp_path, app, nginx, supervisord_line(0, SPAWNED)) as (desk, _logs):
        await merge(desk)
        await desk.press("y")
        await desk.until(lambda: copied)
        assert copied[0] == "\n".join(TRACEBACK) + "\n"
        await desk.press("g", "enter")
        await desk.until(lambda: isinstance(desk.app.screen, WholeLineScreen))
        await desk.press("q")
        await desk.press("C")
        await desk.until(lambda: "One log is cleared at a time" in desk.told)
        await desk.press("S", "ctrl+u", "x", "enter")
        await desk.until(lambda: "Saved 7 lines" in desk.told)
        saved = (desk.app.container.srv / "x").read_text().split("\n")
        assert saved[0].startswith("nginx       │ 127.0.0.1")
        assert saved[1].endswith(SPAWNED)
        assert saved[-2] == "app         │ ZeroDivisionError: division by zero"


async def test_tracebacks_fold_and_long_lines_wrap_beside_the_name(still_app: MakeApp, tmp_path: Path) -> None:
    app = app_line(1, "[ERROR] it") + traceback()
    nginx = nginx_line(0, "/" + "x" * 100 + "/end")
    async with merged(still_app, tmp_path, app, nginx, b"") as (desk, _logs):
        await merge(desk)
        await desk.press("w")
        shown = desk.text.split("\n")
        number = next(number for number, line in enumerate(shown) if "/end" in line)
        assert shown[number].startswith("  nginx       │ ")
        assert shown[number - 1].startswith("  nginx       │ ")
        await desk.press("z")
        await desk.until(lambda: "2 lines hidden" in desk.text)
        assert "ZeroDivisionError" in desk.text
        assert "return 1 / 0" not in desk.text


async def test_keys_that_come_before_the_logs_are_there_find_no_fault(still_app: MakeApp, tmp_path: Path) -> None:
    app, nginx = many(0, 3000)
    async with merged(still_app, tmp_path, app + app_line(3000, "[ERROR] last"), nginx, b"") as (desk, _logs):
        await desk.type("slash", "tick 2")
        await desk.until(lambda: "lines match" in desk.told)
        for keys in (["m", "pageup", "n", "e", "E", "y", "z", "N"], ["m", "k", "n", "m", "N", "o", "m", "pageup", "o"]):
            for _time in range(4):
                for key in keys:
                    desk.app.simulate_key(key)
                await desk.pilot.pause(0.05)
                assert "failed" not in desk.told
        await desk.until(lambda: not desk.screen._opening and not desk.screen._jobs)
        assert "failed" not in desk.told


async def test_a_log_chosen_from_the_list_ends_it(still_app: MakeApp, tmp_path: Path) -> None:
    app, nginx = many(0, 10)
    async with merged(still_app, tmp_path, app, nginx, b"") as (desk, _logs):
        await merge(desk)
        assert "▸" not in desk.text
        await desk.press("tab", "enter")
        await desk.until(lambda: desk.screen._merged is None and desk.view.window.rows)
        assert "▸" in desk.text
        assert "merged" not in desk.text


async def test_the_commands_are_those_of_all_logs(still_app: MakeApp, tmp_path: Path) -> None:
    app, nginx = many(0, 10)
    async with merged(still_app, tmp_path, app, nginx, b"") as (desk, logs):
        await merge(desk)
        lines = [line for _title, commands in desk.screen.shell_commands() for line in commands]
        assert [f"tail -n 40 -F {path}" in lines for path in (logs.app, logs.nginx, logs.supervisord)] == [True] * 3
        assert any(line.endswith("logs --merged -f") for line in lines)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_how_it_looks(
    still_app: MakeApp, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, frozen_time: None
) -> None:
    monkeypatch.setattr("console.tui.widgets.file_list.duration", lambda _seconds: "5s")
    app = app_line(1, "[INFO] Booting worker [red]not markup[/red]") + app_line(9, "[ERROR] five") + traceback()
    nginx = nginx_line(2, "/" + "long" * 20) + nginx_line(10, "/six", 502) + nginx_line(11, "/seven", 404)
    events = (
        supervisord_line(0, SPAWNED)
        + supervisord_line(3, "WARN exited: app (exit status 3; not expected)")
        + supervisord_line(4, "INFO spawned: 'app' with pid 9")
        + supervisord_line(5, "INFO success: app entered RUNNING state, process has stayed up for > than 1 seconds")
    )
    async with merged(still_app, tmp_path, app, nginx, events, size) as (desk, _logs):
        await merge(desk)
        await desk.press("k", "k")
        await desk.pilot.pause()
        check(desk.app, f"logs-merged-{size[0]}")


async def test_a_log_that_cannot_be_read_is_left_out_and_named(still_app: MakeApp, tmp_path: Path) -> None:
    async with merged(still_app, tmp_path, app_line(1, "[INFO] one"), b"", b"", (120, 40)) as (desk, logs):
        logs.nginx.unlink()
        logs.nginx.mkdir()
        await merge(desk)
        assert "merged: app, supervisord" in desk.text
        assert "Left out, as it cannot be read: nginx (" in " ".join(desk.text.split())


async def test_where_none_can_be_read_the_log_stays_and_the_reason_is_said(still_app: MakeApp, tmp_path: Path) -> None:
    async with merged(still_app, tmp_path, app_line(1, "[INFO] one"), b"", b"", (120, 40)) as (desk, logs):
        for path in (logs.app, logs.nginx, logs.supervisord):
            path.unlink()
            path.mkdir()
        await desk.press("m")
        await desk.until(lambda: "is no regular file" in desk.text)
        assert "[INFO] one" in desk.text
