"""The virtualenv's screen in all its states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.errors import ConsoleError
from console.events import Event, Output, Progress, Step, StepDone
from console.results import (
    Job,
    Memory,
    OtherVersion,
    PackageChange,
    Rebuild,
    RebuildPlan,
    RequirementsChange,
    RequirementsState,
    Rescue,
    RollbackPlan,
    Venv,
)
from console.tui.job import JobModel
from console.tui.messages import JobBegan, JobCame, JobEnded, OperationEnded
from console.tui.planning import PLAN, RESCUE_PLAN, ROLLBACK_PLAN
from console.tui.screens.venv import CANCEL, LOOK, VenvScreen
from console.venv import memory_room
from console.venv.attaching import JobKilled

from . import samples
from .conftest import StillApp
from .snapshot import check
from .test_screens import FAILED, RESTARTED, SIZES, Act, MakeApp, show

SMALL = Memory(used_bytes=110_000_000, limit_bytes=134_217_728)
BESIDE = RebuildPlan(
    "beside",
    "the rule: the app goes on running from the present one",
    "3.8.18",
    "3.12.1",
    Path("/opt/python/bin/python"),
    Path("/srv/app/requirements.txt"),
    (
        PackageChange("bottle", "0.13.1", "0.13.4", "wheel"),
        PackageChange("gunicorn", "23.0.0", "23.0.0", "kept"),
        PackageChange("six", "1.16.0", None, "removed"),
        PackageChange("uwsgi", None, "2.0.28", "build"),
    ),
    120_000_000,
    8_800_000_000,
    True,
    (),
    ("supervisorctl stop app", "rm -rf /srv/venv", "virtualenv /srv/venv"),
    programs=("app", "worker"),
    memory_bytes=80_000_000,
    memory_free_bytes=300_000_000,
)
REPAIR = replace(
    BESIDE,
    strategy="repair",
    reason="Its packages were made for the same Python 3.12: only the interpreter's links are made anew.",
    from_python="3.12.0",
    packages=(),
    bytes_needed=10_000_000,
    commands=("supervisorctl stop app", "/opt/python/bin/python -m venv /srv/venv", "supervisorctl start app"),
)
IN_PLACE = replace(
    BESIDE,
    strategy="in-place",
    reason="The disk has no room for two. The present one is packed, then the app is stopped until the new one is "
    "built and proved; when that fails, the old one comes back out of its archive. There is no rollback afterwards.",
    bytes_free=90_000_000,
    warnings=("Memory may run short: the rebuild takes about 80 MB, the container's limit leaves 40 MB.",),
    own_files=("lib/python3.8/site-packages/local_settings.py", "share/data.bin"),
    memory_free_bytes=40_000_000,
)
OFFERED = replace(
    BESIDE,
    ok=False,
    packages=(
        *BESIDE.packages,
        PackageChange("numpy", "1.21.0", None, "impossible", "It has no wheel for Python 3.12.", "1.26.4"),
    ),
    problems=("numpy 1.21.0 cannot be had for Python 3.12.1.\nIt needs Python <3.11.",),
    offers=(
        RequirementsChange(
            Path("/srv/app/requirements.txt"),
            b"",
            b"",
            "--- requirements.txt\n+++ requirements.txt\n@@ -1,2 +1,2 @@\n bottle\n-numpy==1.21.0\n+numpy==1.26.4\n",
            "With these versions it can be built for Python 3.12.1:",
        ),
    ),
)
LACKING = replace(
    BESIDE,
    ok=False,
    requirements=None,
    packages=(),
    problems=("There is no /srv/app/requirements.txt. Write one from what is installed with: console venv freeze",),
)
TROUBLED = replace(
    samples.DEAD_VENV.venv,
    made_by="virtualenv",
    size_bytes=84_000_000,
    dead_scripts=("flask", "gunicorn", "pip"),
    unmet=("django", "pillow"),
    requirements=RequirementsState(
        Path("/srv/app/requirements.txt"),
        missing=("django",),
        other=(OtherVersion("pillow", "9.0.0", ">=10"),),
        extra=("ipython", "six"),
        problems=("requirements.txt, line 4: a folder that is not there: ./vendor/mine",),
    ),
)
FINE = replace(
    samples.UP.venv,
    size_bytes=61_000_000,
    dead_scripts=(),
    unmet=(),
    requirements=RequirementsState(Path("/srv/app/requirements.txt"), (), (), ("ipython",)),
)
RUNNING = Job("20261123-140458-000001-812", "rebuild", "install", running=True)
RECOVERED = "A job that was cut off was taken back; nothing had been changed."
KILLED = JobKilled("The job was killed before its end.", "Its process is gone, and its journal has no end.", "")
BUILDING: tuple[Event, ...] = (
    Step("create", "Create the virtualenv", 1, 5),
    StepDone("create", 0.4),
    Step("install", "Install the packages", 2, 5),
    Progress("install", 4, 12, "packages", 0.45, 9.0),
    Output("Resolved 12 packages in 120ms"),
    Output("\x1b[31mDownloading\x1b[0m django (8.0MiB)"),
)
SWITCHING: tuple[Event, ...] = (
    StepDone("install", 2.1, "12 packages"),
    Step("switch", "Switch to it and restart app", 5, 5),
    Progress("install", 1, 1, "steps", 0.9),
)


def tell(app: StillApp, model: JobModel, *events: Event) -> None:
    waiting = list(events)

    def take() -> tuple[Event, ...]:
        taken = tuple(waiting)
        waiting.clear()
        return taken

    app.post_message(JobCame(model, take))


async def venv_screen(app: StillApp, pilot: Pilot[None], venv: Venv | None, status: object = samples.UP) -> None:
    app.show(status)  # type: ignore[arg-type]
    await pilot.pause()
    await app.push_screen(VenvScreen())
    await pilot.pause()
    if venv is not None:
        app.post_message(OperationEnded(LOOK, venv, None))
        await pilot.pause()


async def begun(app: StillApp, pilot: Pilot[None], *events: Event, kind: str = "rebuild", age: float = 0.0) -> JobModel:
    titles = {"rebuild": "Rebuild", "rollback": "Rollback", "recover": "Recovery"}
    model = app.jobs.model = JobModel(kind, titles[kind])
    app.post_message(JobBegan(model, RUNNING.id, age))
    tell(app, model, *events)
    await pilot.pause()
    return model


# -- how it looks ----------------------------------------------------------------------------------


async def venv_state(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_screen(app, pilot, FINE)


async def venv_troubled(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_screen(app, pilot, TROUBLED, samples.DEAD_VENV)


async def planned(app: StillApp, pilot: Pilot[None], plan: object, name: str = PLAN) -> None:
    await venv_state(app, pilot)
    app.post_message(OperationEnded(name, plan, None))


async def venv_plan(app: StillApp, pilot: Pilot[None]) -> None:
    await planned(app, pilot, BESIDE)


async def venv_plan_repair(app: StillApp, pilot: Pilot[None]) -> None:
    await planned(app, pilot, REPAIR)


async def venv_plan_in_place(app: StillApp, pilot: Pilot[None]) -> None:
    await planned(app, pilot, IN_PLACE)


async def venv_plan_offers(app: StillApp, pilot: Pilot[None]) -> None:
    await planned(app, pilot, OFFERED)


async def venv_plan_may_be_better(app: StillApp, pilot: Pilot[None]) -> None:
    await planned(app, pilot, replace(OFFERED, ok=True, packages=BESIDE.packages, problems=()))


async def venv_plan_lacks_requirements(app: StillApp, pilot: Pilot[None]) -> None:
    await planned(app, pilot, LACKING)


async def venv_rescue(app: StillApp, pilot: Pilot[None]) -> None:
    diff = "--- requirements.txt\n+++ requirements.txt\n@@ -0,0 +1,2 @@\n+# asked for by name\n+bottle==0.13.4\n"
    unknown = ("mine.py in site-packages belongs to no package: it was put there by hand.",)
    path = Path("/srv/app/requirements.txt")
    await planned(app, pilot, Rescue(path, b"", diff, 1, unknown), RESCUE_PLAN)


async def venv_rollback_plan(app: StillApp, pilot: Pilot[None]) -> None:
    title = "Back to 20261122-py3.8.18 with Python 3.8.18."
    note = "Python 3.8.18 is chosen again with it: /srv/bin/primary_tech leads to /opt/techs/python-3.8.18/bin."
    place, commands = Path("/srv/.venvs/x"), ("supervisorctl stop app",)
    plan = RollbackPlan(title, place, "3.12.1", "3.8.18", commands, ("app",), note=note)
    await planned(app, pilot, plan, ROLLBACK_PLAN)


async def venv_no_memory(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_state(app, pilot)
    await pilot.press("b")


async def venv_building(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_state(app, pilot)
    await begun(app, pilot, *BUILDING, age=7.0)


async def venv_joined(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_state(app, pilot)
    await begun(app, pilot, *BUILDING, age=154.0)


async def venv_job_on_first_screen(app: StillApp, pilot: Pilot[None]) -> None:
    app.show(samples.UP, *samples.LOG)
    await pilot.pause()
    await begun(app, pilot, *BUILDING, age=54.0)


async def venv_done(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_state(app, pilot)
    model = await begun(app, pilot, *BUILDING, *SWITCHING, StepDone("switch", 0.9))
    done = Rebuild(True, samples.UP.venv, 4.2, 0.4, RESTARTED, kept=Path("/srv/.venvs/old"), freed_bytes=90_000_000)
    app.post_message(JobEnded(model, done, None))


async def venv_undone(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_state(app, pilot)
    model = await begun(app, pilot, *BUILDING, *SWITCHING)
    error = "The app does not start with the new one."
    app.post_message(JobEnded(model, Rebuild(False, FINE, 4.2, 1.9, FAILED, undone=True, error=error), None))


async def venv_cancelled(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_state(app, pilot)
    model = await begun(app, pilot, *BUILDING)
    app.post_message(JobEnded(model, None, None))


async def venv_killed(app: StillApp, pilot: Pilot[None]) -> None:
    """Another job that was killed while it was followed; its recovery is at work."""
    app.jobs.recover = lambda: None  # type: ignore[method-assign]
    await venv_state(app, pilot)
    model = await begun(app, pilot, *BUILDING)
    app.post_message(JobEnded(model, None, KILLED))
    await pilot.pause()
    await begun(app, pilot, Step("recover", "Finishing what was cut off", 1, 1), kind="recover")


async def venv_recovered(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_killed(app, pilot)
    model = app.jobs.model
    assert model is not None
    tell(app, model, StepDone("recover", 0.4))
    app.post_message(JobEnded(model, Rebuild(True, FINE, 0.4, note=RECOVERED), None))


async def venv_recovered_on_first_screen(app: StillApp, pilot: Pilot[None]) -> None:
    app.show(samples.UP, *samples.LOG)
    await pilot.pause()
    model = await begun(app, pilot, Step("recover", "Finishing what was cut off", 1, 1), kind="recover")
    app.post_message(JobEnded(model, Rebuild(True, FINE, 0.4, note=RECOVERED), None))


async def venv_too_late(app: StillApp, pilot: Pilot[None]) -> None:
    await venv_state(app, pilot)
    await begun(app, pilot, *BUILDING, *SWITCHING)
    error = ConsoleError(
        "It is too late to cancel: the app is being switched.",
        "Cutting it off now could leave the app stopped.",
        "When the app does not come back, that is undone by itself.",
    )
    app.post_message(OperationEnded(CANCEL, None, error))


@SIZES
@pytest.mark.parametrize(
    "act",
    [
        venv_state,
        venv_troubled,
        venv_plan,
        venv_plan_repair,
        venv_plan_in_place,
        venv_plan_offers,
        venv_plan_may_be_better,
        venv_plan_lacks_requirements,
        venv_rescue,
        venv_rollback_plan,
        venv_no_memory,
        venv_building,
        venv_joined,
        venv_job_on_first_screen,
        venv_done,
        venv_undone,
        venv_cancelled,
        venv_killed,
        venv_recovered,
        venv_recovered_on_first_screen,
        venv_too_late,
    ],
)
async def test_virtualenv_looks_right(
    still_app: MakeApp, size: tuple[int, int], act: Act, frozen_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if act is venv_no_memory:
        monkeypatch.setattr(memory_room, "memory", lambda: SMALL)
    app = still_app()
    async with app.run_test(size=size) as pilot:
        await show(app, pilot, act)
        check(app, f"{act.__name__.replace('_', '-')}-{size[0]}")


@pytest.mark.parametrize(("key", "words"), [("y", ("venv", "rebuild")), ("escape", ())])
async def test_where_memory_is_short_the_screens_are_left_for_the_rebuild_on_a_yes(
    still_app: MakeApp,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[tuple[str, object]],
    key: str,
    words: tuple[str, ...],
) -> None:
    monkeypatch.setattr(memory_room, "memory", lambda: SMALL)
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await venv_no_memory(app, pilot)
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
    assert app.left_for == words
    assert PLAN not in [name for name, _work in asked]


async def test_where_there_is_memory_the_plan_comes_on_the_screen(
    still_app: MakeApp, monkeypatch: pytest.MonkeyPatch, asked: list[tuple[str, object]]
) -> None:
    monkeypatch.setattr(memory_room, "memory", lambda: replace(SMALL, used_bytes=60_000_000))
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await venv_no_memory(app, pilot)
        await pilot.pause()
        assert PLAN in [name for name, _work in asked]
