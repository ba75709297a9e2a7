"""A rebuild that is killed: at every step of its journal, and at every write of its switch."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.container import Container
from console.errors import ConsoleError
from console.results import Rebuild
from console.venv.attaching import cancel
from console.venv.jobs import Request, is_done
from console.venv.rebuild import rebuild
from tests import containers, needs
from tests.conftest import MakeContainer

from .outcomes import record
from .scene import Scene, last_step, reaped, wait, wait_for_step, wait_until_done

STEPS = ["create", "install", "compile", "prove", "switch"]  # clean-up is over in a moment: see the exact points
# Every point between two changes of the disk or of a program, from the record of the exchange on: what is called
# next, and the virtualenv that the app is to run from when that was never done.
SWITCH = "console.venv.switch"
POINTS = {
    "before the exchange is written down": ("console.venv.journal", "Journal.record", 2, "before", "old"),
    "when the exchange is written down": ("console.venv.journal", "Journal.record", 2, "after", "old"),
    "before the programs are stopped": ("console.programs.restarting", "stop_programs", 1, "before", "old"),
    "when the programs are stopped": ("console.programs.restarting", "stop_programs", 1, "after", "old"),
    "when the way back is noted": (SWITCH, "remember_previous", 1, "after", "old"),
    "before the link is made": (SWITCH, "replace_link", 1, "before", "old"),
    "when the link is made": (SWITCH, "replace_link", 1, "after", "new"),
    "before the app is started": ("console.programs.restarting", "_start", 1, "before", "new"),
    "when the app was told to start": ("console.programs.restarting", "_start", 1, "after", "new"),
    "before it is verified": ("console.programs.restarting", "follow_all", 1, "before", "new"),
    "when it is verified": ("console.programs.restarting", "follow_all", 1, "after", "new"),
    "when the end of the exchange is written down": ("console.venv.journal", "Journal.record", 3, "after", "new"),
    "while older ones are removed": ("console.venv.rebuild", "prune", 1, "before", "new"),
    "before the end is written down": ("console.venv.journal", "Journal.record", 4, "before", "new"),
}


@pytest.fixture(scope="module")
def place() -> Iterator[Container]:
    """A container that is rebuilt again and again; its app runs before and after each."""
    needs.program("nginx")
    made = containers.make()
    yield made
    containers.remove(made.root)


@pytest.fixture
def scene(place: Container) -> Scene:
    return Scene(place)


def _tell(result: Rebuild) -> str:
    assert result.ok, result
    assert result.headline != "There is nothing to recover."
    return f"recovered: {result.headline[0].lower()}{result.headline[1:].rstrip('.')}"


@pytest.mark.parametrize("step", STEPS)
def test_the_worker_is_killed_in_a_step(scene: Scene, step: str) -> None:
    job = scene.job(scene.request())
    worker = scene.run_worker(job)
    with reaped(worker):
        wait_for_step(job, step)
        worker.kill()
    result = scene.recover()
    runs_from = scene.check()
    if step != "switch":  # there it depends on how far it had come: see the exact points
        assert runs_from == "old"
        record("worker killed", f"in the step {step}", _tell(result), runs_from)


@pytest.mark.parametrize("point", POINTS)
def test_the_worker_is_killed_at_a_point_of_the_switch(scene: Scene, point: str) -> None:
    module, function, number, when, expected = POINTS[point]
    job = scene.job(scene.request())
    worker = scene.run_worker(job, module=module, function=function, number=number, when=when)
    with reaped(worker):
        pass
    assert worker.returncode == -signal.SIGKILL, (job.errors.read_text(), job.journal.read_text())
    result = scene.recover()
    assert scene.check() == expected
    record("worker killed", point, _tell(result), expected)


def test_a_real_folder_is_whole_again_when_it_dies_between_its_two_renames(container: Container) -> None:
    scene = Scene(container)
    assert not container.venv.is_symlink()
    job = scene.job(scene.request())
    worker = scene.run_worker(job, module=SWITCH, function="replace_link")
    with reaped(worker):
        pass
    assert not os.path.lexists(container.venv)
    result = scene.recover()
    assert scene.check() == "old"
    assert not container.venv.is_symlink()
    record("worker killed", "when a real folder was renamed aside", _tell(result), "old")


@pytest.mark.parametrize("step", ["create", "install", "compile", "prove"])
def test_the_programs_of_the_worker_are_killed(scene: Scene, step: str) -> None:
    job = scene.job(scene.request())
    worker = scene.run_worker(job)
    with reaped(worker):
        wait_for_step(job, step)
        # Several may follow each other within a step: all of them, and none of the next step.
        mark = "compileall" if step == "compile" else ""
        wait(lambda: _kill_children(worker, mark) or last_step(job) != step or is_done(job))
    done = wait_until_done(job)
    result = done.get("result")
    assert isinstance(result, dict)
    runs_from = scene.check()
    if step == "compile":  # the byte code is written at the first start, then: no reason to fail
        assert result["ok"]
        assert runs_from == "new"
        record("its programs killed", "in the step compile", "goes on without", runs_from)
    else:
        assert (result["ok"], result["undone"]) == (False, True)
        assert result["error"]
        assert runs_from == "old"
        record("its programs killed", f"in the step {step}", "taken back, and said", "old")


def _kill_children(worker: subprocess.Popen[bytes], mark: str) -> bool:
    """Kill those with ``mark`` in their command; whether there is nothing left to kill, as the worker has ended."""
    try:
        children = psutil.Process(worker.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return True
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            if mark in " ".join(child.cmdline()):
                child.kill()
    return worker.poll() is not None


@pytest.fixture
def broken(make_container: MakeContainer) -> Scene:
    """A scene whose virtualenv has lost its interpreter, while its app still runs."""
    container = make_container()
    for link in (container.venv / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/gone/python")
    return Scene(container)


@pytest.mark.parametrize("number", [1, 4, 6])
def test_a_repair_that_is_killed_between_two_links_is_finished(broken: Scene, number: int) -> None:
    request = broken.request()
    assert request.plan is not None
    assert request.plan.strategy == "repair"
    job = broken.job(request)
    worker = broken.run_worker(job, module="console.venv.repair", function="put_copy", number=number, when="after")
    with reaped(worker):
        pass
    assert worker.returncode == -signal.SIGKILL
    result = broken.recover()
    assert result.ok
    assert result.venv.state == "ok"
    broken.wait_for_answer()
    assert not (broken.old / ".rosti-repair").exists()
    record("worker of a repair killed", "between two links", _tell(result), "the repaired one")


def test_a_dead_virtualenv_goes_forward_from_wherever_it_was_killed(broken: Scene) -> None:
    job = broken.job(broken.request(strategy="beside"))
    module, function, number, when, _expected = POINTS["when the programs are stopped"]
    with reaped(broken.run_worker(job, module=module, function=function, number=number, when=when)):
        pass
    result = broken.recover()
    assert broken.check() == "new"
    record("worker killed, the old virtualenv dead", "when the programs are stopped", _tell(result), "new")


@pytest.mark.parametrize("victim", ["worker", "its programs"])
def test_what_is_compiled_last_is_no_reason_to_fail(broken: Scene, victim: str) -> None:
    job = broken.job(broken.request(strategy="beside"))
    worker = broken.run_worker(job)
    with reaped(worker):
        wait_for_step(job, "compile-rest")
        with pytest.raises(ConsoleError, match="too late to cancel: the app runs from the new"):
            cancel(broken.container, job)
        if victim == "worker":
            worker.kill()
        else:
            wait(lambda: _kill_children(worker, "compileall") or is_done(job))
    if victim == "worker":
        outcome = _tell(broken.recover())
    else:
        result = wait_until_done(job)["result"]
        assert isinstance(result, dict)
        assert result["ok"]
        outcome = "goes on without"
    assert broken.check() == "new"
    record(f"{victim} killed, the old virtualenv dead", "in the step compile-rest", outcome, "new")


def test_what_outlived_its_worker_is_ended_before_its_folder_is_removed(scene: Scene, tmp_path: Path) -> None:
    job = scene.job(scene.request())
    worker = scene.run_worker(job)
    with reaped(worker):
        wait_for_step(job, "install")
        wait(lambda: psutil.Process(worker.pid).children())
        children = psutil.Process(worker.pid).children(recursive=True)
        for child in children:
            child.suspend()  # as one that waits for a slow network
        worker.kill()
    assert any(child.is_running() for child in children)
    scene.recover()
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
    assert scene.check() == "old"
    record("worker killed, its programs go on", "in the step install", "recovered: they are ended first", "old")


def test_the_next_rebuild_recovers_by_itself(scene: Scene) -> None:
    module, function, number, when, _expected = POINTS["when the programs are stopped"]
    job = scene.job(scene.request())
    with reaped(scene.run_worker(job, module=module, function=function, number=number, when=when)):
        pass
    plan = scene.request().plan
    assert plan is not None
    assert rebuild(scene.container, plan, timeout=10).ok
    assert scene.check() == "new"
    record("worker killed", "and then another rebuild", "it is recovered first, then rebuilt", "new")


@pytest.mark.parametrize("point", ["when the programs are stopped", "when the link is made"])
def test_a_killed_rollback_never_loses_either(scene: Scene, point: str) -> None:
    plan = scene.request().plan
    assert plan is not None
    assert rebuild(scene.container, plan, timeout=10).ok
    scene = Scene(scene.container)
    module, function, _number, when, expected = POINTS[point]
    job = scene.job(Request("rollback", timeout=10))
    worker = scene.run_worker(job, module=module, function=function, number=1, when=when)
    with reaped(worker):
        pass
    assert worker.returncode == -signal.SIGKILL
    other = sorted(each for each in scene.container.venvs.iterdir() if not each.is_symlink())
    result = scene.recover()
    assert sorted(each for each in scene.container.venvs.iterdir() if not each.is_symlink()) == other
    runs_from = "new" if Path(os.path.realpath(scene.container.venv)) != scene.old else "old"
    assert runs_from == expected
    scene.wait_for_answer()
    record("worker of a rollback killed", point, _tell(result), "the one before" if expected == "new" else "old")


def test_a_killed_recovery_is_recovered(scene: Scene) -> None:
    module, function, number, when, _expected = POINTS["when the programs are stopped"]
    job = scene.job(scene.request())
    with reaped(scene.run_worker(job, module=module, function=function, number=number, when=when)):
        pass
    second = scene.job(Request("recover", timeout=10))
    worker = scene.run_worker(second, module="console.venv.recovery", function="resume")
    with reaped(worker):
        pass
    assert worker.returncode == -signal.SIGKILL
    result = scene.recover()
    assert scene.check() == "old"
    record("worker of a recovery killed", "before the programs are started", _tell(result), "old")
