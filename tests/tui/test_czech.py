"""The screens in Czech, where texts are longer: nothing may be cut off or lose its column."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from textual.pilot import Pilot

from console import text
from console.tui.messages import OperationEnded
from console.tui.screens.venv import PLAN as VENV_PLAN

from .conftest import StillApp
from .snapshot import check
from .test_screens import (
    VENV_REBUILD_PLAN,
    Act,
    help_is_open,
    logs_paused,
    restarted,
    show,
    site_broken,
    site_up,
    static_plan,
    stop_is_asked,
    supervisord_gone,
    venv_done,
    venv_plan,
    venv_state,
)

MakeApp = Callable[..., StillApp]


@pytest.fixture(autouse=True)
def _czech() -> Iterator[None]:
    text.use_language("cs")
    yield
    text.use_language("en")


@pytest.mark.parametrize("act", [site_up, site_broken,supervisord_gone,restarted, help_is_open, venv_plan,stop_is_asked,static_plan,venv_done,logs_paused])
async def test_screen(still_app: MakeApp, act: Act, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(app, pilot, act)
        check(app, f"czech-{act.__name__}-80")
