"""The pictures in screenshots/ are the app's own: they fail when it no longer looks like that."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import StillApp
from .test_migration_screen import guide_versions
from .test_screens import Act, show, site_broken, site_up
from .test_static_screen import static_leaks
from .test_venv_screen import venv_building

FOLDER = Path(__file__).parents[2] / "screenshots"


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("programs", site_up),
        ("broken", site_broken),
        ("rebuild", venv_building),
        ("migration", guide_versions),
        ("static", static_leaks),
    ],
)
@pytest.mark.usefixtures("asked")
async def test_picture_shows_the_app_as_it_is(
    still_app: Callable[..., StillApp], name: str, act: Act, frozen_time: None
) -> None:
    app = still_app()
    async with app.run_test(size=(96, 24)) as pilot:
        await show(app, pilot, act)
        picture = app.export_screenshot(title="console")
    file = FOLDER / f"{name}.svg"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(picture)
    assert file.is_file(), "run with UPDATE_SNAPSHOTS=1"
    assert picture == file.read_text()
