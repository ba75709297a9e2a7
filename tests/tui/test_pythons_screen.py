"""The interpreters' screen in all its states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.errors import ConsoleError
from console.results import ChoiceChange, OfferedPython, PythonList
from console.tui.messages import OperationEnded
from console.tui.planning import USE_PLAN
from console.tui.screens.pythons import LIST, PythonsScreen
from console.tui.screens.venv import VenvScreen
from console.tui.working import Work

from . import samples
from .conftest import StillApp
from .snapshot import check, screen_text
from .test_screens import SIZES, Act, MakeApp, show
from .test_venv_screen import BESIDE, BUILDING, begun

TECHS = Path("/opt/techs")


def offered(version: str, support: str = "security", *, end: str = "2027-10", **other: object) -> OfferedPython:
    given = {"chosen": False, "venv": False, "made_for": False, "fixes_until": None, "end_of_life": end, **other}
    return OfferedPython(TECHS / f"python-{version}/bin/python3", version, support=support, **given)  # type: ignore[arg-type]


FOUND = PythonList(
    "runtime",
    "3.11.7",
    "/opt/techs/python-3.11.7/bin",
    "3.11.7",
    TECHS / "python-3.11.7/bin/python3.11",
    (
        offered("3.11.7", chosen=True, venv=True, made_for=True),
        offered("3.13.0", "supported", end="2029-10"),
        offered("3.12.1", end="2028-10", fault="/opt/techs/python-3.12.1/bin/python3 does not run: libz is missing."),
        offered("3.8.18", "ended", end="2024-10"),
    ),
)
IMAGE = PythonList(
    "image", "3.11.7", None, "3.11.7", Path("/opt/python/bin/python3.11"), (offered("3.11.7", chosen=True, venv=True),)
)
NONE = PythonList("runtime", None, None, "3.8.18", None, (), "There is no /srv/bin/primary_tech.")
USE = replace(
    BESIDE,
    from_python="3.11.7",
    to_python="3.13.0",
    primary_tech=ChoiceChange(
        Path("/srv/bin/primary_tech"),
        "/opt/techs/python-3.11.7/bin",
        "/opt/techs/python-3.13.0/bin",
        "3.11.7",
        "3.13.0",
    ),
)


pytestmark = pytest.mark.usefixtures("asked")


async def pythons_looking(app: StillApp, pilot: Pilot[None]) -> None:
    app.show(samples.UP)
    await pilot.pause()
    await pilot.press("p")
    await pilot.pause()


async def pythons_listed(app: StillApp, pilot: Pilot[None], found: PythonList = FOUND) -> None:
    await pythons_looking(app, pilot)
    app.post_message(OperationEnded(LIST, found, None))
    await pilot.pause()


async def pythons_of_an_image(app: StillApp, pilot: Pilot[None]) -> None:
    await pythons_listed(app, pilot, IMAGE)


async def pythons_none_chosen(app: StillApp, pilot: Pilot[None]) -> None:
    await pythons_listed(app, pilot, NONE)


async def pythons_planned(app: StillApp, pilot: Pilot[None]) -> None:
    await pythons_listed(app, pilot)
    await pilot.press("down", "enter")
    app.post_message(OperationEnded(USE_PLAN, USE, None))


async def pythons_in_use_already(app: StillApp, pilot: Pilot[None]) -> None:
    await pythons_listed(app, pilot)
    await pilot.press("enter")
    app.post_message(OperationEnded(USE_PLAN, None, None))


async def pythons_one_that_does_not_run(app: StillApp, pilot: Pilot[None]) -> None:
    await pythons_listed(app, pilot)
    await pilot.press("j", "j", "enter")


async def pythons_plan_failed(app: StillApp, pilot: Pilot[None]) -> None:
    await pythons_listed(app, pilot)
    await pilot.press("j", "enter")
    app.post_message(OperationEnded(USE_PLAN, None, ConsoleError("The index does not answer.", "time-out", "Again.")))


async def pythons_commands(app: StillApp, pilot: Pilot[None]) -> None:
    await pythons_listed(app, pilot)
    await pilot.press("j", "x")


@SIZES
@pytest.mark.parametrize(
    "act",
    [
        pythons_looking,
        pythons_listed,
        pythons_of_an_image,
        pythons_none_chosen,
        pythons_planned,
        pythons_in_use_already,
        pythons_one_that_does_not_run,
        pythons_plan_failed,
        pythons_commands,
    ],
)
async def test_screen(still_app: MakeApp, act: Act, size: tuple[int, int], frozen_time: None) -> None:
    app = still_app(replace(samples.CONTAINER, generation="runtime"))
    async with app.run_test(size=size) as pilot:
        await show(app, pilot, act)
        check(app, f"{act.__name__}-{size[0]}")


async def test_one_that_does_not_run_is_not_planned_for(
    still_app: MakeApp, frozen_time: None, asked: list[tuple[str, Work]]
) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pythons_one_that_does_not_run(app, pilot)
        assert USE_PLAN not in dict(asked)
        await pilot.press("j", "enter")
        assert USE_PLAN in dict(asked)


async def test_the_job_is_followed_on_the_virtualenvs_screen(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pythons_listed(app, pilot)
        await begun(app, pilot, *BUILDING, age=7.0)
        await pilot.pause()
        assert isinstance(app.screen, VenvScreen)
        assert not any(isinstance(screen, PythonsScreen) for screen in app.screen_stack)


async def test_another_chosen_python_is_looked_at_again(
    still_app: MakeApp, frozen_time: None, asked: list[tuple[str, Work]]
) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pythons_listed(app, pilot)
        assert "3.13.0" in screen_text(app)
        before = [name for name, _work in asked].count(LIST)
        app.show(samples.UP)
        await pilot.pause()
        assert [name for name, _work in asked].count(LIST) == before
        app.show(replace(samples.UP, container=replace(samples.UP.container, python="3.13.0")))
        await pilot.pause()
        assert [name for name, _work in asked].count(LIST) == before + 1
