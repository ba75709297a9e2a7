"""Every screen as a person sees it, in the two sizes that it has to be right in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.events import Answered, Failing, Running, Stopped, Stopping
from console.logs.folding import HIDDEN
from console.logs.levels import level_of
from console.logs.position import Position
from console.logs.search import Progress
from console.logs.wanted import Wanted
from console.results import (
    HttpAnswer,
    Restart,
)
from console.tui.log_jobs import LogJob, LogJobEnded, LogJobProgress, LogWork
from console.tui.log_pages import News, Page, Row
from console.tui.log_reader import LogCame, LogShown
from console.tui.log_search import Counted, FoundPlace
from console.tui.messages import OperationEnded, OperationProgress
from console.tui.screens.logs import LogsScreen
from console.tui.widgets.outcome import Outcome

from . import samples
from .conftest import StillApp
from .snapshot import check, screen_text

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
MakeApp = Callable[..., StillApp]
Act = Callable[[StillApp, Pilot[None]], Awaitable[None]]

RESTARTED = Restart("app", "restart", True, "RUNNING", 1.1, HttpAnswer(8080, 200, 1.3), pid=81)
FAILED = Restart("app", "restart", False, "BACKOFF", None, None, samples.IMPORT_ERROR)


async def show(app: StillApp, pilot: Pilot[None], act: Act) -> None:
    """Do ``act``, and wait until the screen has come to rest: on a loaded machine that takes its turns."""
    await pilot.pause()
    await act(app, pilot)
    shown = ""
    for _turn in range(100):
        await pilot.pause(0.05)
        before, shown = shown, screen_text(app)
        if shown == before:
            return


async def site_up(app: StillApp, pilot: Pilot[None]) -> None:
    app.show(samples.UP)
    await pilot.pause()
    app.show(samples.UP, *samples.LOG)


async def site_broken(app: StillApp, pilot: Pilot[None]) -> None:
    app.show(samples.BROKEN)
    await pilot.pause()
    app.show(samples.BROKEN, *samples.LOG, *samples.TRACEBACK)


async def supervisord_gone(app: StillApp, pilot: Pilot[None]) -> None:
    await site_up(app, pilot)
    await pilot.pause()
    app.programs_age = lambda: 42.0  # type: ignore[method-assign]
    app.show(samples.GONE)


async def dead_virtualenv(app: StillApp, pilot: Pilot[None]) -> None:
    app.show(samples.DEAD_VENV)


async def restarted(app: StillApp, pilot: Pilot[None]) -> None:
    await site_up(app, pilot)
    await pilot.pause()
    app.post_message(OperationEnded("restart", RESTARTED, None))


async def did_not_come_back(app: StillApp, pilot: Pilot[None]) -> None:
    await site_broken(app, pilot)
    await pilot.pause()
    app.post_message(OperationEnded("restart", FAILED, None))


async def stop_is_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await site_up(app, pilot)
    await pilot.press("s")


async def help_is_open(app: StillApp, pilot: Pilot[None]) -> None:
    await site_up(app, pilot)
    await pilot.press("question_mark")


async def commands_are_open(app: StillApp, pilot: Pilot[None]) -> None:
    await site_up(app, pilot)
    await pilot.press("x")


async def details_are_open(app: StillApp, pilot: Pilot[None]) -> None:
    await site_broken(app, pilot)
    await pilot.press("enter")


@SIZES
@pytest.mark.parametrize(
    "act",
    [
        site_up,
        site_broken,
        supervisord_gone,
        dead_virtualenv,
        restarted,
        did_not_come_back,
        stop_is_asked,
        help_is_open,
        commands_are_open,
        details_are_open,
    ],
)
async def test_first_screen(still_app: MakeApp, size: tuple[int, int], act: Act, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=size) as pilot:
        await show(app, pilot, act)
        check(app, f"programs-{act.__name__}-{size[0]}")


# -- the other screens -----------------------------------------------------------------------------


LOG = Path("/srv/logs/python.log")


def page_of(lines: Sequence[str], begin: int = 0, *, at_begin: bool = True, at_end: bool = True) -> Page:
    """``lines`` as a reader would give them, from byte ``begin`` of a log on; all of them count as one byte."""
    rows = tuple(
        Row(Position(1, 1, begin + number), Position(1, 1, begin + number + 1), line, level_of(line))
        for number, line in enumerate(lines)
    )
    return Page(rows, Position(1, 1, begin), Position(1, 1, begin + len(lines)), at_begin, at_end)


async def logs_open(app: StillApp, pilot: Pilot[None]) -> None:
    await site_up(app, pilot)
    await pilot.pause()
    await app.push_screen(StillLogs(LOG))
    await pilot.pause()
    app.screen.post_message(LogShown(0, page_of(samples.LOG * 20), None))


async def logs_paused(app: StillApp, pilot: Pilot[None]) -> None:
    await logs_open(app, pilot)
    await pilot.pause()
    await pilot.press("pageup")
    app.screen.post_message(LogCame(0, News(None, 37)))


async def logs_searched(app: StillApp, pilot: Pilot[None]) -> None:
    await logs_open(app, pilot)
    await pilot.pause()
    await pilot.press("slash", *"static", "enter")
    screen = app.screen
    assert isinstance(screen, StillLogs)
    screen.end("count", Counted(20))
    screen.end("find", FoundPlace(Position(1, 1, 78)))


async def logs_searching(app: StillApp, pilot: Pilot[None]) -> None:
    await logs_open(app, pilot)
    await pilot.pause()
    await pilot.press("slash", *"static", "enter")
    screen = app.screen
    assert isinstance(screen, StillLogs)
    screen.post_message(LogJobProgress(screen.jobs["find"], Progress(45, 100, 3)))


async def logs_asking(app: StillApp, pilot: Pilot[None]) -> None:
    await logs_open(app, pilot)
    await pilot.pause()
    await pilot.press("ampersand", *"[red]", "ctrl+r")


async def logs_only_errors(app: StillApp, pilot: Pilot[None]) -> None:
    await logs_open(app, pilot)
    await pilot.pause()
    await pilot.press("o")
    errors = [line for line in samples.LOG if level_of(line) == "error"]
    app.screen.post_message(LogShown(0, page_of(errors * 3), None))


async def logs_wrapped(app: StillApp, pilot: Pilot[None]) -> None:
    await logs_open(app, pilot)
    await pilot.pause()
    await pilot.press("w")


async def logs_folded(app: StillApp, pilot: Pilot[None]) -> None:
    await logs_open(app, pilot)
    await pilot.pause()
    await pilot.press("z")
    lines = ["Traceback (most recent call last):", '  File "a.py", line 7, in f', "    f()", "ValueError: [b]no[/b]"]
    page = page_of([*samples.LOG * 4, *lines])
    folds = [0] * len(samples.LOG) * 4 + [2, HIDDEN, HIDDEN, 0]
    rows = tuple(replace(row, fold=fold) for row, fold in zip(page.rows, folds, strict=True))
    app.screen.post_message(LogShown(0, replace(page, rows=rows), None))


async def logs_not_there(app: StillApp, pilot: Pilot[None]) -> None:
    await logs_open(app, pilot)
    await pilot.pause()
    app.screen.post_message(LogShown(0, None, None))


@SIZES
@pytest.mark.parametrize(
    "act",
    [
        logs_open,
        logs_paused,
        logs_searched,
        logs_searching,
        logs_asking,
        logs_only_errors,
        logs_wrapped,
        logs_folded,
        logs_not_there,
    ],
)
async def test_other_screens(still_app: MakeApp, size: tuple[int, int], act: Act, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=size) as pilot:
        await show(app, pilot, act)
        check(app, f"{act.__name__.replace('_', '-')}-{size[0]}")


class StillLogs(LogsScreen):
    """Without a log folder to look at, and nobody who reads it."""

    def start_reading(self) -> None:
        self._show_title()

    @property
    def jobs(self) -> dict[str, LogJob]:
        return self._jobs

    def _begin(self, name: str, work: LogWork, wanted: Wanted | None = None) -> None:
        assert self._path is not None
        self._jobs[name] = LogJob(name, self._path, work, self.post_message, wanted)

    def end(self, name: str, result: object) -> None:
        self.post_message(LogJobEnded(self._jobs[name], result, None))


# -- what they do ----------------------------------------------------------------------------------


async def test_outcome_tells_the_events_as_they_come(still_app: MakeApp) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        await site_up(app, pilot)
        await pilot.pause()
        outcome = app.screen.query_one(Outcome)
        outcome.begin("restarting app")
        for event in (Stopping("app"), Stopped("app", 0.2), Answered("app", HttpAnswer(8080, 200, 0.37))):
            app.post_message(OperationProgress("restart", event))
        await pilot.pause()
        assert "restarting app · stopping · stopped after 0.20 s · HTTP 200 in 0.37 s" in outcome.text
        app.post_message(OperationProgress("restart", Running("app", 1.1)))
        app.post_message(OperationProgress("restart", Failing("app", samples.IMPORT_ERROR)))
        await pilot.pause()
        assert "RUNNING in 1.1 s · app does not start: No module named 'django'." in outcome.text


async def test_outcome_tells_what_a_stop_had_left_behind_and_what_keeps_it_from_that(still_app: MakeApp) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await site_up(app, pilot)
        outcome = app.screen.query_one(Outcome)
        answer = HttpAnswer(8080, 200, 0.4)
        outcome.end_with(Restart("app", "restart", True, "RUNNING", 1.3, answer, orphans=("gunicorn \x1b[31m4711",)))
        await pilot.pause()
        said = " ".join(outcome.text.split())
        assert "app RUNNING in 1.3 s" in said
        assert "had left gunicorn 4711 behind, ended now." in said
        assert said.endswith("or stopasgroup=true into [program:app].")
        assert outcome.size.height <= 4


async def test_nothing_is_sent_when_nothing_changed(still_app: MakeApp) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        await site_up(app, pilot)
        await pilot.pause()
        drawn: list[object] = []
        for widget in app.screen.walk_children():
            widget.refresh = lambda *_regions, widget=widget, **_how: drawn.append(widget)  # type: ignore[method-assign,assignment]
        app.show(samples.UP)
        await pilot.pause()
        assert drawn == []


async def test_the_safe_choice_is_focused_and_enter_changes_nothing(still_app: MakeApp) -> None:
    app = still_app()
    stopped: list[object] = []
    app.operate = lambda *asked: stopped.append(asked)  # type: ignore[method-assign]
    async with app.run_test() as pilot:
        await stop_is_asked(app, pilot)
        await pilot.press("enter")
        assert stopped == []
        await pilot.press("s", "right", "enter")
        await pilot.pause()
        assert [asked[:2] for asked in stopped] == [("stop", "app")]  # type: ignore[index]


async def test_cursor_stays_on_its_program_when_others_come(still_app: MakeApp) -> None:
    from dataclasses import replace

    from console.tui.widgets.programs_table import ProgramsTable

    app = still_app()
    async with app.run_test() as pilot:
        app.show(samples.UP)
        await pilot.pause()
        await pilot.press("j")
        app.show(replace(samples.UP, programs=(samples.program("aaa"), *samples.UP.programs)))
        await pilot.pause()
        selected = app.screen.query_one(ProgramsTable).selected
        assert selected is not None
        assert selected.name == "nginx"


async def test_palette_offers_every_action_of_the_screen(still_app: MakeApp) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        await site_up(app, pilot)
        await pilot.pause()
        names = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Restart", "Reload", "Start/Stop", "Logs", "Static", "Venv", "Shell", "Help", "Quit"} <= names
