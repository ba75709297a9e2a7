"""The migration's guide, each page in all its states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.errors import ConsoleError
from console.results import ImageSwitch, Rebuild, Rescue
from console.tui.guide import LOOK, PLAN
from console.tui.job import JobModel
from console.tui.messages import JobEnded, OperationEnded
from console.tui.screens.migration import MigrationScreen
from console.venv import memory_room
from console.venv.migration import Findings

from . import samples
from .conftest import StillApp
from .snapshot import check, screen_text
from .test_screens import FAILED, RESTARTED, SIZES, Act, MakeApp, show
from .test_venv_screen import BESIDE, BUILDING, OFFERED, SMALL

SWITCH = ImageSwitch(
    "The image's Python is 3.12.1, your virtualenv was made for 3.8.18 and cannot run: the app is down.",
    "3.8.18",
    "3.12.1",
    False,
    samples.ASKED,
)
SWITCHED = replace(samples.DEAD_VENV, image_switch=SWITCH)
STILL_RUNS = replace(
    samples.UP,
    image_switch=replace(
        SWITCH, title="The image's Python is 3.12.1; your virtualenv still works with 3.8.18.", runs=True, seen=None
    ),
)
FOUND = Findings(SWITCHED.venv, 12, None, None, None)
RESCUE = Rescue(
    Path("/srv/app/requirements.txt"),
    b"",
    "--- requirements.txt\n+++ requirements.txt\n@@ -0,0 +1,2 @@\n+# asked for by name\n+flask==3.0.3\n",
    1,
    ("local_settings in site-packages belongs to no package: it was put there by hand.",),
)
OK = replace(samples.UP.venv, python="3.12.1")
DONE = Rebuild(True, OK, 14.2, None, RESTARTED, kept=Path("/srv/.venvs/20261125-140500-original"), programs=("app",))
BROKEN_CODE = Rebuild(
    False,
    SWITCHED.venv,
    9.1,
    undone=True,
    error="The code of app does not load: ModuleNotFoundError: No module named 'imp'. In /srv/app/app.py, line 1.",
    remedy="Nothing was changed: the present virtualenv stays in place.",
    app_failed=True,
)
STAYS = Rebuild(
    False,
    replace(OK, fits=True, usable=True),
    9.1,
    restart=FAILED,
    error="app does not start: No module named 'django'.",
    remedy="The new virtualenv stays in place, as the one before cannot run.",
)


pytestmark = pytest.mark.usefixtures("asked")


async def guide(app: StillApp, pilot: Pilot[None], findings: Findings | None = FOUND) -> None:
    app.show(SWITCHED)
    await pilot.pause()
    app.push_screen(MigrationScreen())
    await pilot.pause()
    if findings is not None:
        app.post_message(OperationEnded(LOOK, findings, None))
        await pilot.pause()


async def first_screen_after_a_switch(app: StillApp, pilot: Pilot[None]) -> None:
    app.show(SWITCHED)


async def first_screen_while_the_old_one_works(app: StillApp, pilot: Pilot[None]) -> None:
    app.show(STILL_RUNS)


async def guide_looking(app: StillApp, pilot: Pilot[None]) -> None:
    await guide(app, pilot, None)


async def guide_what(app: StillApp, pilot: Pilot[None]) -> None:
    await guide(app, pilot)


async def guide_without_requirements(app: StillApp, pilot: Pilot[None]) -> None:
    await guide(app, pilot, replace(FOUND, requirements=None, rescue=RESCUE))


async def guide_nothing_to_rescue(app: StillApp, pilot: Pilot[None]) -> None:
    error = ConsoleError("There is nothing to freeze.", "/srv/venv has no packages.")
    await guide(app, pilot, replace(FOUND, requirements=None, no_rescue=error))


async def guide_rescue(app: StillApp, pilot: Pilot[None]) -> None:
    await guide_without_requirements(app, pilot)
    await pilot.press("enter")


async def guide_planning(app: StillApp, pilot: Pilot[None]) -> None:
    await guide(app, pilot)
    await pilot.press("enter")


async def guide_versions(app: StillApp, pilot: Pilot[None]) -> None:
    await guide_planning(app, pilot)
    app.post_message(OperationEnded(PLAN, replace(BESIDE, usual_seconds=42.0), None))


async def guide_impossible(app: StillApp, pilot: Pilot[None]) -> None:
    await guide_planning(app, pilot)
    app.post_message(OperationEnded(PLAN, OFFERED, None))


async def guide_offer_is_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await guide_impossible(app, pilot)
    await pilot.pause()
    await pilot.press("o")


async def guide_no_plan(app: StillApp, pilot: Pilot[None]) -> None:
    await guide_planning(app, pilot)
    app.post_message(OperationEnded(PLAN, None, ConsoleError("The index does not answer.", "time-out", "Try again.")))


async def guide_asks(app: StillApp, pilot: Pilot[None]) -> None:
    await guide_versions(app, pilot)
    await pilot.pause()
    await pilot.press("enter")


async def guide_rebuilding(app: StillApp, pilot: Pilot[None]) -> None:
    await guide_versions(app, pilot)
    app.jobs.model = JobModel("rebuild", "Rebuild")
    for event in BUILDING:
        app.jobs.model.take(event)
    app.show_job()


async def ended(app: StillApp, pilot: Pilot[None], result: Rebuild | None, error: ConsoleError | None = None) -> None:
    await guide_rebuilding(app, pilot)
    await pilot.pause()
    assert app.jobs.model is not None
    app.post_message(JobEnded(app.jobs.model, result, error, begun=True))


async def guide_done(app: StillApp, pilot: Pilot[None]) -> None:
    await ended(app, pilot, DONE)
    await pilot.pause()
    app.show(replace(samples.UP, venv=OK))


async def guide_broken_code(app: StillApp, pilot: Pilot[None]) -> None:
    await ended(app, pilot, BROKEN_CODE)


async def guide_all_the_same_is_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await guide_broken_code(app, pilot)
    await pilot.pause()
    await pilot.press("a")


async def guide_new_one_stays(app: StillApp, pilot: Pilot[None]) -> None:
    await ended(app, pilot, STAYS)
    await pilot.pause()
    app.show(replace(samples.BROKEN, venv=STAYS.venv))


async def guide_failed(app: StillApp, pilot: Pilot[None]) -> None:
    await ended(app, pilot, None, ConsoleError("The disk is full.", "", "Nothing was changed: free some space."))


async def guide_taken_back(app: StillApp, pilot: Pilot[None]) -> None:
    await ended(app, pilot, None)


async def guide_nothing_to_migrate(app: StillApp, pilot: Pilot[None]) -> None:
    app.show(samples.UP)
    await pilot.pause()
    await pilot.press("m")


async def guide_help(app: StillApp, pilot: Pilot[None]) -> None:
    await guide(app, pilot)
    await pilot.press("question_mark")


async def guide_commands(app: StillApp, pilot: Pilot[None]) -> None:
    await guide_versions(app, pilot)
    await pilot.pause()
    await pilot.press("x")


@SIZES
@pytest.mark.parametrize(
    "act",
    [
        first_screen_after_a_switch,
        first_screen_while_the_old_one_works,
        guide_looking,
        guide_what,
        guide_without_requirements,
        guide_nothing_to_rescue,
        guide_rescue,
        guide_planning,
        guide_versions,
        guide_impossible,
        guide_offer_is_asked,
        guide_no_plan,
        guide_asks,
        guide_rebuilding,
        guide_done,
        guide_broken_code,
        guide_all_the_same_is_asked,
        guide_new_one_stays,
        guide_failed,
        guide_taken_back,
        guide_nothing_to_migrate,
        guide_help,
        guide_commands,
    ],
)
async def test_screen(still_app: MakeApp, act: Act, size: tuple[int, int], frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=size) as pilot:
        await show(app, pilot, act)
        check(app, f"{act.__name__}-{size[0]}")


async def test_enter_does_nothing_where_there_is_nothing_to_go_on_with(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(app, pilot, guide_nothing_to_rescue)
        before = screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert screen_text(app) == before


@SIZES
async def test_where_memory_is_short_the_page_says_why_there_is_no_plan_and_asks_again(
    still_app: MakeApp,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[tuple[str, object]],
    size: tuple[int, int],
    frozen_time: None,
) -> None:
    app = still_app()
    async with app.run_test(size=size) as pilot:
        await guide(app, pilot)
        monkeypatch.setattr(memory_room, "memory", lambda: SMALL)
        await pilot.press("enter")
        await pilot.pause()
        assert "There is no memory for the screens and a rebuild at once" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        check(app, f"guide_no_memory-{size[0]}")
        await pilot.press("enter")
        await pilot.pause()
        assert "There is no memory for the screens and a rebuild at once" in screen_text(app)
        await pilot.press("escape")
        assert PLAN not in [name for name, _work in asked]
        monkeypatch.setattr(memory_room, "memory", lambda: replace(SMALL, used_bytes=60_000_000))
        await pilot.press("enter")
        await pilot.pause()
    assert PLAN in [name for name, _work in asked]
    assert app.left_for == ()


async def test_the_runtime_generation_says_how_to_go_back_by_command(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app(replace(samples.CONTAINER, generation="runtime"))
    async with app.run_test(size=(120, 40)) as pilot:
        await guide(app, pilot, replace(FOUND, old_python="3.8.18"))
        assert "The way back, as the image still has it: console python use 3.8.18" in screen_text(app)
        await guide(app, pilot, FOUND)
        assert "The image has no Python 3.8.18 any more." in screen_text(app)
