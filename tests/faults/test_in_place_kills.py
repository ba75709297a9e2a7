"""A rebuild in place that is killed: while only the archive has the old virtualenv, and when the new one is in."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.container import Container
from console.venv.jobs import Request
from console.venv.rebuild import rebuild
from tests import containers, needs

from .outcomes import record
from .scene import Scene, reaped, wait_for_step

HOME = "console.venv.in_place"
# What is called next when it dies, and whether the old one is in its place again after the recovery.
BACK = {
    "before the old one is packed": (HOME, "pack", 1, "before"),
    "when the old one is packed": (HOME, "pack", 1, "after"),
    "before the programs are stopped": ("console.programs.restarting", "stop_programs", 1, "before"),
    "when the programs are stopped": ("console.programs.restarting", "stop_programs", 1, "after"),
    "while the old one is removed": (HOME, "remove_tree", 1, "before"),
    "when the old one is removed": (HOME, "remove_tree", 1, "after"),
    "before the link is made": (HOME, "replace_link", 1, "before"),
}
FORWARD = {
    "when the link is made": (HOME, "replace_link", 1, "after"),
    "before the app is started": ("console.programs.restarting", "_start", 1, "before"),
    "before it is verified": ("console.programs.restarting", "follow_all", 1, "before"),
    "before the archive is removed": (HOME, "InPlace.finish", 1, "before"),
    "before the end is written down": ("console.venv.rebuild", "prune", 1, "after"),
}


@pytest.fixture(scope="module")
def place() -> Iterator[Container]:
    """A container that is rebuilt in place again and again; its app runs before and after each."""
    needs.program("nginx")
    made = containers.make()
    yield made
    containers.remove(made.root)


@pytest.fixture
def scene(place: Container) -> Scene:
    return Scene(place)


def _archives(container: Container) -> list[str]:
    return [each.name for each in container.venvs.iterdir() if ".tar" in each.name or each.name.startswith(".")]


@pytest.mark.parametrize("step", ["pack", "create", "install", "compile", "prove"])
def test_the_worker_is_killed_in_a_step(scene: Scene, step: str) -> None:
    job = scene.job(scene.request(strategy="in-place"))
    worker = scene.run_worker(job)
    with reaped(worker):
        wait_for_step(job, step)
        worker.kill()
    assert scene.recover().ok
    assert scene.check() == "old"
    assert _archives(scene.container) == []
    record("worker killed in place", f"in the step {step}", "recovered: the old one is back", "old")


@pytest.mark.parametrize("point", BACK)
def test_killed_before_the_new_one_is_in_the_old_one_comes_back(scene: Scene, point: str) -> None:
    module, function, number, when = BACK[point]
    if function == "pack":
        module = "console.venv.rebuild"  # called by that name there
    job = scene.job(scene.request(strategy="in-place"))
    worker = scene.run_worker(job, module=module, function=function, number=number, when=when)
    with reaped(worker):
        pass
    assert worker.returncode == -signal.SIGKILL, (job.errors.read_text(), job.journal.read_text())
    assert scene.recover().ok
    assert scene.check() == "old"
    assert _archives(scene.container) == []
    record("worker killed in place", point, "recovered: the old one is back", "old")


@pytest.mark.parametrize("point", FORWARD)
def test_killed_when_the_new_one_is_in_it_stays(scene: Scene, point: str) -> None:
    module, function, number, when = FORWARD[point]
    container = scene.container
    job = scene.job(scene.request(strategy="in-place"))
    worker = scene.run_worker(job, module=module, function=function, number=number, when=when)
    with reaped(worker):
        pass
    assert worker.returncode == -signal.SIGKILL, (job.errors.read_text(), job.journal.read_text())
    assert scene.recover().ok
    scene.wait_for_answer()
    assert container.venv.resolve() != scene.old
    assert scene.old == container.venv or not scene.old.exists()
    assert container.requirements.read_bytes() == scene.requirements
    assert [each.name for each in container.venvs.iterdir()] == [container.venv.resolve().name]
    record("worker killed in place", point, "recovered: the new virtualenv is in service", "new")


def test_a_killed_coming_back_is_recovered(scene: Scene) -> None:
    job = scene.job(scene.request(strategy="in-place"))
    with reaped(scene.run_worker(job, module=HOME, function="remove_tree", when="after")):
        pass
    assert not scene.old.exists()
    for function, when in (("unpack", "before"), ("_extract", "after"), ("unpack", "after")):
        worker = _recover_and_die(scene, function, when)
        assert worker == -signal.SIGKILL
    assert scene.recover().ok
    assert scene.check() == "old"
    assert _archives(scene.container) == []
    record("worker of a recovery killed", "while the old one comes out of its archive", "recovered again", "old")


def _recover_and_die(scene: Scene, function: str, when: str) -> int:
    job = scene.job(Request("recover", timeout=10))
    worker = scene.run_worker(job, module=HOME, function=function, when=when)
    with reaped(worker):
        pass
    return worker.returncode


def test_a_lost_virtualenv_in_the_middle_is_brought_back_by_the_next_rebuild(scene: Scene) -> None:
    job = scene.job(scene.request(strategy="in-place"))
    worker = scene.run_worker(job)
    with reaped(worker):
        wait_for_step(job, "install")
        worker.kill()
    assert not Path(scene.container.venv).exists()
    request = scene.request(strategy="beside")
    assert request.plan is not None
    assert rebuild(scene.container, request.plan, timeout=10).ok
    assert scene.check() == "new"
    record("worker killed in place", "and then a rebuild beside", "it is recovered first, then rebuilt", "new")
