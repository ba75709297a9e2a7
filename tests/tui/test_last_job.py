"""What ended while nobody was there is shown when the virtualenv's screen is opened."""

from __future__ import annotations

import json
import os
from pathlib import Path

from console.container import Container
from console.errors import ConsoleError
from console.events import Output, Progress, Step, StepDone
from console.results import Rebuild, Venv
from console.tui.last_job import RECENT_SECONDS, last_job
from console.venv.jobs import JobFolder, Request, create_job
from console.venv.journal import Journal
from tests.venv.conftest import bare  # noqa: F401

from . import samples
from .conftest import StillApp
from .snapshot import screen_text
from .test_screens import MakeApp

UNDONE = Rebuild(False, Venv("ok", Path("/srv/venv"), "3.12.1", 3, False), 4.2, undone=True, error="It did not start.")


def _ended(container: Container, **end: object) -> JobFolder:
    job = create_job(container, Request("rebuild"))
    journal = Journal(job)
    journal.record("begun", pid=1)
    journal.event(Step("install", "Installing", 1, 1))
    journal.event(Output("Resolved 3 packages"))
    journal.event(Progress("install", 3, 3, "packages", 1.0))
    journal.event(StepDone("install", 2.0, "3 packages"))
    journal.record("done", **end)
    journal.close()
    return job


def test_its_steps_its_output_and_its_end_are_there(bare: Container) -> None:  # noqa: F811
    _ended(bare, result=UNDONE)
    model = last_job(bare)
    assert model is not None
    assert not model.running
    assert model.result == UNDONE
    assert [step.detail for step in model.steps] == ["3 packages"]
    assert list(model.output) == ["Resolved 3 packages"]
    assert 4.0 < model.elapsed < 5.0


def test_an_error_and_a_job_taken_back_are_told_too(bare: Container) -> None:  # noqa: F811
    _ended(bare, error={"title": "No.", "cause": "", "remedy": "", "exit_code": 1})
    model = last_job(bare)
    assert model is not None
    assert isinstance(model.error, ConsoleError)
    _ended(bare, cancelled=True)
    model = last_job(bare)
    assert model is not None
    assert (model.result, model.error) == (None, None)


def test_what_is_old_or_killed_or_cannot_be_read_is_no_news(bare: Container) -> None:  # noqa: F811
    assert last_job(bare) is None
    job = _ended(bare, result=UNDONE)
    old = job.request.stat().st_mtime - RECENT_SECONDS - 1
    os.utime(job.request, (old, old))
    assert last_job(bare) is None
    _ended(bare, result=UNDONE).request.write_text(json.dumps({"kind": 1}))
    assert last_job(bare) is None
    journal = Journal(create_job(bare, Request("rebuild")))
    journal.record("begun", pid=1)
    journal.close()
    assert last_job(bare) is None


async def test_the_screen_tells_it(still_app: MakeApp, bare: Container) -> None:  # noqa: F811
    _ended(bare, result=UNDONE)
    app: StillApp = still_app(bare)
    async with app.run_test() as pilot:
        app.show(samples.UP)
        await pilot.pause()
        await pilot.press("v")
        for _turn in range(100):
            await pilot.pause(0.05)
            if "It did not start." in screen_text(app):
                break
        assert "✗ It did not start." in screen_text(app)
        assert "Rebuild, begun at" in screen_text(app)
        assert "Resolved 3 packages" in screen_text(app)
