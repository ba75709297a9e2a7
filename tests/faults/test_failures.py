"""A rebuild that something else goes wrong with: packages, the app, supervisord, the disk, the terminal, the lock."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.container import Container
from console.errors import ConsoleError, Locked, NothingThere
from console.events import Event, Step
from console.lock import held, holder
from console.playground import container_down, container_up
from console.results import Rebuild, from_json
from console.venv.attaching import attach
from console.venv.jobs import JobFolder, Request, find_job
from console.venv.launching import launch
from console.venv.plan import plan_rebuild
from console.venv.rebuild import rebuild
from tests import needs
from tests.terminal import Terminal, console
from tests.venv.loops import Visitors
from tests.venv.wheels import make_wheel

from .outcomes import record
from .scene import Scene, reaped, wait, wait_for_step, wait_until_done

# The app lets this package wrap it, where it is installed.
_WRAPPED = (
    "\ntry:\n    import trouble\nexcept ImportError:\n    pass\nelse:\n    application = trouble.wrap(application)\n"
)
_WHEN_STARTED = "import sys, time\nif '--check-config' not in sys.argv:\n    {}\ndef wrap(app):\n    return app\n"
CRASHES = _WHEN_STARTED.format("raise RuntimeError('not today')")
SLOW = _WHEN_STARTED.format("time.sleep(20)")
ERRORS = """
def wrap(app):
    def broken(environ, start):
        start("500 Oops", [])
        return [b""]
    return broken
"""


def _require(container: Container, *lines: str) -> None:
    with container.requirements.open("a") as file:
        file.write("".join(f"{line}\n" for line in lines))


def bring(container: Container, text: str) -> None:
    """Require a package that loads, and makes trouble when the app is started."""
    make_wheel(container.app, "trouble", "2.0", files={"trouble.py": text})
    _require(container, "./trouble-2.0-py3-none-any.whl")
    with (container.app / "app.py").open("a") as file:
        file.write(_WRAPPED)


def _rebuilt(scene: Scene, *, timeout: float = 10.0) -> Rebuild:
    plan = plan_rebuild(scene.container)
    assert plan.ok, plan.problems
    result = attach(scene.container, launch(scene.container, Request("rebuild", plan, timeout=timeout)))
    assert result is not None
    return result


@pytest.fixture
def fresh(container: Container) -> Scene:
    """A fresh scene."""
    return Scene(container)


def test_a_requirement_that_does_not_exist_stops_the_plan(fresh: Scene) -> None:
    _require(fresh.container, "bottle==99")
    scene = Scene(fresh.container)
    plan = plan_rebuild(scene.container)
    assert not plan.ok
    assert "bottle" in "\n".join(plan.problems)
    with pytest.raises(ConsoleError):
        attach(scene.container, launch(scene.container, Request("rebuild", plan)))
    assert scene.check() == "old"
    record("a requirement that does not exist", "in the plan", "nothing is begun; the plan says why", "old")


def test_a_package_that_cannot_be_had_any_more_stops_the_build(fresh: Scene) -> None:
    container = fresh.container
    wheel = make_wheel(container.app, "fleeting", "1.0")
    _require(container, f"./{wheel.name}")
    scene = Scene(container)
    request = scene.request()
    wheel.unlink()
    result = attach(container, launch(container, request))
    assert result is not None
    assert (result.ok, result.undone) == (False, True)
    assert "fleeting" in result.error
    assert scene.check() == "old"
    record("a package that is gone when it is installed", "in the step install", "taken back, and said", "old")


def test_a_package_that_does_not_build_stops_the_build(fresh: Scene) -> None:
    container = fresh.container
    source = container.app / "stubborn"
    source.mkdir()
    (source / "pyproject.toml").write_text(
        '[project]\nname = "stubborn"\nversion = "1.0"\n[build-system]\nrequires = []\nbuild-backend = "backend"\n'
        'backend-path = ["."]\n'
    )
    (source / "backend.py").write_text("def build_wheel(*arguments, **named):\n    raise SystemExit('no compiler')\n")
    _require(container, "./stubborn")
    scene = Scene(container)
    result = _rebuilt(scene)
    assert (result.ok, result.undone) == (False, True)
    assert "stubborn" in result.error
    assert any("no compiler" in line for line in result.output)
    assert scene.check() == "old"
    record("a package that does not build", "in the step install", "taken back, with the compiler's words", "old")


def test_an_app_that_does_not_load_is_found_by_the_proof(fresh: Scene) -> None:
    container = fresh.container
    lines = container.requirements.read_text().splitlines(keepends=True)
    container.requirements.write_text("".join(line for line in lines if not line.startswith("bottle")))
    scene = Scene(container)
    with Visitors(container.app_port) as visitors:
        result = _rebuilt(scene)
    assert (result.ok, result.undone, result.restart) == (False, True, None)
    assert "bottle" in result.error
    assert visitors.failed == []
    assert scene.check() == "old"
    record("an app that does not load", "in the step prove", "taken back before anything is switched", "old")


@pytest.mark.parametrize(("name", "text"), [("does not start", CRASHES), ("answers with 500", ERRORS)])
def test_an_app_that_is_no_good_with_the_new_packages_gets_the_old_ones_back(
    fresh: Scene, name: str, text: str
) -> None:
    bring(fresh.container, text)
    scene = Scene(fresh.container)
    result = _rebuilt(scene, timeout=5)
    assert (result.ok, result.undone) == (False, True)
    assert result.restart is not None
    assert result.restart.verdict is not None
    assert result.error == result.restart.verdict.title
    assert result.downtime_seconds is not None
    assert scene.check() == "old"
    record(f"an app that {name}", "after the switch", "switched back by itself, with the cause", "old")


def test_where_neither_can_run_it_is_said_and_the_new_one_stays(fresh: Scene) -> None:
    container = fresh.container
    bring(container, CRASHES)
    for link in (container.venv / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/gone/python")
    scene = Scene(container)
    result = _rebuilt(scene, timeout=5)
    assert (result.ok, result.undone) == (False, False)
    assert "stays in place" in result.remedy
    assert result.restart is not None
    assert result.restart.verdict is not None
    assert scene.check(runs=False) == "none"
    record(
        "an app that does not start, the old virtualenv dead", "after the switch", "the new one stays, and said", "none"
    )


def test_an_app_that_takes_its_time_to_start_is_waited_for(fresh: Scene) -> None:
    bring(fresh.container, SLOW)
    scene = Scene(fresh.container)
    result = _rebuilt(scene, timeout=60)
    assert result.ok, result
    assert result.downtime_seconds is not None
    assert result.downtime_seconds > 20
    assert scene.check() == "new"
    record("an app that takes 20 s to start", "after the switch", "waited for, and the downtime told", "new")


def test_without_supervisord_nothing_is_begun(fresh: Scene) -> None:
    request = fresh.request()
    _kill_supervisord(fresh.container)
    with pytest.raises(NothingThere):
        attach(fresh.container, launch(fresh.container, request))
    assert fresh.check(runs=False) == "none"
    _supervisord_is_back(fresh.container)
    assert fresh.check() == "old"
    record("supervisord gone", "before the job", "nothing is begun, and said", "old")


def test_a_supervisord_that_goes_away_while_it_is_built_takes_it_back(fresh: Scene) -> None:
    job = fresh.job(fresh.request())
    with reaped(fresh.run_worker(job)):
        wait_for_step(job, "install")
        _kill_supervisord(fresh.container)
        wait_until_done(job)
    result = _result(job)
    assert (result.ok, result.undone) == (False, True)
    assert "supervisord" in result.error
    _supervisord_is_back(fresh.container)
    assert fresh.check() == "old"
    record("supervisord gone", "in the step install", "taken back, and said", "old")


def test_a_supervisord_that_goes_away_in_the_middle_of_the_switch_leaves_a_whole_virtualenv(fresh: Scene) -> None:
    container = fresh.container
    job = fresh.job(fresh.request())
    with reaped(fresh.run_worker(job)):
        wait_for_step(job, "switch")
        _kill_supervisord(container)
        wait_until_done(job)
    assert not _result(job).ok
    assert (container.venv / "bin" / "python").exists()
    _supervisord_is_back(container)
    fresh.recover()
    runs_from = fresh.check()
    assert runs_from in ("old", "new")
    record("supervisord gone", "in the step switch", "said; /srv/venv is whole, and runs when it is back", "old or new")


def test_a_supervisord_that_goes_away_right_before_the_switch_leaves_nothing_behind(fresh: Scene) -> None:
    container = fresh.container
    request = fresh.request()
    assert request.plan is not None

    def heard(event: Event) -> None:
        if isinstance(event, Step) and event.name == "switch":
            _kill_supervisord(container)

    result = rebuild(container, request.plan, on_event=heard, timeout=10)
    assert (result.ok, result.undone) == (False, True)
    assert "supervisord" in result.error
    assert list(container.venvs.iterdir()) == []
    _supervisord_is_back(container)
    assert fresh.check() == "old"
    record("supervisord gone", "right before the step switch", "taken back, and said", "old")


def test_a_killed_switch_without_supervisord_is_whole_at_once_and_finished_later(fresh: Scene) -> None:
    container = fresh.container
    job = fresh.job(fresh.request())
    with reaped(fresh.run_worker(job, module="console.venv.switch", function="replace_link")):
        pass
    assert not os.path.lexists(container.venv)
    _kill_supervisord(container)
    with pytest.raises(NothingThere):
        fresh.recover()
    assert (container.venv / "bin" / "python").exists()
    _supervisord_is_back(container)
    result = fresh.recover()
    assert result.ok
    assert fresh.check() == "old"
    record("worker killed, then supervisord gone", "in the step switch", "the files at once, the app later", "old")


def test_a_held_lock_is_told_and_nothing_is_done(fresh: Scene) -> None:
    request = fresh.request()
    with held(fresh.container.lock, "static"), pytest.raises(Locked):
        launch(fresh.container, request)
    assert fresh.check() == "old"
    record("another job holds the lock", "before the job", "refused, with who holds it and since when", "old")


def test_requirements_that_change_after_the_plan_are_not_installed(fresh: Scene) -> None:
    request = fresh.request()
    _require(fresh.container, "six")
    scene = Scene(fresh.container)
    with pytest.raises(ConsoleError) as refused:
        attach(scene.container, launch(scene.container, request))
    assert "changed meanwhile" in refused.value.title
    assert scene.check() == "old"
    record("requirements.txt is changed", "between plan and job", "refused: look at the new plan", "old")


def test_a_terminal_that_goes_away_leaves_the_job_running(fresh: Scene) -> None:
    container = fresh.container
    with Terminal(console(container.root, "venv", "rebuild", "--yes")) as terminal:
        terminal.wait_for("Installing")
        terminal.hang_up()
    told = holder(container.lock)
    assert told is not None
    job = find_job(container)
    assert job is not None
    result = attach(container, job)
    assert result is not None
    assert result.ok
    assert fresh.check() == "new"
    record("the terminal is gone", "in the step install", "goes on to its end; the next login joins it", "new")


@pytest.fixture
def small(container: Container) -> Iterator[Container]:
    """A container whose /srv/.venvs, with the old virtualenv in it, lies on a file system of thirty megabytes."""
    if os.geteuid() != 0:
        needs.missing("the right to mount a file system")
    container.venvs.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", container.venvs], check=True)
    theirs = container.venvs / "20200101-000000-original"
    subprocess.run(["cp", "-a", container.venv, theirs], check=True)
    subprocess.run(["rm", "-r", container.venv], check=True)
    container.venv.symlink_to(f".venvs/{theirs.name}")
    yield container
    subprocess.run(["umount", "--lazy", container.venvs], check=True)


def test_a_disk_that_fills_up_takes_it_back_and_is_told(small: Container) -> None:
    make_wheel(small.app, "large", "1.0", files={"large.bin": os.urandom(30_000_000)})
    _require(small, "./large-1.0-py3-none-any.whl")
    scene = Scene(small)
    job = launch(small, scene.request(strategy="beside"))
    result = attach(small, job)
    assert result is not None
    assert (result.ok, result.undone) == (False, True)
    assert "No space left" in result.error
    assert scene.check() == "old"
    record("a full disk", "in the step install", "taken back, and said", "old")


def test_a_disk_that_has_no_room_for_the_journal_still_gets_its_end(container: Container) -> None:
    if os.geteuid() != 0:
        needs.missing("the right to mount a file system")
    container.state_dir.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", container.state_dir], check=True)
    try:
        scene = Scene(container)
        job = scene.job(scene.request())
        with reaped(scene.run_worker(job)):
            wait_for_step(job, "install")
            fill_disk(container.state_dir / "fill")
            wait_until_done(job)
        result = _result(job)
        runs_from = scene.check()
        assert (result.ok, runs_from) in ((True, "new"), (False, "old"))
        record("a disk too full for the journal", "in the step install", "ends in order, by room set aside", runs_from)
    finally:
        subprocess.run(["umount", "--lazy", container.state_dir], check=True)


def fill_disk(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def _result(job: JobFolder) -> Rebuild:
    return from_json(Rebuild, wait_until_done(job)["result"])


def _kill_supervisord(container: Container) -> None:
    """SIGKILL: its programs go on without it."""
    pid = int((container.srv / "run" / "supervisord.pid").read_text())
    psutil.Process(pid).kill()
    wait(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def _supervisord_is_back(container: Container) -> None:
    """The container is started anew, as the hosting would."""
    container_down(container.root)
    container_up(container.root)
