"""Rebuilds of a real container: supervisord, gunicorn and virtualenvs as they are."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.errors import ConsoleError, Locked, NothingThere
from console.events import Answered, Cancelled, Event, Output, Progress, Step, StepDone, Stopping
from console.playground import switch_python
from console.programs.control import start, stop
from console.programs.table import read_programs
from console.results import RebuildPlan
from console.venv.generations import previous
from console.venv.marks import MARKER
from console.venv.look import read_venv
from console.venv.plan import plan_rebuild
from console.venv.rebuild import rebuild
from tests import containers, needs
from tests.conftest import MakeContainer
from tests.programs.waiting import wait_for

from .loops import Visitors
from .wheels import make_wheel

STEPS = ["create", "install", "compile", "prove", "switch", "clean-up"]
# Loads when it is only looked at, and not when it is started: what no proof beforehand can find.
TROUBLE = "import sys\nif '--check-config' not in sys.argv:\n    raise RuntimeError('not today')\n"


def _planned(container: Container) -> RebuildPlan:
    plan = plan_rebuild(container)
    assert plan.ok, plan.problems
    return plan


def _add(container: Container, *lines: str) -> None:
    with container.requirements.open("a") as file:
        file.write("".join(f"{line}\n" for line in lines))


def _state(container: Container) -> dict[str, tuple[str, int | None]]:
    return {program.name: (program.state, program.pid) for program in read_programs(container)[1]}


def _folders(container: Container) -> list[str]:
    return sorted(each.name for each in container.venvs.iterdir()) if container.venvs.exists() else []


def _bring_trouble(container: Container) -> None:
    """Require a package with which the app loads, but does not start."""
    make_wheel(container.app, "trouble", "2.0", files={"trouble.py": TROUBLE})
    _add(container, "./trouble-2.0-py3-none-any.whl")
    code = container.app / "app.py"
    code.write_text("try:\n    import trouble\nexcept ImportError:\n    pass\n" + code.read_text())


def _answers(container: Container) -> bool:
    with Visitors(container.app_port) as visitors:
        time.sleep(0.2)
    return bool(visitors.answered) and not visitors.failed


def _run_elsewhere(container: Container, step: str, number: signal.Signals) -> int:
    """A rebuild in a process of its own that gets a signal when ``step`` begins; its exit code."""
    code = (
        "import os, sys\nfrom console.container import find_container\nfrom console.events import Step\n"
        "from console.venv.plan import plan_rebuild\nfrom console.venv.rebuild import rebuild\n"
        "def heard(event):\n"
        "    if isinstance(event, Step) and event.name == sys.argv[2]:\n"
        "        os.kill(os.getpid(), int(sys.argv[3]))\n"
        "container = find_container(sys.argv[1])\nrebuild(container, plan_rebuild(container), on_event=heard)\n"
    )
    words = [sys.executable, "-c", code, str(container.root), step, str(int(number))]
    return subprocess.run(words, cwd=Path(__file__).parents[2], check=False).returncode


@pytest.fixture
def untouched(shared_container: Container) -> Iterator[Container]:
    """A container whose rebuild does not come to its end: the same processes and files as before, then."""
    requirements = shared_container.requirements.read_bytes()
    before = _state(shared_container)
    yield shared_container
    shared_container.requirements.write_bytes(requirements)
    assert _state(shared_container) == before
    assert shared_container.venv.is_dir()
    assert not shared_container.venv.is_symlink()
    assert _folders(shared_container) == []
    assert _answers(shared_container)


@pytest.fixture(scope="module")
def used() -> Iterator[Container]:
    """A container that several tests rebuild, one after the other; its app runs before and after each."""
    needs.program("nginx")
    made = containers.make()
    yield made
    containers.remove(made.root)


def test_visitors_notice_a_rebuild_as_a_restart_only(
    container: Container, record_property: Callable[[str, object], None]
) -> None:
    older = container.venvs / "20200101-000000-py3.8.1"
    older.mkdir(parents=True)
    (older / "large").write_bytes(bytes(1_000_000))
    plan = _planned(container)
    events: list[tuple[float, Event]] = []
    with Visitors(container.app_port) as visitors:
        time.sleep(0.1)
        result = rebuild(container, plan, on_event=lambda event: events.append((time.monotonic(), event)))
        time.sleep(0.1)
    assert result.ok, result
    assert (result.undone, result.error, result.note) == (False, "", "")

    assert [event.name for _moment, event in events if isinstance(event, Step)] == STEPS
    assert [event.name for _moment, event in events if isinstance(event, StepDone)] == STEPS
    fractions = [event.fraction for _moment, event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any(isinstance(event, Output) and "Installed" in event.line for _moment, event in events)

    stopping = next(moment for moment, event in events if isinstance(event, Stopping))
    answered = next(moment for moment, event in events if isinstance(event, Answered))
    assert all(stopping <= moment <= answered + 0.1 for moment in visitors.failed)
    assert result.downtime_seconds is not None
    assert result.downtime_seconds < answered - stopping + 0.1
    requests = len(visitors.answered) + len(visitors.failed)
    record_property("failed_requests", f"{len(visitors.failed)} of {requests}")
    record_property("downtime_seconds", result.downtime_seconds)

    assert read_venv(container, probe=True) == result.venv
    assert read_venv(container, requirements=True).unmet == ()
    assert (result.venv.state, result.venv.rollback) == ("ok", True)
    assert container.venv.readlink().parent == Path(".venvs")
    assert result.kept == previous(container)
    assert result.kept is not None
    assert result.kept.name.endswith("-original")
    assert not (container.venv / MARKER).exists()
    assert list(container.venv.glob("lib/*/site-packages/gunicorn/__pycache__/*.pyc"))
    assert "prompt = " in (container.venv / "pyvenv.cfg").read_text()
    assert not older.exists()
    assert result.freed_bytes >= 1_000_000


def test_a_requirement_that_cannot_be_had_leaves_everything_as_it_was(untouched: Container) -> None:
    plan = _planned(untouched)
    _add(untouched, "bottle==99")
    result = rebuild(untouched, replace(plan, requirements_digest=""))
    assert not result.ok
    assert "bottle==99" in result.error
    assert result.output
    with pytest.raises(ConsoleError) as refused:
        rebuild(untouched, plan_rebuild(untouched))
    assert "bottle==99" in refused.value.cause


def test_an_app_that_does_not_load_is_found_before_anything_is_switched(untouched: Container) -> None:
    lines = untouched.requirements.read_text().splitlines(keepends=True)
    untouched.requirements.write_text("".join(line for line in lines if not line.startswith("bottle")))
    result = rebuild(untouched, _planned(untouched))
    assert not result.ok
    assert "bottle" in result.error
    assert result.restart is None


def test_a_job_taken_back_in_any_step_leaves_nothing_behind(untouched: Container) -> None:
    plan = _planned(untouched)
    for step in STEPS[:4]:
        cancel = threading.Event()

        def heard(event: Event, step: str = step, cancel: threading.Event = cancel) -> None:
            if isinstance(event, Step) and event.name == step:
                cancel.set()

        with pytest.raises(Cancelled):
            rebuild(untouched, plan, on_event=heard, cancel=cancel)
        assert _folders(untouched) == []


def test_an_exception_of_the_listener_takes_the_job_back(untouched: Container) -> None:
    def heard(event: Event) -> None:
        if isinstance(event, Output) and event.line.startswith("Resolved"):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        rebuild(untouched, _planned(untouched), on_event=heard)


def test_two_rebuilds_at_once_are_one_too_many(untouched: Container) -> None:
    plan = _planned(untouched)
    refused: list[Locked] = []

    def heard(event: Event) -> None:
        if isinstance(event, Step) and event.name == "install":
            try:
                rebuild(untouched, plan)
            except Locked as error:
                refused.append(error)
            raise Cancelled

    with pytest.raises(Cancelled):
        rebuild(untouched, plan, on_event=heard)
    assert "rebuild" in str(refused[0])


def test_a_signal_before_the_switch_ends_the_job_in_order(untouched: Container) -> None:
    assert _run_elsewhere(untouched, "install", signal.SIGHUP) == -signal.SIGHUP


def test_a_half_built_folder_of_a_killed_rebuild_is_swept_by_the_next(untouched: Container) -> None:
    assert _run_elsewhere(untouched, "compile", signal.SIGKILL) == -signal.SIGKILL
    (half,) = _folders(untouched)
    assert (untouched.venvs / half / MARKER).exists()
    assert _answers(untouched)
    left = untouched.venvs / half / "left"  # the next folder may have the same name, within one second
    left.touch()
    swept = []

    def heard(event: Event) -> None:
        swept.append(not left.exists())
        raise Cancelled

    with pytest.raises(Cancelled):
        rebuild(untouched, _planned(untouched), on_event=heard)
    assert swept == [True]


def test_without_supervisord_nothing_is_begun(untouched: Container) -> None:
    plan = _planned(untouched)
    gone = replace(untouched, supervisor_socket=untouched.srv / "run" / "gone.sock")
    with pytest.raises(NothingThere):
        rebuild(gone, plan)


def test_a_signal_after_the_switch_has_begun_waits_for_its_end(used: Container) -> None:
    assert _run_elsewhere(used, "switch", signal.SIGHUP) == -signal.SIGHUP
    assert used.venv.is_symlink()
    assert _answers(used)


def test_from_the_switch_on_nothing_takes_it_back(used: Container) -> None:
    cancel = threading.Event()
    seen: list[Event] = []

    def heard(event: Event) -> None:
        seen.append(event)
        if isinstance(event, Stopping):
            cancel.set()
            raise Cancelled

    assert rebuild(used, _planned(used), on_event=heard, cancel=cancel).ok
    assert isinstance(seen[-1], StepDone)
    assert _answers(used)


def test_a_listener_that_breaks_in_the_middle_of_the_switch_does_not_leave_the_app_stopped(used: Container) -> None:
    before = used.venv.resolve()

    def heard(event: Event) -> None:
        if isinstance(event, Stopping):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        rebuild(used, _planned(used), on_event=heard)
    assert used.venv.resolve() != before
    assert _state(used)["app"][0] == "RUNNING"
    assert _answers(used)


def test_a_stopped_app_stays_stopped(used: Container) -> None:
    plan = _planned(used)
    before = used.venv.resolve()
    assert stop(used, "app").ok
    try:
        result = rebuild(used, plan)
        assert (result.ok, result.restart, result.downtime_seconds) == (True, None, None)
        assert result.note
        assert _state(used)["app"][0] == "STOPPED"
        assert used.venv.resolve() != before
    finally:
        start(used, "app")


def test_an_old_python_gets_its_virtualenv_by_its_own_tools(used: Container) -> None:
    python = needs.interpreter("3.8")
    result = rebuild(used, plan_rebuild(used, python=python.path))
    assert result.ok, result
    assert (result.venv.python, result.venv.made_by) == (python.version, "venv")
    assert shutil.which("pip", path=str(used.venv / "bin"))
    assert _answers(used)


def test_pip_installs_from_a_file_that_uv_cannot_read(used: Container) -> None:
    requirements = used.requirements.read_text()
    used.requirements.write_text(requirements.replace("bottle>=0.12\n", "bottle>=0.12 --config-settings=a=b\n"))
    assert used.requirements.read_text() != requirements
    heard: list[Event] = []
    try:
        result = rebuild(used, _planned(used), on_event=heard.append)
    finally:
        used.requirements.write_text(requirements)
    assert result.ok, result
    assert any(isinstance(event, Output) and event.line.startswith("Collecting bottle") for event in heard)
    assert _answers(used)


def test_a_symlink_of_somebody_else_is_followed_and_its_folder_kept(used: Container) -> None:
    theirs = used.srv / "envs" / "mine"
    shutil.copytree(used.venv.resolve(), theirs, symlinks=True)
    used.venv.unlink()
    used.venv.symlink_to("envs/mine")
    result = rebuild(used, _planned(used))
    assert result.ok
    assert result.kept == theirs
    assert (theirs / "pyvenv.cfg").is_file()


def test_an_app_that_does_not_start_with_the_new_packages_gets_the_old_ones_back_by_itself(
    container: Container,
) -> None:
    _bring_trouble(container)
    before = _state(container)
    result = rebuild(container, _planned(container), timeout=3)
    assert (result.ok, result.undone) == (False, True)
    assert result.restart is not None
    assert result.restart.verdict is not None
    assert "not today" in repr(result.restart.verdict)
    assert result.error == result.restart.verdict.title
    assert result.downtime_seconds is not None
    after = _state(container)
    assert after["app"][0] == "RUNNING"
    assert after["app"][1] != before["app"][1]
    assert (container.venv.is_symlink(), _folders(container)) == (False, [])
    assert _answers(container)


def test_an_app_behind_a_shell_that_keeps_the_stop_to_itself_is_proved_and_restarted_too(container: Container) -> None:
    """The shell alone would end, and gunicorn keep the port from the next start."""
    program = container.srv / "conf" / "supervisor.d" / "python.conf"
    text = program.read_text()
    command = next(line for line in text.splitlines() if line.startswith("command=")).removeprefix("command=")
    program.write_text(text.replace(command, f"/bin/sh -c {shlex.quote(f'{command}; true')}"))
    subprocess.run([container.srv / "bin" / "supervisorctl", "update"], check=True, capture_output=True)
    wait_for(lambda: _answers(container))
    code = container.app / "app.py"
    sound = code.read_text()
    code.write_text(f"import nosuchmodule\n{sound}")
    unproved = rebuild(container, _planned(container))
    assert (unproved.ok, unproved.undone, unproved.restart) == (False, True, None)
    assert "nosuchmodule" in unproved.error
    assert not container.venv.is_symlink()
    code.write_text(sound)
    result = rebuild(container, _planned(container))
    assert result.ok
    assert result.restart is not None
    assert [each.partition(" ")[0] for each in result.restart.orphans] == ["gunicorn"]
    assert _answers(container)


def test_a_dead_virtualenv_is_rebuilt_and_where_it_fails_the_new_one_stays(
    make_container: MakeContainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    new, old = needs.interpreters(2)
    container = make_container(python=old.version)
    switch_python(container.root, new.version)
    container = find_container(container.root)
    assert read_venv(container).state == "dead"
    plan = _planned(container)
    assert (plan.from_python, plan.to_python) == (old.version, new.version)
    assert {change.how for change in plan.packages} <= {"kept", "wheel", "removed"}
    heard: list[tuple[str, bool]] = []

    def hear(event: Event) -> None:
        if isinstance(event, Step):
            heard.append((event.name, _answers(container)))
        if isinstance(event, Step) and event.name == "switch":
            (new,) = container.venvs.glob("*/lib/*/site-packages/gunicorn")
            proved = {path.name.split(".")[0] for path in new.glob("*/__pycache__/*")}
            # What the app loads, by the proof; the start waits for no more than that.
            assert {"wsgiapp"} <= proved < {path.stem for path in new.glob("*/*.py")}

    result = rebuild(container, plan, on_event=hear)
    assert result.ok, result
    assert (result.venv.state, result.venv.python, result.venv.rollback) == ("ok", new.version, False)
    assert _state(container)["app"][0] == "RUNNING"
    assert _answers(container)
    # The app is down, and waits for nothing that its start does not need.
    assert [name for name, _answered in heard] == ["create", "install", "prove", "switch", "compile-rest", "clean-up"]
    assert [answered for _name, answered in heard] == [False] * 4 + [True] * 2
    modules = {path.stem for path in container.venv.glob("lib/*/site-packages/gunicorn/*.py")}
    compiled = {path.name.split(".")[0] for path in container.venv.glob("lib/*/site-packages/gunicorn/__pycache__/*")}
    assert modules == compiled

    (container.venv / "bin" / "python").unlink()
    _bring_trouble(container)
    failed = rebuild(container, _planned(container), timeout=3)
    assert (failed.ok, failed.undone) == (False, False)
    assert "stays in place" in failed.remedy
    assert failed.venv.state == "ok"
    assert failed.venv.target != result.venv.target


@pytest.fixture
def tiny(container: Container) -> Iterator[Container]:
    """A container whose /srv/.venvs lies on a file system of twelve megabytes."""
    if os.geteuid() != 0:
        needs.missing("the right to mount a file system")
    theirs = container.srv / "envs"
    theirs.mkdir()
    container.venv.rename(theirs / "mine")
    container.venv.symlink_to("envs/mine")
    container.venvs.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", container.venvs], check=True)
    yield container
    subprocess.run(["umount", container.venvs], check=True)


def test_a_disk_that_is_full_once_the_app_runs_costs_byte_code_only(tiny: Container) -> None:
    for link in (tiny.venv / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/gone/python")
    fill = tiny.venvs / "fill"

    def hear(event: Event) -> None:
        if isinstance(event, Step) and event.name == "compile-rest":
            with fill.open("wb", buffering=0) as file, pytest.raises(OSError):
                while True:
                    file.write(bytes(4096))
        if isinstance(event, StepDone) and event.name == "compile-rest":
            told.append(event.detail)

    told: list[str] = []
    result = rebuild(tiny, replace(plan_rebuild(tiny, strategy="beside"), ok=True, problems=()), on_event=hear)
    fill.unlink()
    assert result.ok, result
    assert told == ["The disk is full. The next start does the rest."]
    assert result.venv.state == "ok"
    assert _answers(tiny)


def test_a_full_disk_in_the_middle_leaves_everything_as_it_was(tiny: Container) -> None:
    make_wheel(tiny.app, "large", "1.0", files={"large.bin": bytes(20_000_000)})
    _add(tiny, "./large-1.0-py3-none-any.whl")
    plan = plan_rebuild(tiny)
    before = _state(tiny)
    result = rebuild(tiny, replace(plan, ok=True, problems=()))
    assert not result.ok
    assert "No space left" in result.error
    assert _folders(tiny) == []
    assert _state(tiny) == before
    assert tiny.venv.readlink() == Path("envs/mine")
    assert _answers(tiny)
