"""The login's screen in all its states."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.container import Container
from console.errors import ConsoleError
from console.events import ignore
from console.login.results import Login, LoginChange, LoginPlan, LoginProblem
from console.tui.messages import OperationEnded
from console.tui.screens.login import CHANGE, LOOK, PLAN
from console.tui.working import Work

from . import samples
from .conftest import StillApp
from .snapshot import check
from .test_screens import SIZES, Act, MakeApp, show

BASHRC = Path("/srv/.bashrc")
OFF = Login("off", BASHRC)
ON = Login("on", BASHRC, "screens", 12)
NOTICE = replace(ON, shows="notice")
ASIDE = replace(ON, state="aside", since=samples.ASKED, failure="it ended with 1")
EDITED = replace(
    ON, state="edited", block="# >>> console login >>>\n. /srv/.console/login.sh\necho mine\n# <<< end <<<"
)
UNREAD = replace(
    ON,
    read_by_login=False,
    problems=(LoginProblem("A login shell does not read /srv/.bashrc.", "Source it in /srv/.bash_profile."),),
)
DIFF = "--- /srv/.bashrc\n+++ /srv/.bashrc\n@@ -11,1 +11,2 @@\n export EDITOR=nano\n+. /srv/.console/login.sh\n"
TURN_ON = LoginPlan(OFF, "on", "screens", b"", b"x", DIFF, True, ("nano /srv/.bashrc",))


pytestmark = pytest.mark.usefixtures("asked")


async def stands(app: StillApp, pilot: Pilot[None], login: Login) -> None:
    app.show(samples.UP)
    await pilot.pause()
    await pilot.press("L")
    app.post_message(OperationEnded(LOOK, login, None))
    await pilot.pause()


def shown(login: Login) -> Callable[[StillApp, Pilot[None]], object]:
    async def act(app: StillApp, pilot: Pilot[None]) -> None:
        await stands(app, pilot, login)

    return act


async def login_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await stands(app, pilot, OFF)
    await pilot.press("space")
    app.post_message(OperationEnded(PLAN, TURN_ON, None))


async def login_notice_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await stands(app, pilot, OFF)
    await pilot.press("n")
    app.post_message(OperationEnded(PLAN, replace(TURN_ON, shows="notice"), None))


async def login_off_asked(app: StillApp, pilot: Pilot[None]) -> None:
    await stands(app, pilot, ON)
    await pilot.press("space")
    app.post_message(OperationEnded(PLAN, replace(TURN_ON, before=ON, wanted="off"), None))


async def login_nothing_to_change(app: StillApp, pilot: Pilot[None]) -> None:
    await stands(app, pilot, ON)
    app.post_message(OperationEnded(PLAN, replace(TURN_ON, changes=False, diff=""), None))


async def login_changed(app: StillApp, pilot: Pilot[None]) -> None:
    await stands(app, pilot, OFF)
    backup = Path("/srv/.console/backups/.bashrc.20261125-140510")
    app.post_message(OperationEnded(CHANGE, LoginChange(ON, DIFF, backup), None))


async def login_refused(app: StillApp, pilot: Pilot[None]) -> None:
    await stands(app, pilot, OFF)
    error = ConsoleError("The console is not installed.", "/srv/bin/console is missing.", "Install it first.")
    app.post_message(OperationEnded(PLAN, None, error))


async def login_commands(app: StillApp, pilot: Pilot[None]) -> None:
    await stands(app, pilot, OFF)
    await pilot.press("x")


@SIZES
@pytest.mark.parametrize(
    ("name", "act"),
    [
        *(
            (f"login_{name}", shown(login))
            for name, login in [
                ("off", OFF),
                ("on", ON),
                ("notice", NOTICE),
                ("aside", ASIDE),
                ("edited", EDITED),
                ("unread", UNREAD),
            ]
        ),
        ("login_asked", login_asked),
        ("login_notice_asked", login_notice_asked),
        ("login_off_asked", login_off_asked),
        ("login_nothing_to_change", login_nothing_to_change),
        ("login_changed", login_changed),
        ("login_refused", login_refused),
        ("login_commands", login_commands),
    ],
)
async def test_screen(still_app: MakeApp, name: str, act: Act, size: tuple[int, int], frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=size) as pilot:
        await show(app, pilot, act)
        check(app, f"{name}-{size[0]}")


@pytest.mark.parametrize(
    ("login", "key", "wanted"),
    [
        (OFF, "space", ("on", False, False)),
        (ON, "space", ("off", False, False)),
        (NOTICE, "t", ("off", True, False)),
        (ASIDE, "t", ("on", False, False)),
        (EDITED, "t", ("on", False, True)),
        (OFF, "n", ("on", True, False)),
        (ON, "n", ("on", True, False)),
        (NOTICE, "n", ("on", False, False)),
    ],
)
async def test_a_key_plans_what_it_says(
    still_app: MakeApp,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[tuple[str, Work]],
    login: Login,
    key: str,
    wanted: tuple[str, bool, bool],
) -> None:
    planned: list[tuple[str, bool, bool]] = []

    def plan(container: Container, wanted: str, *, notice: bool, discard_edits: bool) -> None:
        planned.append((wanted, notice, discard_edits))

    monkeypatch.setattr("console.login.change.plan_login", plan)
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await stands(app, pilot, login)
        await pilot.press(key)
        asked[-1][1](ignore, threading.Event())
    assert planned == [wanted]
