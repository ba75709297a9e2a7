"""What the screens do with the virtualenv's jobs: those that they begin, and those that others have begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.errors import Locked, NothingThere
from console.events import Output, Step
from console.results import Freeze, Job, Rebuild, RebuildPlan, Rescue, Venv
from console.tui.job import JobModel
from console.tui.messages import JobBegan, JobEnded, OperationEnded
from console.tui.planning import FREEZE_PLAN, PLAN, RESCUE_PLAN, sensible_strategies
from console.tui.screens.plan import PlanScreen
from console.tui.screens.venv import LOOK, VenvScreen
from console.tui.widgets.line import Line
from console.tui.widgets.outcome import Outcome

from . import samples
from .conftest import StillApp
from .snapshot import screen_text
from .test_screens import MakeApp
from .test_venv_screen import (
    BESIDE,
    BUILDING,
    FINE,
    KILLED,
    LACKING,
    OFFERED,
    RECOVERED,
    REPAIR,
    RUNNING,
    begun,
    tell,
    venv_screen,
)


class StillJoining:
    """In the place of the thread: what would be begun or joined is written down, and nothing happens."""

    made: list[StillJoining]

    def __init__(self, container: object, model: JobModel, find: Callable[..., object], post: object) -> None:
        self.model, self.find = model, find
        self.left = False
        self.begun = True
        self.made.append(self)

    def start(self) -> None:
        pass

    def leave(self) -> None:
        self.left = True

    def join(self, seconds: float) -> None:
        assert self.left

    def is_alive(self) -> bool:
        return not self.left


@pytest.fixture
def joinings(monkeypatch: pytest.MonkeyPatch) -> list[StillJoining]:
    StillJoining.made = []
    monkeypatch.setattr("console.tui.jobs.Joining", StillJoining)
    return StillJoining.made


def told(app: StillApp, id: str) -> str:
    return app.screen.query_one(f"#{id}", Line).text


async def test_a_job_begun_elsewhere_is_joined_once_and_shown(still_app: MakeApp, joinings: list[StillJoining]) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        app.show(replace(samples.UP, job=RUNNING))
        await pilot.pause()
        app.show(replace(samples.UP, job=replace(RUNNING, step="compile")))
        await pilot.pause()
        assert len(joinings) == 1
        model = joinings[0].model
        app.post_message(JobBegan(model, RUNNING.id, 42.0))
        tell(app, model, *BUILDING)
        await pilot.pause()
        assert "Rebuild 45 % Install the packages, 42 s  v Join" in told(app, "venv")
        await pilot.press("v")
        await pilot.pause()
        assert "◐ Install the packages" in told(app, "steps")
        assert "about" in told(app, "bar")
        # A status that was read before the end does not begin it all over again.
        app.post_message(JobEnded(model, Rebuild(True, FINE, 4.2), None))
        app.show(replace(samples.UP, job=RUNNING))
        await pilot.pause()
        assert len(joinings) == 1
        assert "100 %" in told(app, "bar")
        assert "✓ Virtualenv with Python 3.11.7" in told(app, "told")


async def test_a_late_joiner_gets_thousands_of_lines_in_one_go(still_app: MakeApp) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        await venv_screen(app, pilot, FINE)
        model = await begun(app, pilot, *(Output(f"line {number}") for number in range(5000)))
        assert model.output_total == 5000
        shown = screen_text(app)
        assert "line 4999" in shown
        tell(app, model, Output("one more"))
        await pilot.pause()
        assert "line 4999\n  one more" in screen_text(app)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_leaving_leaves_the_job_running(still_app: MakeApp, joinings: list[StillJoining], key: str) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        app.show(replace(samples.UP, job=RUNNING))
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
    assert app.return_code == 0
    assert joinings[0].left
    goes_on = app.jobs.goes_on(0.1)
    assert goes_on is not None
    assert goes_on.title == "Rebuild"


@pytest.mark.parametrize(
    ("kind", "steps", "refused"),
    [
        ("rebuild", ["create"], False),
        ("rebuild", ["create", "switch"], True),
        ("rebuild", ["create", "switch", "clean-up"], True),
        ("rebuild", ["pack"], False),
        ("rebuild", ["pack", "create"], True),
        ("rollback", ["prove"], False),
        ("rollback", ["prove", "switch"], True),
        ("recover", ["recover"], True),
    ],
)
async def test_restart_is_refused_with_the_reason_only_while_the_job_has_the_app(
    still_app: MakeApp, monkeypatch: pytest.MonkeyPatch, kind: str, steps: list[str], refused: bool
) -> None:
    app = still_app()
    began: list[str] = []
    monkeypatch.setattr(app, "begin", lambda name, _work: began.append(name))
    async with app.run_test() as pilot:
        app.show(samples.UP)
        await pilot.pause()
        await begun(app, pilot, *(Step(name, name, 1, 5) for name in steps), kind=kind)
        await pilot.press("r")
        await pilot.pause()
        said = app.screen.query_one(Outcome).text
        assert ("✗ Not now: the virtualenv is being exchanged" in said) is refused
        assert began == ([] if refused else ["restart"])


async def test_restart_is_refused_also_before_the_first_event_of_a_joined_job(
    still_app: MakeApp, joinings: list[StillJoining]
) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        app.show(replace(samples.UP, job=replace(RUNNING, step="switch")))
        await pilot.pause()
        assert joinings[0].model.step == ""
        await pilot.press("r")
        await pilot.pause()
        assert "✗ Not now" in app.screen.query_one(Outcome).text


async def test_what_was_killed_is_recovered_at_the_start_and_only_once(
    still_app: MakeApp, joinings: list[StillJoining]
) -> None:
    app = still_app()
    killed = replace(samples.UP, job=replace(RUNNING, running=False))
    async with app.run_test() as pilot:
        app.show(killed)
        await pilot.pause()
        assert [each.model.name for each in joinings] == ["recover"]
        app.post_message(JobEnded(joinings[0].model, Rebuild(True, FINE, 0.4, note=RECOVERED), None))
        app.show(killed)
        await pilot.pause()
        assert len(joinings) == 1
        assert told(app, "job") == f" ✓ {RECOVERED}"


async def test_a_job_killed_while_it_is_followed_is_recovered(still_app: MakeApp, joinings: list[StillJoining]) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        app.show(replace(samples.UP, job=RUNNING))
        await pilot.pause()
        app.post_message(JobBegan(joinings[0].model, RUNNING.id, 1.0))
        app.post_message(JobEnded(joinings[0].model, None, KILLED))
        await pilot.pause()
        assert [each.model.name for each in joinings] == ["rebuild", "recover"]


async def test_a_recovery_that_another_job_keeps_from_beginning_is_not_tried_for_ever(
    still_app: MakeApp, joinings: list[StillJoining]
) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        app.show(replace(samples.UP, job=replace(RUNNING, running=False)))
        await pilot.pause()
        app.post_message(JobBegan(joinings[0].model, RUNNING.id, 1.0))  # not its own: the killed one was all it found
        app.post_message(JobEnded(joinings[0].model, None, KILLED))
        await pilot.pause()
        assert len(joinings) == 1
        assert "The job was killed before its end." in told(app, "job")


async def test_a_recovery_without_supervisord_goes_on_when_that_is_back(
    still_app: MakeApp, joinings: list[StillJoining]
) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        app.show(replace(samples.GONE, job=replace(RUNNING, running=False)))
        await pilot.pause()
        app.post_message(JobBegan(joinings[0].model, "recovery-1", 0.0))
        app.post_message(JobEnded(joinings[0].model, None, NothingThere("supervisord is not reachable.")))
        app.show(samples.GONE)
        await pilot.pause()
        assert len(joinings) == 1
        app.show(samples.UP)
        await pilot.pause()
        assert [each.model.name for each in joinings] == ["recover", "recover"]


async def test_a_holder_of_the_lock_that_writes_no_journal_is_let_be(
    still_app: MakeApp, joinings: list[StillJoining]
) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        app.show(replace(samples.UP, job=Job("812", "rebuild", "", running=True)))
        await pilot.pause()
        app.post_message(JobEnded(joinings[0].model, None, None, begun=False))
        app.show(replace(samples.UP, job=Job("812", "rebuild", "", running=True)))
        await pilot.pause()
        assert len(joinings) == 1
        assert "rebuild is running" in told(app, "venv")
        app.show(replace(samples.UP, job=Job("813", "static", "", running=True)))
        await pilot.pause()
        assert len(joinings) == 1


async def test_who_comes_second_sees_why_and_joins_the_first(still_app: MakeApp, joinings: list[StillJoining]) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        await venv_screen(app, pilot, FINE)
        app.post_message(OperationEnded(PLAN, BESIDE, None))
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        locked = Locked("Another job is at work: rebuild (process 812, since 14:04).")
        app.post_message(JobEnded(joinings[0].model, None, locked, begun=False))
        app.show(replace(samples.UP, job=RUNNING))
        await pilot.pause()
        assert len(joinings) == 2
        tell(app, joinings[1].model, *BUILDING)
        await pilot.pause()
        assert "Another job is at work" in told(app, "told")
        assert "◐ Install the packages" in told(app, "steps")


async def test_the_plan_is_begun_only_by_a_yes_and_without_what_it_offered(
    still_app: MakeApp, joinings: list[StillJoining], monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[object] = []
    monkeypatch.setattr("console.tui.joining.launch", lambda _container, request: requests.append(request))
    app = still_app()
    async with app.run_test() as pilot:
        await venv_screen(app, pilot, FINE)
        plan = replace(BESIDE, offers=OFFERED.offers)
        for key in ("enter", "q", "y"):
            app.post_message(OperationEnded(PLAN, plan, None))
            await pilot.pause()
            assert isinstance(app.screen, PlanScreen)
            await pilot.press(key)
            await pilot.pause()
        assert len(joinings) == 1
        joinings[0].find(samples.CONTAINER)
        assert requests[0].plan == BESIDE  # type: ignore[attr-defined]


async def test_a_plan_that_could_be_better_offers_to_change_the_file(
    still_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = still_app()
    wrote: list[str] = []
    monkeypatch.setattr(app, "begin", lambda name, _work: wrote.append(name))
    async with app.run_test() as pilot:
        await venv_screen(app, pilot, FINE)
        for plan, expected in ((BESIDE, []), (replace(BESIDE, offers=OFFERED.offers), ["offer"])):
            app.post_message(OperationEnded(PLAN, plan, None))
            await pilot.pause()
            await pilot.press("o")
            await pilot.pause()
            assert wrote == expected
            await pilot.press("q")
            await pilot.pause()


async def test_offer_rescue_and_strategy_lead_to_a_new_plan(
    still_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = still_app()
    looked: list[str] = []
    wrote: list[str] = []
    monkeypatch.setattr(app, "look_up", lambda name, _work: looked.append(name))
    monkeypatch.setattr(app, "begin", lambda name, _work: wrote.append(name))
    async with app.run_test() as pilot:
        await venv_screen(app, pilot, FINE)
        looked.clear()
        app.post_message(OperationEnded(PLAN, OFFERED, None))
        await pilot.pause()
        await pilot.press("enter")  # the safe choice
        await pilot.pause()
        assert (wrote, looked) == ([], [])
        app.post_message(OperationEnded(PLAN, OFFERED, None))
        await pilot.pause()
        await pilot.press("right", "enter")
        await pilot.pause()
        assert wrote == ["offer"]
        path = Path("/srv/app/requirements.txt")
        app.post_message(OperationEnded("offer", [(path, Path("/srv/.console/backups/requirements.txt.1"))], None))
        await pilot.pause()
        assert looked == [PLAN]
        app.post_message(OperationEnded(PLAN, BESIDE, None))
        await pilot.pause()
        assert "✓ Written: /srv/app/requirements.txt" in screen_text(app)
        await pilot.press("s")
        await pilot.pause()
        assert looked == [PLAN, PLAN]
        app.post_message(OperationEnded(PLAN, LACKING, None))
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert looked[2:] == [RESCUE_PLAN]
        app.post_message(OperationEnded(RESCUE_PLAN, Rescue(path, b"x", "+bottle", 1, ()), None))
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert wrote == ["offer", "rescue"]
        app.post_message(OperationEnded("rescue", [(path, None)], None))
        await pilot.pause()
        assert looked[3:] == [PLAN, LOOK]


async def test_a_freeze_of_its_own_plans_no_rebuild(still_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = still_app()
    looked: list[str] = []
    monkeypatch.setattr(app, "look_up", lambda name, _work: looked.append(name))
    monkeypatch.setattr(app, "begin", lambda _name, _work: True)
    async with app.run_test() as pilot:
        await venv_screen(app, pilot, FINE)
        looked.clear()
        path = Path("/srv/app/requirements.txt")
        await pilot.press("f")
        app.post_message(OperationEnded(FREEZE_PLAN, Freeze(path, b"", b"x", "+bottle", 1), None))
        await pilot.pause()
        await pilot.press("y")
        app.post_message(OperationEnded("freeze", [(path, Path("/srv/.console/backups/requirements.txt.1"))], None))
        await pilot.pause()
        assert looked == [FREEZE_PLAN, LOOK]
        assert "The file as it was: /srv/.console/backups/requirements.txt.1" in told(app, "told")


async def test_what_cannot_be_cancelled_says_so(still_app: MakeApp) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        await venv_screen(app, pilot, FINE)
        await begun(app, pilot, Step("prove", "Prove", 1, 2), kind="rollback")
        await pilot.press("c")
        await pilot.pause()
        assert "This cannot be cancelled" in told(app, "told")
        assert "Cancel" not in told(app, "keys")


@pytest.mark.parametrize(
    ("plan", "venv", "ways"),
    [
        (BESIDE, samples.UP.venv, ["beside", "in-place"]),
        (REPAIR, samples.UP.venv, ["repair", "beside", "in-place"]),
        (BESIDE, Venv("missing", Path("/srv/venv"), None, 0, False), ["beside"]),
        (BESIDE, None, ["beside"]),
    ],
)
def test_only_strategies_that_make_sense_are_gone_through(
    plan: RebuildPlan, venv: Venv | None, ways: list[str]
) -> None:
    assert sensible_strategies(plan, venv) == ways


async def test_commands_are_those_of_the_plan_once_there_is_one(still_app: MakeApp) -> None:
    app = still_app()
    async with app.run_test() as pilot:
        await venv_screen(app, pilot, FINE)
        screen = app.screen
        assert isinstance(screen, VenvScreen)
        lines = [line for _title, lines in screen.shell_commands() for line in lines]
        assert "console venv attach" in lines
        assert BESIDE.commands[2] not in lines
        app.post_message(OperationEnded(PLAN, BESIDE, None))
        await pilot.pause()
        lines = [line for _title, lines in screen.shell_commands() for line in lines]
        assert set(BESIDE.commands) <= set(lines)
