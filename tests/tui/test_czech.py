"""The screens in Czech, where texts are longer: nothing may be cut off or lose its column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console import text
from console.programs.clues import find_clue
from console.programs.evidence import Evidence
from console.programs.verdict_words import Words
from console.tui.messages import OperationEnded
from console.tui.planning import PLAN

from . import samples
from .conftest import StillApp
from .snapshot import check
from .test_screens import Act, help_is_open, logs_paused, show, site_up
from .test_static_screen import static_on
from .test_venv_screen import BESIDE, venv_state

MakeApp = Callable[..., StillApp]


@pytest.fixture(autouse=True)
def _czech() -> Iterator[None]:
    text.use_language("cs")
    yield
    text.use_language("en")


async def site_broken(app: StillApp, pilot: Pilot[None]) -> None:
    """With the words of the verdict itself, as they are found in Czech."""
    nowhere = replace(samples.CONTAINER, app=Path("/nowhere"), requirements=Path("/nowhere/requirements.txt"))
    verdict = Words(nowhere, samples.BROKEN.programs[0]).end(
        Evidence(samples.TRACEBACK, find_clue(samples.TRACEBACK), None, False)
    )
    status = replace(samples.BROKEN, verdict=verdict)
    app.show(status)
    await pilot.pause()
    app.show(status, *samples.LOG, *samples.TRACEBACK)


async def venv_plan(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_state(app, pilot)
    reason = text._("The app runs on until the new one is built and proved; the switch takes a restart.")
    app.post_message(OperationEnded(PLAN, replace(BESIDE, reason=reason), None))


@pytest.mark.parametrize("act", [site_up, site_broken, help_is_open, venv_plan, logs_paused, static_on])
async def test_screen_in_czech(still_app: MakeApp, act: Act, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(app, pilot, act)
        check(app, f"czech-{act.__name__}-80")
