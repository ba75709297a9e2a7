"""Another Python is chosen with the virtualenv, and something goes wrong: both are the new ones then, or neither."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.events import Event, Step
from console.programs.control import restart
from console.results import Rebuild, from_json
from console.venv.jobs import Request
from console.venv.plan import plan_rebuild
from console.venv.rebuild import rebuild
from console.venv.rollback import rollback
from console.venv.use_plan import plan_use
from tests import containers, needs
from tests.conftest import MakeContainer
from tests.venv.chosen import add_worker, link, make_venv_by_the_link, program_python

from .outcomes import record
from .scene import Scene, reaped, wait_for_step, wait_until_done
from .test_failures import CRASHES, bring, fill_disk

STEPS = ["create", "install", "compile", "prove"]
CHOSEN, SWITCH = "console.venv.chosen_exchange", "console.venv.switch"
# What is called next when it dies, and what the app, the virtualenv and the symlink are to be when that was never done.
POINTS: dict[str, tuple[str, str, int, str, str]] = {
    "before the way back is written down": (CHOSEN, "remember_choice", 1, "before", "old"),
    "when the way back is written down": (CHOSEN, "remember_choice", 1, "after", "old"),
    "when the exchange is written down": ("console.venv.journal", "Journal.record", 2, "after", "old"),
    "when the programs are stopped": ("console.programs.restarting", "stop_programs", 1, "after", "old"),
    "before primary_tech is set": (CHOSEN, "set_link", 1, "before", "old"),
    "when primary_tech is set": (CHOSEN, "set_link", 1, "after", "old"),
    "before the link is made": (SWITCH, "replace_link", 1, "before", "old"),
    "when the link is made": (SWITCH, "replace_link", 1, "after", "new"),
    "before the app is started": ("console.programs.restarting", "_start", 1, "before", "new"),
    "before it is verified": ("console.programs.restarting", "follow_all", 1, "before", "new"),
    "when it is verified": ("console.programs.restarting", "follow_all", 1, "after", "new"),
    "when the end of the exchange is written down": ("console.venv.journal", "Journal.record", 3, "after", "new"),
    "before the end is written down": ("console.venv.journal", "Journal.record", 4, "before", "new"),
}
FAULT = "worker killed, another Python chosen"


class ChosenScene(Scene):
    """A scene of the runtime generation, and the choice of the other of two Pythons."""

    def __init__(self, container: Container) -> None:
        super().__init__(find_container(container.root))
        self.chosen = link(container)
        versions = [each.version for each in needs.interpreters(2)]
        (self.other,) = [each for each in versions if each not in str(self.chosen)]

    def choice(self, strategy: str = "auto") -> Request:
        plan = plan_use(self.container, self.other, strategy=strategy)
        assert plan is not None
        assert plan.ok, plan.problems
        assert plan.primary_tech is not None
        return Request("rebuild", plan, timeout=10)

    def check_both(self) -> str:
        """``check``, and that the symlink and the program that runs by it go with the virtualenv."""
        runs_from = self.check()
        if runs_from == "old":
            assert link(self.container) == self.chosen
        else:
            assert self.other in str(link(self.container))
        python = Path(os.path.realpath(self.container.primary_tech / "python3"))
        assert Path(os.path.realpath(self.container.venv / "bin" / "python")) == python
        assert program_python(self.container, "worker") == str(python)
        return runs_from


@pytest.fixture(scope="module")
def place() -> Iterator[Container]:
    """A container in which one Python is chosen after the other; its programs run before and after each."""
    needs.program("nginx")
    made = containers.make(generation="runtime", python=needs.interpreters(2)[1].version)
    add_worker(made)
    yield made
    containers.remove(made.root)


@pytest.fixture
def scene(place: Container) -> ChosenScene:
    return ChosenScene(place)


@pytest.fixture
def by_the_link(make_container: MakeContainer) -> ChosenScene:
    """One whose virtualenv was made by primary_tech's own path: it cannot run while that leads elsewhere."""
    container = make_container(generation="runtime", python=needs.interpreters(2)[1].version)
    make_venv_by_the_link(container)
    add_worker(container)
    return ChosenScene(container)


def _tell(result: Rebuild) -> str:
    assert result.ok, result
    assert result.headline != "There is nothing to recover."
    words = result.headline.split(": ")[0].rstrip(".")
    return f"recovered: {words[0].lower()}{words[1:]}"


def _die_at(scene: ChosenScene, request: Request, point: str) -> str:
    """Die at one of POINTS; what is to be there after it: old or new."""
    module, function, number, when, expected = POINTS[point]
    _die(scene, request, module, function, number, when)
    return expected


def _die(scene: ChosenScene, request: Request, module: str, function: str, number: int, when: str) -> None:
    job = scene.job(request)
    worker = scene.run_worker(job, module=module, function=function, number=number, when=when)
    with reaped(worker):
        pass
    assert worker.returncode == -signal.SIGKILL, (job.errors.read_text(), job.journal.read_text())


@pytest.mark.parametrize("step", STEPS)
def test_the_worker_is_killed_in_a_step(scene: ChosenScene, step: str) -> None:
    job = scene.job(scene.choice())
    worker = scene.run_worker(job)
    with reaped(worker):
        wait_for_step(job, step)
        worker.kill()
    result = scene.recover()
    assert scene.check_both() == "old"
    record(FAULT, f"in the step {step}", _tell(result), "old, with the old Python chosen")


@pytest.mark.parametrize("point", POINTS)
def test_the_worker_is_killed_at_a_point_of_the_switch(scene: ChosenScene, point: str) -> None:
    expected = _die_at(scene, scene.choice(), point)
    result = scene.recover()
    assert scene.check_both() == expected
    record(FAULT, point, _tell(result), f"{expected}, with the {expected} Python chosen")


@pytest.mark.parametrize("point", ["when primary_tech is set", "before the link is made", "when the link is made"])
def test_a_virtualenv_that_runs_by_primary_tech_is_not_left_without_its_python(
    by_the_link: ChosenScene, point: str
) -> None:
    expected = _die_at(by_the_link, by_the_link.choice(), point)
    result = by_the_link.recover()
    assert by_the_link.check_both() == expected
    record(
        "worker killed, the virtualenv made by primary_tech",
        point,
        _tell(result),
        f"{expected}, with the {expected} Python chosen",
    )


@pytest.mark.parametrize("step", ["pack", "create", "install", "prove"])
def test_a_rebuild_in_place_is_killed_in_a_step(scene: ChosenScene, step: str) -> None:
    """It is built when primary_tech leads to the new Python already, and the old virtualenv is an archive only."""
    job = scene.job(scene.choice("in-place"))
    worker = scene.run_worker(job)
    with reaped(worker):
        wait_for_step(job, step)
        worker.kill()
    result = scene.recover()
    assert scene.check_both() == "old"
    record(f"{FAULT} in place", f"in the step {step}", _tell(result), "old, with the old Python chosen")


@pytest.mark.parametrize("number", [5, 7])
def test_a_repair_is_killed_between_two_links(scene: ChosenScene, number: int) -> None:
    """The virtualenv is of the Python that is chosen now already."""
    python = scene.container.techs / f"python-{scene.other}" / "bin" / "python3"
    assert rebuild(scene.container, plan_rebuild(scene.container, python=python), timeout=10).ok
    request = scene.choice()
    assert request.plan is not None
    assert request.plan.strategy == "repair"
    _die(scene, request, "console.venv.repair", "put_copy", number, "after")
    result = scene.recover()
    scene.wait_for_answer()
    assert scene.other in str(link(scene.container))
    assert plan_use(scene.container, scene.other) is None
    record(
        "worker of a repair killed, another Python chosen",
        "between two links",
        _tell(result),
        "the repaired one, with the new Python chosen",
    )


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_worker_is_killed_while_it_goes_back(make_container: MakeContainer, when: str) -> None:
    container = make_container(generation="runtime", python=needs.interpreters(2)[1].version)
    add_worker(container)
    bring(container, CRASHES)
    scene = ChosenScene(container)
    _die(scene, scene.choice(), CHOSEN, "set_link", 2, when)
    result = scene.recover()
    assert scene.check_both() == "old"
    point = "before primary_tech is put back" if when == "before" else "when primary_tech is put back"
    record("worker killed, the app does not start", point, _tell(result), "old, with the old Python chosen")


@pytest.mark.parametrize("point", ["when primary_tech is set", "when the link is made"])
def test_a_rollback_is_killed(scene: ChosenScene, point: str) -> None:
    request = scene.choice()
    assert request.plan is not None
    assert rebuild(scene.container, request.plan, timeout=10).ok
    scene = ChosenScene(scene.container)
    expected = _die_at(scene, Request("rollback", timeout=10), point)
    result = scene.recover()
    runs_from = "old" if Path(os.path.realpath(scene.container.venv)) == scene.old else "new"
    assert runs_from == expected
    assert (link(scene.container) == scene.chosen) == (expected == "old")
    scene.wait_for_answer()
    python = os.path.realpath(scene.container.primary_tech / "python3")
    assert program_python(scene.container, "worker") == program_python(scene.container, "app") == python
    record(
        "worker of a rollback killed, another Python chosen",
        point,
        _tell(result),
        "old, with the old Python chosen" if expected == "old" else "the one before, with its Python chosen",
    )
    if runs_from == "new":
        assert rollback(scene.container, timeout=10).ok


def test_what_somebody_chose_after_the_kill_is_left_to_them(scene: ChosenScene) -> None:
    _die_at(scene, scene.choice(), "when primary_tech is set")
    (third,) = [
        tech.name
        for tech in scene.container.techs.iterdir()
        if scene.other not in tech.name and tech.name not in str(scene.chosen)
    ]
    scene.container.primary_tech.unlink()
    scene.container.primary_tech.symlink_to(f"../../opt/techs/{third}/bin")
    result = scene.recover()
    assert scene.check() == "old"
    assert link(scene.container) == f"../../opt/techs/{third}/bin"
    scene.container.primary_tech.unlink()
    scene.container.primary_tech.symlink_to(str(scene.chosen))
    assert restart(scene.container, "worker").ok
    record(FAULT, "and then set by other means", _tell(result), "old, with what was set since")


@pytest.fixture
def remount(place: Container) -> Iterator[Callable[[str], None]]:
    """Mounts /srv/bin again, "ro" or "rw"."""
    if os.geteuid() != 0:
        needs.missing("the right to mount a file system")
    folder = place.primary_tech.parent
    done = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        needs.missing(f"the right to mount a file system ({done.stderr.strip()})")

    def mount_again(how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,bind,{how}", folder], check=True)

    yield mount_again
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_folder_that_becomes_read_only_takes_both_back(scene: ChosenScene, remount: Callable[[str], None]) -> None:
    request = scene.choice()
    assert request.plan is not None

    def heard(event: Event) -> None:
        if isinstance(event, Step) and event.name == "switch":
            remount("ro")

    result = rebuild(scene.container, request.plan, on_event=heard, timeout=10)
    assert (result.ok, result.undone) == (False, True)
    assert str(scene.container.primary_tech) in result.error
    assert scene.check_both() == "old"
    record("a read-only /srv/bin", "in the step switch", "taken back, and said", "old, with the old Python chosen")

    plan = plan_use(scene.container, scene.other)
    assert plan is not None
    assert not plan.ok
    assert str(scene.container.primary_tech.parent) in "".join(plan.problems)
    record(
        "a read-only /srv/bin", "in the plan", "nothing is begun; the plan says why", "old, with the old Python chosen"
    )


def test_a_disk_too_full_to_write_down_the_way_back_takes_it_back(scene: ChosenScene) -> None:
    if os.geteuid() != 0:
        needs.missing("the right to mount a file system")
    folder = scene.container.state_dir
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder], check=True)
    try:
        job = scene.job(scene.choice())
        with reaped(scene.run_worker(job)):
            wait_for_step(job, "install")
            fill_disk(folder / "fill")
            done = wait_until_done(job)
        result = from_json(Rebuild, done["result"])
        assert (result.ok, result.undone) == (False, True)
        assert "chosen-before.json" in result.error
        assert scene.check_both() == "old"
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
    record(
        "a disk too full to write down the way back",
        "before the switch",
        "taken back, and said",
        "old, with the old Python chosen",
    )
