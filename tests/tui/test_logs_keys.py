"""The keys of the logs' screen on a real log, which its own thread reads."""

from __future__ import annotations

import base64
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.style import Style
from textual.pilot import Pilot

from console.logs import expression
from console.logs.files import log_files
from console.programs.clearing import ClearedLogs
from console.results import LogFile
from console.tui.log_search import LogSearch
from console.tui.log_settings import LogSettings, read_log_settings
from console.tui.messages import OperationEnded
from console.tui.screens import log_reading
from console.tui.screens.log_taking import CLEAR
from console.tui.screens.logs import LogsScreen
from console.tui.screens.whole_line import WholeLineScreen
from console.tui.widgets.line import Line
from console.tui.widgets.log_prompt import LogPrompt
from console.tui.widgets.log_view import LogView
from console.tui.working import Work
from tests.logs.logging_program import append, rotate

from . import samples
from .conftest import StillApp
from .snapshot import screen_text
from .test_screens import MakeApp

TRACEBACK = b"""2026-11-23 14:00:00 [ERROR] it failed
Traceback (most recent call last):
  File "/srv/app/app.py", line 3, in view
    return 1 / 0
ZeroDivisionError: division by zero
"""


class Desk:
    """A log on the screen."""

    def __init__(self, app: StillApp, pilot: Pilot[None], log: Path) -> None:
        self.app, self.pilot, self.log = app, pilot, log

    @property
    def view(self) -> LogView:
        return self.screen.query_one(LogView)

    @property
    def screen(self) -> LogsScreen:
        found = next(screen for screen in self.app.screen_stack if isinstance(screen, LogsScreen))
        assert isinstance(found, LogsScreen)
        return found

    @property
    def text(self) -> str:
        return "\n".join(screen_text(self.app).split("\n")[: self.app.size.height])

    @property
    def told(self) -> str:
        return " ".join(self.screen.query_one("#told", Line).text.split())

    @property
    def current(self) -> str:
        row = self.view.window.current
        return row.text if row is not None else ""

    async def until(self, what: Callable[[], object], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, screen_text(self.app)
            await self.pilot.pause(0.02)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, key: str, text: str) -> None:
        """Press ``key`` and answer its question."""
        names = {"%": "percent_sign", ":": "colon"}
        await self.press(key, *(names.get(letter, letter) for letter in text), "enter")

    async def search_expression(self, expression: str) -> None:
        await self.press("slash", "ctrl+r")
        self.screen.query_one(LogPrompt).value = expression
        await self.press("enter")


@asynccontextmanager
async def reading(make: MakeApp, tmp_path: Path, data: bytes | list[bytes]) -> AsyncIterator[Desk]:
    """The screen on a log; a list is the contents of its files, oldest first."""
    srv = tmp_path / "srv"
    (srv / "logs").mkdir(parents=True)
    log = srv / "logs" / "python.log"
    parts = data if isinstance(data, list) else [data]
    for number, part in enumerate(reversed(parts)):
        (log.with_name(f"python.log.{number}") if number else log).write_bytes(part)
    app = make(replace(samples.CONTAINER, root=tmp_path, srv=srv, log_dir=srv / "logs"))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(LogsScreen(log))
        desk = Desk(app, pilot, log)
        await desk.until(lambda: desk.view.window.rows)
        yield desk


def numbered(first: int, last: int) -> bytes:
    return b"".join(b"line %d\n" % number for number in range(first, last))


async def test_the_last_screen_comes_first_and_g_goes_to_the_begin_of_the_oldest_file(
    still_app: MakeApp, tmp_path: Path
) -> None:
    files = [numbered(0, 9000), numbered(9000, 20_000), numbered(20_000, 30_000)]
    async with reading(still_app, tmp_path, files) as desk:
        assert "line 29999" in desk.text
        await desk.press("g")
        await desk.until(lambda: desk.current == "line 0")
        assert "paused" in desk.text
        await desk.press("j", "pagedown")
        assert desk.current == "line 21" if desk.view.size.height == 21 else desk.current > "line 1"
        await desk.press("G")
        await desk.until(lambda: "line 29999" in desk.text and "following" in desk.text)
        assert len(desk.view.window.rows) <= 4000


async def test_one_can_page_up_to_the_very_beginning(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, [numbered(0, 1000), numbered(1000, 2000)]) as desk:
        for _page in range(400):
            await desk.press("pageup")
            if desk.current == "line 0":
                break
        assert desk.current == "line 0"


async def test_reading_stays_put_while_lines_come_and_the_log_rotates(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, numbered(0, 1000)) as desk:
        await desk.press("pageup", "pageup")
        before = [line for line in desk.text.split("\n") if line.startswith(("  line", "› line"))]
        append(desk.log, numbered(1000, 1030))
        rotate(desk.log)
        append(desk.log, numbered(1030, 1037))
        await desk.until(lambda: "37 new lines" in desk.text)
        assert [line for line in desk.text.split("\n") if line.startswith(("  line", "› line"))] == before
        await desk.press("G")
        await desk.until(lambda: "line 1036" in desk.text and "following" in desk.text)
        append(desk.log, numbered(1037, 1040))
        await desk.until(lambda: "line 1039" in desk.text)
        numbers = [int(row.text.split()[1]) for row in desk.view.window.rows]
        assert numbers == list(range(numbers[0], 1040))


async def test_an_emptied_log_is_said_and_followed(
    still_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(StillApp, "copy_to_clipboard", lambda _app, text: copied.append(text))
    async with reading(still_app, tmp_path, numbered(0, 100)) as desk:
        desk.log.write_bytes(b"")
        append(desk.log, b"anew\n")
        await desk.until(lambda: "  anew" in desk.text)
        assert "emptied" in desk.text
        assert "line 99" in desk.text
        await desk.press("k", "y")  # a line that the log no longer has
        await desk.until(lambda: copied)
        assert copied == ["line 99"]
        await desk.press("n", "e", "G")
        await desk.until(lambda: desk.current == "anew")


async def test_search_goes_through_the_whole_history_and_counts(still_app: MakeApp, tmp_path: Path) -> None:
    old = b"needle one\n" + numbered(0, 9000)
    async with reading(still_app, tmp_path, [old, numbered(9000, 18_000) + b"Needle two\n" + numbered(0, 500)]) as desk:
        await desk.type("slash", "needle")
        await desk.until(lambda: desk.current == "Needle two")
        await desk.until(lambda: "2 lines match" in desk.told)
        await desk.press("N")
        await desk.until(lambda: desk.current == "needle one")
        await desk.press("N")
        await desk.until(lambda: "Nothing more" in desk.told)
        await desk.press("n")
        await desk.until(lambda: desk.current == "Needle two")
        assert "reverse" in screen_text(desk.app)


async def test_an_expression_that_is_none_is_said(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, numbered(0, 10)) as desk:
        await desk.press("slash", "left_square_bracket", "ctrl+r", "enter")
        await desk.until(lambda: "no regular expression" in desk.told)


async def test_filter_shows_what_matches_also_of_what_comes_and_empty_takes_it_off(
    still_app: MakeApp, tmp_path: Path
) -> None:
    data = numbered(0, 5000) + b"a needle\n" + numbered(5000, 9000)
    async with reading(still_app, tmp_path, data) as desk:
        await desk.type("ampersand", "needle")
        await desk.until(lambda: [row.text for row in desk.view.window.rows] == ["a needle"])
        append(desk.log, b"hay\nanother needle\n")
        await desk.until(lambda: [row.text for row in desk.view.window.rows] == ["a needle", "another needle"])
        assert "only: needle" in desk.text
        await desk.press("ampersand", *["backspace"] * 6, "enter")
        await desk.until(lambda: len(desk.view.window.rows) > 100)


async def test_only_errors_and_from_error_to_error(still_app: MakeApp, tmp_path: Path) -> None:
    data = numbered(0, 3000) + TRACEBACK + numbered(3000, 6000) + b"[ERROR] last\n" + numbered(6000, 9000)
    async with reading(still_app, tmp_path, data) as desk:
        await desk.press("E")
        await desk.until(lambda: desk.current == "[ERROR] last")
        await desk.press("E")
        await desk.until(lambda: desk.current.startswith("Traceback"))
        await desk.press("e")
        await desk.until(lambda: desk.current == "[ERROR] last")
        await desk.press("e")
        await desk.until(lambda: "Nothing more" in desk.told)
        await desk.press("o")
        await desk.until(lambda: len(desk.view.window.rows) == 6 and not desk.told)
        assert desk.view.window.rows[-1].text == "[ERROR] last"


async def test_a_traceback_that_comes_in_pieces_is_whole_among_the_errors(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, numbered(0, 30) + b"[ERROR] first\n") as desk:
        await desk.press("o")
        await desk.until(lambda: len(desk.view.window.rows) == 1)
        lines = TRACEBACK.splitlines(keepends=True)
        append(desk.log, b"".join(lines[:3]))
        await desk.until(lambda: "Traceback" in desk.text)
        append(desk.log, b"".join(lines[3:]) + b"after\n")
        await desk.until(lambda: "ZeroDivisionError" in desk.text)
        rows = [row.text for row in desk.view.window.rows]
        assert rows == ["[ERROR] first", *TRACEBACK.decode().splitlines()]


async def test_folded_tracebacks_show_what_was_raised_and_open_for_what_is_found_in_them(
    still_app: MakeApp, tmp_path: Path
) -> None:
    data = numbered(0, 30) + TRACEBACK + numbered(30, 33)
    async with reading(still_app, tmp_path, data) as desk:
        await desk.press("z")
        await desk.until(lambda: "lines hidden" in desk.text or "line hidden" in desk.text)
        lines = [line[2:] for line in desk.text.split("\n")]
        number = next(number for number, line in enumerate(lines) if line.startswith("Traceback"))
        raised = TRACEBACK.decode().splitlines()[-1]
        assert lines[number + 1].rstrip() == raised
        assert read_log_settings(desk.app.container).fold
        await desk.press("E")
        await desk.until(lambda: desk.current.startswith("Traceback"))
        await desk.press("j")
        assert desk.current == raised
        await desk.type("slash", "File")
        await desk.until(lambda: "File" in desk.current)
        assert "hidden" not in desk.text


async def test_a_time_and_a_part_of_the_log_can_be_gone_to(still_app: MakeApp, tmp_path: Path) -> None:
    begin = datetime.now().replace(microsecond=0) - timedelta(hours=10)
    stamps = [begin + timedelta(minutes=number) for number in range(600)]
    data = b"".join(f"{stamp:%Y-%m-%d %H:%M:%S} [INFO] tick\n".encode() for stamp in stamps)
    async with reading(still_app, tmp_path, data) as desk:
        await desk.type("t", "50%")
        await desk.until(lambda: desk.current.startswith(f"{stamps[300]:%Y-%m-%d %H:%M:%S}"))
        wanted = stamps[420]
        await desk.type("t", f"{wanted:%H:%M:%S}")
        await desk.until(lambda: desk.current.startswith(f"{wanted:%Y-%m-%d %H:%M:%S}"))
        await desk.type("t", "nonsense")
        await desk.until(lambda: "That is no time" in desk.told)


async def test_copy_takes_the_traceback_to_the_terminal_and_to_a_file(
    still_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(StillApp, "copy_to_clipboard", lambda _app, text: copied.append(text))
    async with reading(still_app, tmp_path, numbered(0, 100) + TRACEBACK) as desk:
        await desk.press("y")
        await desk.until(lambda: copied)
        assert copied[0].startswith("Traceback (most recent call last):\n")
        assert copied[0].endswith("ZeroDivisionError: division by zero\n")
        assert (desk.app.container.state_dir / "copied.txt").read_text() == copied[0]
        assert "Copied 4 lines" in desk.told
        assert base64.b64encode(copied[0].encode())  # what OSC 52 takes


async def test_enter_shows_a_long_line_whole_and_nothing_of_it_as_markup(still_app: MakeApp, tmp_path: Path) -> None:
    line = b"[red]begin[/red] " + b"x" * 9000 + b" \x1b[2Jthe end"
    async with reading(still_app, tmp_path, b"first\n" + line + b"\n") as desk:
        await desk.press("enter")
        await desk.until(lambda: isinstance(desk.app.screen, WholeLineScreen))
        await desk.pilot.pause()
        assert "[red]begin[/red]" in desk.text
        await desk.press("G")
        await desk.until(lambda: "the end" in desk.text)
        assert "\x1b" not in desk.text


async def test_save_writes_what_is_shown_of_the_whole_history_and_over_nothing(
    still_app: MakeApp, tmp_path: Path
) -> None:
    async with reading(still_app, tmp_path, [b"a needle\n" + numbered(0, 9000), b"needle b\xff\n"]) as desk:
        await desk.type("ampersand", "needle")
        await desk.until(lambda: len(desk.view.window.rows) == 2)
        await desk.press("S")
        saved = Path(desk.screen.query_one("#prompt").value)  # type: ignore[attr-defined]
        await desk.press("enter")
        await desk.until(lambda: "Saved 2 lines" in desk.told)
        assert saved.read_bytes() == b"a needle\nneedle b\xff\n"
        await desk.press("S", "ctrl+u", "x", "enter")
        await desk.until(lambda: "Saved 2 lines" in desk.told and (desk.app.container.srv / "x").exists())
        await desk.press("S", "ctrl+u", "x", "enter")
        await desk.until(lambda: "exists already" in desk.told)
        assert "Take another name" in desk.text


async def test_wrap_and_follow_are_remembered(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, numbered(0, 100) + b"word " * 40 + b"tail\n") as desk:
        assert "tail" not in desk.text
        await desk.press("w")
        assert "tail" in desk.text
        await desk.press("f")
        assert "paused" in desk.text
        assert read_log_settings(desk.app.container) == LogSettings(wrap=True, follow=False)


async def test_settings_that_cannot_be_kept_are_no_reason_to_say_anything(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, numbered(0, 100)) as desk:
        desk.app.container.state_dir.write_text("a file where the folder should be")
        await desk.press("w")
        await desk.pilot.pause()
        assert desk.view.wrap
        assert not desk.told


async def test_clearing_is_asked_with_its_size_first(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, numbered(0, 1000)) as desk:
        desk.app.programs = (samples.program("app", log_file=desk.log),)
        begun: list[str] = []

        def begin(name: str, _work: Work) -> bool:
            begun.append(name)
            return True

        desk.app.begin = begin  # type: ignore[assignment,method-assign]
        await desk.press("C")
        await desk.until(lambda: "Clear the log of app (" in desk.text)
        await desk.press("enter")
        assert begun == []
        await desk.press("C", "y")
        assert begun == [CLEAR]
        desk.app.post_message(OperationEnded(CLEAR, ClearedLogs("app", 8890), None))
        await desk.until(lambda: "is empty" in desk.told)


async def test_escape_stops_a_search_and_then_leaves(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, numbered(0, 100)) as desk:

        def work(_timeline: object, watcher: object) -> None:
            while watcher.goes_on(1, 100, 0):  # type: ignore[attr-defined]
                time.sleep(0.01)

        desk.screen._begin("find", work)
        await desk.until(lambda: "Searching: 1 %" in desk.told)
        await desk.press("escape")
        assert "Stopped" in desk.told
        assert isinstance(desk.app.screen, LogsScreen)
        await desk.press("escape")
        assert not isinstance(desk.app.screen, LogsScreen)


async def test_a_log_opened_paused_follows_from_the_end_on(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, numbered(0, 5000)) as desk:
        await desk.press("f")
        desk.screen._open(desk.log)
        await desk.until(lambda: not desk.screen._opening)
        assert "paused" in desk.text
        assert "line 4999" in desk.text
        append(desk.log, numbered(5000, 5003))
        await desk.until(lambda: "3 new lines" in desk.text)
        await desk.press("g")
        await desk.until(lambda: desk.current == "line 0")
        await desk.press("G")
        await desk.until(lambda: "following" in desk.text and "line 5002" in desk.text)


async def test_x_shows_the_search_as_a_command_that_finds_the_same(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, [b"a[1]+b old\n", b"a1b\nA[1]+B\n"]) as desk:
        desk.screen._begin_search(LogSearch("a[1]+b", regex=False))
        command = desk.screen.shell_commands()[-1][1][0]
        found = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
        assert found.stdout == "a[1]+b old\nA[1]+B\n"


async def test_a_program_s_own_colours_are_shown_in_those_that_every_terminal_has(
    still_app: MakeApp, tmp_path: Path
) -> None:
    line = b"\x1b[32mGET\x1b[0m plain \x1b[1;33mslow\x1b[0m \x1b[34mblue\x1b[0m\n"
    async with reading(still_app, tmp_path, line) as desk:
        shown = [(segment.text, segment.style) for segment in desk.view.render_line(0) if segment.text.strip()]
        styles = {text.strip(): style for text, style in shown if style is not None}
        assert styles["GET"].color == Style(color="green").color
        assert styles["plain"].color is None
        assert (styles["slow"].color, styles["slow"].bold) == (Style(color="magenta").color, True)
        assert styles["blue"].color is None


async def test_what_an_expression_matches_is_marked(still_app: MakeApp, tmp_path: Path) -> None:
    async with reading(still_app, tmp_path, "žluť 12 kůň 345\nnone\n".encode()) as desk:
        await desk.search_expression("[0-9]+ ?k?")

        def marked() -> list[str]:
            return [
                segment.text
                for y in range(2)
                for segment in desk.view.render_line(y)
                if segment.style is not None and segment.style.reverse
            ]

        await desk.until(lambda: marked() == ["12 k", "345"])
        assert [child for child in psutil.Process().children() if is_trying(child)]
        await desk.press("q")
        await desk.until(lambda: not [child for child in psutil.Process().children() if is_trying(child)])


def is_trying(child: psutil.Process) -> bool:
    try:
        return "console.logs.expression_process" in child.cmdline()
    except psutil.Error:  # it is gone
        return False


async def test_an_expression_that_takes_for_ever_does_not_hold_the_screen(
    still_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expression, "LIMIT_SECONDS", 1.0)
    async with reading(still_app, tmp_path, b"a" * 40 + b"b\nlast\n") as desk:
        await desk.search_expression("(a+)+$")
        await desk.press("g")
        await desk.until(lambda: "takes too long" in desk.told)


async def test_new_files_come_into_the_list_and_the_event_loop_does_not_read_the_folder(
    still_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: list[threading.Thread] = []

    def seen(*arguments: Any) -> tuple[LogFile, ...]:
        readers.append(threading.current_thread())
        return log_files(*arguments)

    monkeypatch.setattr(log_reading, "FILES_SECONDS", 0.05)
    async with reading(still_app, tmp_path, b"one line\n") as desk:
        monkeypatch.setattr(log_reading, "log_files", seen)
        (desk.log.parent / "worker.log").write_bytes(b"another\n")
        await desk.until(lambda: "worker.log" in desk.text)
        await desk.until(lambda: len(readers) > 1)
    assert threading.main_thread() not in readers


async def test_a_disk_that_does_not_answer_is_asked_for_the_files_once(
    still_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[threading.Thread] = []
    answers = threading.Event()

    def hanging(*arguments: Any) -> tuple[LogFile, ...]:
        asked.append(threading.current_thread())
        answers.wait(10)
        return log_files(*arguments)

    monkeypatch.setattr(log_reading, "FILES_SECONDS", 0.02)
    async with reading(still_app, tmp_path, b"one line\n") as desk:
        monkeypatch.setattr(log_reading, "log_files", hanging)
        await desk.until(lambda: asked)
        await desk.pilot.pause(0.3)
        assert len(asked) == 1
        answers.set()
        await desk.until(lambda: len(asked) > 1)
