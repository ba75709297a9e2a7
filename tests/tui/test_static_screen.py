"""The static files' screens in all their states."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given as given_text
from hypothesis import strategies
from rich.cells import cell_len
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from console.errors import ConsoleError, Locked
from console.events import Output, Step, StepDone, ignore
from console.logs.clean import terminal_safe
from console.results import ModeChange, StaticExplanation, StaticList, StaticRepair
from console.static_files.look import WhichServer
from console.tui.messages import OperationEnded, OperationProgress
from console.tui.screens.static import StaticScreen
from console.tui.screens.static_explaining import EXPLAIN, StaticExplainingScreen
from console.tui.screens.static_folder import PRESETS, READ
from console.tui.screens.static_mappings import LOOK
from console.tui.static_changes import CHANGE, PLAN, Planned
from console.tui.static_django import ASK, COLLECT, COLLECT_PLAN
from console.tui.static_looking import Looked
from console.tui.widgets.rows import fitted
from console.tui.working import Work

from . import samples
from . import static_samples as given
from .conftest import StillApp
from .snapshot import check, screen_text
from .test_screens import SIZES, Act, MakeApp, show

STEPS = (
    ("backup", "Keep the old file", str(given.BACKUP)),
    ("write", "Write python.conf", ""),
    ("test", "Test the configuration", ""),
    ("reload", "Let nginx take it up", "reloaded, no connection was dropped"),
    ("prove", "Prove it by a request", given.PROOF),
)

pytestmark = pytest.mark.usefixtures("asked", "nothing_begins")


@pytest.fixture
def nothing_begins(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Work]]:
    """The names and the work of the changes that were begun; none is made."""
    begun: list[tuple[str, Work]] = []

    def begin(_app: StillApp, name: str, work: Work) -> bool:
        begun.append((name, work))
        return True

    monkeypatch.setattr(StillApp, "begin", begin)
    return begun


async def static_looking(app: StillApp, pilot: Pilot[None]) -> None:
    app.show(samples.UP)
    await pilot.pause()
    await pilot.press("t")
    await pilot.pause()


async def found(app: StillApp, pilot: Pilot[None], listed: StaticList) -> None:
    await static_looking(app, pilot)
    app.post_message(OperationEnded(LOOK, Looked(1, True, listed), None))
    await pilot.pause()


async def static_on(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.ON)


async def static_off(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.OFF)


async def static_leaks(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.LEAKS)


async def static_regex(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.LEAKS)
    await pilot.press("j", "j")


async def static_absent(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.ABSENT)


async def static_several_servers(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.SEVERAL)
    await pilot.press("j")


async def static_not_understood(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.UNREAD)


async def static_half_commented(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.HALF_DONE)


async def static_file_missing(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.MISSING)


async def static_no_server(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.NO_SERVER)


async def static_nginx_down(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.NGINX_DOWN)
    app.show(samples.GONE)


async def static_plan(app: StillApp, pilot: Pilot[None]) -> None:
    await static_off(app, pilot)
    await pilot.press("space")
    app.post_message(OperationEnded(PLAN, Planned(given.PLAN_ON, 10), None))


async def static_plan_off(app: StillApp, pilot: Pilot[None]) -> None:
    await static_on(app, pilot)
    await pilot.press("space")
    app.post_message(OperationEnded(PLAN, Planned(given.PLAN_OFF, 10), None))


async def static_plan_refused(app: StillApp, pilot: Pilot[None]) -> None:
    await static_off(app, pilot)
    await pilot.press("space")
    app.post_message(OperationEnded(PLAN, Planned(given.PLAN_REFUSED, 10), None))


async def static_nothing_to_change(app: StillApp, pilot: Pilot[None]) -> None:
    await static_on(app, pilot)
    await pilot.press("space")
    app.post_message(OperationEnded(PLAN, Planned(given.PLAN_SAME, 10), None))


async def static_another_block(app: StillApp, pilot: Pilot[None]) -> None:
    await static_off(app, pilot)
    await pilot.press("space")
    app.post_message(OperationEnded(PLAN, Planned(given.PLAN_ON, 31), None))


async def stepped(app: StillApp, pilot: Pilot[None], to: int) -> None:
    """The plan agreed to, and the steps done before the ``to``-th, which is at work."""
    await static_plan(app, pilot)
    await pilot.pause()
    await pilot.press("y")
    await pilot.pause()
    for number, (name, title, detail) in enumerate(STEPS[:to], 1):
        app.post_message(OperationProgress(CHANGE, Step(name, title, number, len(STEPS))))
        if number < to or to > len(STEPS):
            app.post_message(OperationProgress(CHANGE, StepDone(name, 0.02, detail)))


async def static_changing(app: StillApp, pilot: Pilot[None]) -> None:
    await stepped(app, pilot, 4)


async def static_changed(app: StillApp, pilot: Pilot[None]) -> None:
    await stepped(app, pilot, len(STEPS) + 1)
    app.post_message(OperationEnded(CHANGE, given.CHANGED, None))
    app.post_message(OperationEnded(LOOK, Looked(2, True, given.ON), None))


async def static_taken_back(app: StillApp, pilot: Pilot[None]) -> None:
    await stepped(app, pilot, 3)
    app.post_message(OperationEnded(CHANGE, given.FAILED, None))


async def static_locked(app: StillApp, pilot: Pilot[None]) -> None:
    await stepped(app, pilot, 0)
    held = "Another job is at work: rebuild (process 813, since 14:05)."
    error = Locked(held, "Two jobs at once could undo each other's changes.", "Wait until it ends and try again.")
    app.post_message(OperationEnded(CHANGE, None, error))


async def static_repair_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await static_leaks(app, pilot)
    await pilot.press("r")
    plan = replace(given.PLAN_ON, before=replace(given.STATIC_ON, state="broken", problems=(given.LEAK,)), repairs="x")
    repair = StaticRepair("slash-leak", given.LEAK.title, plan, (), given.DIFF, given.COMMANDS)
    app.post_message(OperationEnded(PLAN, repair, None))


async def static_modes_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await static_leaks(app, pilot)
    await pilot.press("2")
    diff = "-drwx------ /srv/app\n+drwx-----x /srv/app\n"
    modes = (ModeChange(Path("/srv/app"), 0o700, 0o701),)
    repair = StaticRepair("folder-closed", given.CLOSED.title, None, modes, diff, ("chmod o+x /srv/app",))
    app.post_message(OperationEnded(PLAN, repair, None))


async def static_modes_changed(app: StillApp, pilot: Pilot[None]) -> None:
    await static_modes_asked(app, pilot)
    await pilot.pause()
    await pilot.press("y")
    await pilot.pause()
    app.post_message(OperationEnded(CHANGE, None, None))


async def static_undo_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await static_on(app, pilot)
    await pilot.press("u")
    plan = replace(given.PLAN_OFF, undoes=given.BACKUP, commands=(f"cp {given.BACKUP} {given.SITE}", "nginx -t"))
    app.post_message(OperationEnded(PLAN, plan, None))


async def static_undo_refused(app: StillApp, pilot: Pilot[None]) -> None:
    await static_on(app, pilot)
    await pilot.press("u")
    error = ConsoleError(
        f"{given.SITE} has been changed since by somebody else.",
        f"Taking the last change back would change this:\n{given.DIFF}",
        f"Undo it by hand; the file as it was before is {given.BACKUP}",
    )
    app.post_message(OperationEnded(PLAN, None, error))


async def static_nothing_to_undo(app: StillApp, pilot: Pilot[None]) -> None:
    await static_on(app, pilot)
    await pilot.press("u")
    error = ConsoleError(
        "There is no change of the static files to take back.",
        "The console has made none, or all have been taken back.",
    )
    app.post_message(OperationEnded(PLAN, None, error))


async def static_help(app: StillApp, pilot: Pilot[None]) -> None:
    await static_on(app, pilot)
    await pilot.press("question_mark")


async def static_commands(app: StillApp, pilot: Pilot[None]) -> None:
    await static_plan(app, pilot)
    await pilot.pause()
    await pilot.press("q", "x")


async def static_which_server(app: StillApp, pilot: Pilot[None]) -> None:
    await found(app, pilot, given.SEVERAL)
    await pilot.press("a")


async def static_folders(app: StillApp, pilot: Pilot[None]) -> None:
    await static_off(app, pilot)
    await pilot.press("a")
    await pilot.pause()
    app.post_message(OperationEnded(PRESETS, given.PRESETS, None))
    app.screen._wanted = given.FOLDERS.path  # type: ignore[attr-defined]
    app.post_message(OperationEnded(READ, given.FOLDERS, None))
    await pilot.pause()
    await pilot.press("j", "j")


async def static_another_folder(app: StillApp, pilot: Pilot[None]) -> None:
    await static_on(app, pilot)
    await pilot.press("f")
    await pilot.pause()
    app.post_message(OperationEnded(PRESETS, given.PRESETS, None))
    app.screen._wanted = given.FOLDERS.path  # type: ignore[attr-defined]
    app.post_message(OperationEnded(READ, given.FOLDERS, None))


async def static_folder_closed(app: StillApp, pilot: Pilot[None]) -> None:
    await static_folders(app, pilot)
    await pilot.press("enter")
    error = ConsoleError("Could not read /srv/app/[red]static[/red].", "Permission denied")
    app.post_message(OperationEnded(READ, None, error))


async def static_explaining(app: StillApp, pilot: Pilot[None]) -> None:
    await static_on(app, pilot)
    await pilot.press("e")


def explained(told: StaticExplanation) -> Callable[[StillApp, Pilot[None]], object]:
    async def act(app: StillApp, pilot: Pilot[None]) -> None:
        await static_explaining(app, pilot)
        await pilot.pause()
        app.screen.query_one("#url", Input).value = told.asked
        await pilot.press("enter")
        await pilot.pause()
        app.post_message(OperationEnded(EXPLAIN, told, None))

    return act


async def static_django(app: StillApp, pilot: Pilot[None]) -> None:
    await static_off(app, pilot)
    await pilot.press("d")
    await pilot.pause()
    app.post_message(OperationEnded(ASK, (1, given.DJANGO), None))


async def static_django_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await static_off(app, pilot)
    await pilot.press("d")


async def static_django_left(app: StillApp, pilot: Pilot[None]) -> None:
    await static_django_asked(app, pilot)
    await pilot.press("c")
    await pilot.pause()
    app.post_message(OperationEnded(ASK, (1, given.DJANGO), None))


async def static_no_django(app: StillApp, pilot: Pilot[None]) -> None:
    await static_django_asked(app, pilot)
    error = ConsoleError("There is no Django project in /srv/app.", "It has no manage.py.")
    app.post_message(OperationEnded(ASK, (1, error), None))


async def static_collect_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await static_django(app, pilot)
    await pilot.pause()
    await pilot.press("y")
    await pilot.pause()
    app.post_message(OperationEnded(COLLECT_PLAN, (2, given.COLLECT_PLAN), None))


async def static_collecting(app: StillApp, pilot: Pilot[None]) -> None:
    await static_collect_asked(app, pilot)
    await pilot.pause()
    await pilot.press("y")
    await pilot.pause()
    app.post_message(OperationProgress(COLLECT, Step("collect", "Collect the static files", 1, 1)))
    app.post_message(OperationProgress(COLLECT, Output("Copying '/srv/app/[b]x[/b]\x1b[2J.css'")))


async def static_collected(app: StillApp, pilot: Pilot[None]) -> None:
    await static_collecting(app, pilot)
    app.post_message(OperationProgress(COLLECT, StepDone("collect", 1.9, "131 static files copied.")))
    app.post_message(OperationEnded(COLLECT, given.COLLECTED, None))


@SIZES
@pytest.mark.parametrize(
    "act",
    [
        static_looking,
        static_on,
        static_off,
        static_leaks,
        static_regex,
        static_absent,
        static_several_servers,
        static_not_understood,
        static_half_commented,
        static_file_missing,
        static_no_server,
        static_nginx_down,
        static_plan,
        static_plan_off,
        static_plan_refused,
        static_nothing_to_change,
        static_another_block,
        static_changing,
        static_changed,
        static_taken_back,
        static_locked,
        static_repair_asked,
        static_modes_asked,
        static_modes_changed,
        static_undo_asked,
        static_undo_refused,
        static_nothing_to_undo,
        static_help,
        static_commands,
        static_which_server,
        static_folders,
        static_another_folder,
        static_folder_closed,
        static_explaining,
        static_django_asked,
        static_django,
        static_django_left,
        static_no_django,
        static_collect_asked,
        static_collecting,
        static_collected,
    ],
)
async def test_screen(still_app: MakeApp, act: Act, size: tuple[int, int], frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=size) as pilot:
        await show(app, pilot, act)
        check(app, f"{act.__name__}-{size[0]}")


@SIZES
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("file", given.EXPLAINED),
        ("missing", given.EXPLAINED_MISSING),
        ("down", given.EXPLAINED_DOWN),
        ("app", given.EXPLAINED_APP),
        ("refused", given.EXPLAINED_REFUSED),
    ],
)
async def test_explanation(
    still_app: MakeApp, name: str, told: StaticExplanation, size: tuple[int, int], frozen_time: None
) -> None:
    app = still_app()
    async with app.run_test(size=size) as pilot:
        await show(app, pilot, explained(told))  # type: ignore[arg-type]
        check(app, f"static_explained_{name}-{size[0]}")


async def test_the_screen_is_not_left_before_the_outcome_is_told(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await stepped(app, pilot, 4)
        await pilot.press("q")
        assert isinstance(app.screen, StaticScreen)
        app.post_message(OperationEnded(CHANGE, given.CHANGED, None))
        await pilot.pause()
        assert "✓ /static/ → /srv/static/  on" in screen_text(app)
        await pilot.press("q")
        assert not isinstance(app.screen, StaticScreen)


async def test_the_cursor_does_not_hide_what_is_at_work(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await stepped(app, pilot, 2)
        app.post_message(OperationEnded(LOOK, Looked(1, True, given.SEVERAL), None))
        await pilot.pause()
        await pilot.press("j")
        await pilot.pause()
        assert "◐ Write python.conf" in screen_text(app)
        app.post_message(OperationEnded(CHANGE, given.FAILED, None))
        await pilot.pause()
        assert "✗ Write python.conf" in screen_text(app)
        await pilot.press("k")
        await pilot.pause()
        assert "Write python.conf" not in screen_text(app)


async def test_an_earlier_look_does_not_take_the_place_of_a_later_one(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_on(app, pilot)
        await pilot.press("c")
        app.post_message(OperationEnded(LOOK, Looked(2, True, given.OFF), None))
        app.post_message(OperationEnded(LOOK, Looked(1, True, given.ON), None))
        await pilot.pause()
        assert "Turn on" in screen_text(app)


async def test_nothing_is_looked_at_while_a_change_is_made(
    still_app: MakeApp, asked: list[tuple[str, Work]], frozen_time: None
) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await stepped(app, pilot, 3)
        before = [name for name, _work in asked].count(LOOK)
        app.show(replace(samples.UP, static=given.STATIC_OFF))
        await pilot.pause()
        assert [name for name, _work in asked].count(LOOK) == before
        app.post_message(OperationEnded(CHANGE, given.CHANGED, None))
        await pilot.pause()
        assert [name for name, _work in asked].count(LOOK) == before + 1


async def test_a_pasted_url_has_no_control_bytes(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_explaining(app, pilot)
        await pilot.pause()
        app.screen.query_one("#url", Input).post_message(Paste("app\x1b]0;owned\x07.css\x9b2J"))
        await pilot.pause()
        assert app.screen.query_one("#url", Input).value == "/static/app.css"
        assert "\x1b" not in screen_text(app)


async def test_letters_are_text_while_a_url_is_typed(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_explaining(app, pilot)
        await pilot.press(*"qxhe?!")
        assert isinstance(app.screen, StaticExplainingScreen)
        assert app.screen.query_one("#url", Input).value == "/static/qxhe?!"


async def test_several_servers_are_asked_for_and_the_choice_is_planned(
    still_app: MakeApp, asked: list[tuple[str, Work]], monkeypatch: pytest.MonkeyPatch, frozen_time: None
) -> None:
    """For a repair that Django asks for, no row says which server is meant."""
    servers: list[str | None] = []

    def plan(container: object, code: str, *, server: str | None) -> None:
        servers.append(server)

    monkeypatch.setattr("console.static_files.repair.plan_repair", plan)
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_django(app, pilot)
        await pilot.pause()
        await pilot.press("o")
        await pilot.pause()
        asked[-1][1](ignore, threading.Event())
        app.post_message(OperationEnded(PLAN, None, WhichServer(given.OTHER, ("shop.cz :8000", "blog.cz :8000"))))
        await pilot.pause()
        assert "Which server is meant?" in screen_text(app)
        await pilot.press("down", "enter")
        await pilot.pause()
        asked[-1][1](ignore, threading.Event())
    assert servers == [None, "blog.cz :8000"]


async def test_a_plan_that_nobody_waits_for_any_more_is_not_offered(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_off(app, pilot)
        await pilot.press("space", "q", "t")
        app.post_message(OperationEnded(PLAN, Planned(given.PLAN_ON, 10), None))
        await pilot.pause()
        assert isinstance(app.screen, StaticScreen)


async def test_the_cursor_stays_on_its_row_when_others_come(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_several_servers(app, pilot)
        more = replace(given.SEVERAL, mappings=(given.MEDIA_ROW, *given.SEVERAL.mappings))
        app.post_message(OperationEnded(LOOK, Looked(1, True, more), None))
        await pilot.pause()
        assert "/static/ → /srv/shop/static/" in screen_text(app)
        app.post_message(OperationEnded(LOOK, Looked(1, True, given.OFF), None))
        await pilot.pause()
        assert "Turn on" in screen_text(app)


async def test_a_long_list_is_scrolled_with_the_cursor(still_app: MakeApp, frozen_time: None) -> None:
    many = tuple(replace(given.ON_ROW, location=f"/{number}/", line=number) for number in range(1, 41))
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await found(app, pilot, StaticList(many, (given.SERVER,)))
        await pilot.press("end")
        await pilot.pause()
        assert "▸ ✓ /40/" in screen_text(app)
        assert "location" in screen_text(app).splitlines()[1]
        await pilot.press("g")
        await pilot.pause()
        assert "▸ ✓ /1/" in screen_text(app)


@given_text(strategies.text(), strategies.integers(2, 60), strategies.booleans())
def test_a_cell_has_its_width_whatever_stands_in_it(text: str, width: int, end: bool) -> None:
    shown = fitted(terminal_safe(text), width, end=end)
    assert cell_len(shown) == width
