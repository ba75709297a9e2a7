"""The static files' screens in all their states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from console.errors import ConsoleError, Locked
from console.events import Output, Step, StepDone
from console.results.static import ModeChange, StaticExplanation, StaticList, StaticRepair
from console.tui.messages import OperationEnded, OperationProgress
from console.tui.screens.static_explaining import EXPLAIN
from console.tui.screens.static_folder import PRESETS, READ
from console.tui.screens.static_mappings import LOOK
from console.tui.static_changes import CHANGE, PLAN, Planned
from console.tui.static_django import ASK, COLLECT, COLLECT_PLAN
from console.tui.static_looking import Looked

from . import samples
from . import static_samples as given
from .conftest import StillApp
from .snapshot import check
from .test_screens import SIZES, Act, MakeApp, show

STEPS = (
    ("backup", "Keep the old file", str(given.BACKUP)),
    ("write", "Write python.conf", ""),
    ("test", "Test the configuration", ""),
    ("reload", "Let nginx take it up", "reloaded, no connection was dropped"),
    ("prove", "Prove it by a request", given.PROOF),
)

pytestmark = pytest.mark.usefixtures("asked", "nothing_begins")


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
