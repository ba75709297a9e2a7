"""The way back, and back again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.events import Event, Progress, StepDone
from console.programs.table import read_programs
from console.venv.generations import previous
from console.venv.look import read_venv
from console.venv.plan import plan_rebuild
from console.venv.rebuild import rebuild
from console.venv.rollback import plan_rollback, rollback
from tests import containers, needs


@pytest.fixture(scope="module")
def rebuilt() -> Iterator[Container]:
    """A container that was rebuilt once; its original folder and the new virtualenv can be switched between."""
    needs.program("nginx")
    made = containers.make()
    assert rebuild(made, plan_rebuild(made)).ok
    yield made
    containers.remove(made.root)


def _app(container: Container) -> tuple[str, int | None]:
    return next((one.state, one.pid) for one in read_programs(container)[1] if one.name == "app")


def test_rollback_and_rollback_again(rebuilt: Container) -> None:
    new, original = rebuilt.venv.resolve(), previous(rebuilt)
    plan = plan_rollback(rebuilt)
    assert plan.target == original
    assert plan.title
    assert len(plan.commands) == 3
    events: list[Event] = []
    back = rollback(rebuilt, on_event=events.append)
    assert (back.ok, back.venv.target, back.kept) == (True, original, new)
    assert back.downtime_seconds is not None
    assert [event.name for event in events if isinstance(event, StepDone)] == ["prove", "switch"]
    assert [event.fraction for event in events if isinstance(event, Progress)][-1] == 1.0
    again = rollback(rebuilt)
    assert (again.ok, again.venv.target, again.kept) == (True, new, original)
    assert _app(rebuilt)[0] == "RUNNING"


def test_a_virtualenv_before_that_cannot_run_is_refused(rebuilt: Container) -> None:
    back = previous(rebuilt)
    assert back is not None
    before, target = _app(rebuilt), rebuilt.venv.readlink()
    python = back / "bin" / "python"
    was = python.readlink()
    for instead in ("/bin/false", "/gone/python"):
        python.unlink()
        python.symlink_to(instead)
        with pytest.raises(ConsoleError):
            rollback(rebuilt)
    assert (_app(rebuilt), rebuilt.venv.readlink()) == (before, target)
    python.unlink()
    python.symlink_to(was)


def test_a_rollback_that_does_not_start_is_undone_by_itself(rebuilt: Container) -> None:
    back = previous(rebuilt)
    assert back is not None
    target = rebuilt.venv.readlink()
    (gunicorn,) = back.glob("lib/python*/site-packages/gunicorn")
    gunicorn.rename(gunicorn.with_name("hidden"))
    result = rollback(rebuilt, timeout=3)
    assert (result.ok, result.undone) == (False, True)
    assert "gunicorn" in result.error
    assert rebuilt.venv.readlink() == target
    assert previous(rebuilt) == back
    assert read_venv(rebuilt).state == "ok"
    assert _app(rebuilt)[0] == "RUNNING"


def test_without_a_rebuild_there_is_nothing_to_go_back_to(shared_container: Container) -> None:
    before = _app(shared_container)
    with pytest.raises(ConsoleError):
        rollback(shared_container)
    assert _app(shared_container) == before
