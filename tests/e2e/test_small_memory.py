"""A container whose memory is hardly more than its site's: a real memory cgroup with supervisord, nginx, the app and
the console in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from console.container import Container
from console.lock import holder
from console.own_python import own_command
from tests import containers
from tests.memory_group import MemoryGroup, memory_group_or_skip
from tests.terminal import Terminal, console
from tests.venv.loops import Visitors

from .test_console import UP, pid_of

BALLAST = 45_000_000  # of the app: it fits a second time into none of the limits here
FOR_JOB = 70_000_000  # what follows a job, its worker, and what is at work beside it
TOO_LITTLE = 26_000_000  # for the console by itself, not for the resolver beside it
WITHOUT_COMPILING = 119_000_000  # for the app, what follows a job and its worker, not for a step beside them
SCREENS = 75_000_000  # for the screens, not for a job beside them

# Takes more and more memory until the process of its argument has ended, be it that nobody has waited for it yet.
GROWING = """
import sys, time
taken = []
while open(f"/proc/{sys.argv[1]}/cmdline").read():
    taken.append(b"x" * 500_000)
    time.sleep(0.005)
"""


@pytest.fixture
def group() -> Iterator[MemoryGroup]:
    with memory_group_or_skip() as group:
        yield group


@pytest.fixture
def site(group: MemoryGroup) -> Iterator[Container]:
    """A container in the group, whose app is large."""
    made = containers.make(supervisord=group.inside(own_command("supervisor.supervisord")))
    try:
        code = made.app / "app.py"
        code.write_text(f"ballast = b'x' * {BALLAST}\n" + code.read_text())
        _console(made, "restart")
        yield made
    finally:
        group.limit(None)
        containers.remove(made.root)


def _console(site: Container, *words: str, group: MemoryGroup | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "console", "--root", str(site.root), *words]
    return subprocess.run(
        group.inside(command) if group is not None else command, capture_output=True, text=True, check=False
    )


def _longest_gap(visitors: Visitors) -> float:
    return max(later - earlier for earlier, later in pairwise(visitors.answered))


def test_a_rebuild_finds_room_and_the_start_is_the_proof(site: Container, group: MemoryGroup) -> None:
    group.limit(group.held + FOR_JOB)
    with Visitors(site.app_port) as visitors:
        done = _console(site, "venv", "rebuild", "--yes", group=group)
        time.sleep(0.5)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "its start will show whether it loads" in done.stdout + done.stderr
    assert os.path.realpath(site.venv).startswith(str(site.venvs))
    assert group.killed == 0
    assert _longest_gap(visitors) < 5


def test_an_app_whose_start_shows_that_it_does_not_load_is_taken_back(site: Container, group: MemoryGroup) -> None:
    own = next(site.venv.glob("lib/python*/site-packages"))
    (own / "only_here.py").touch()
    code = site.app / "app.py"
    code.write_text("import only_here\n" + code.read_text())
    assert _console(site, "restart").returncode == 0
    group.limit(group.held + FOR_JOB)

    done = _console(site, "venv", "rebuild", "--yes", "--timeout", "10", group=group)

    assert done.returncode == 1
    assert "The app runs from the virtualenv before again." in done.stdout
    assert "only_here" in done.stdout
    assert not site.venv.is_symlink()
    with Visitors(site.app_port) as visitors:
        time.sleep(0.5)
    assert visitors.answered
    assert not visitors.failed


def test_where_memory_runs_out_the_job_is_ended_and_never_the_app(site: Container, group: MemoryGroup) -> None:
    before = pid_of(site, "app")
    group.limit(group.held + TOO_LITTLE)
    with Visitors(site.app_port) as visitors:
        done = _console(site, "venv", "rebuild", "--yes", group=group)
    assert done.returncode != 0
    assert group.killed > 0
    assert pid_of(site, "app") == before
    assert not visitors.failed
    assert not site.venv.is_symlink()
    assert not site.venvs.exists() or list(site.venvs.iterdir()) == []


def test_a_worker_that_the_kernel_ends_says_why(site: Container, group: MemoryGroup) -> None:
    before = pid_of(site, "app")
    group.limit(group.held + FOR_JOB)
    with Terminal(group.inside(console(site.root, "venv", "rebuild", "--yes")), cwd=Path.cwd()) as terminal:
        terminal.wait_for(r"\[1/6\]", 60)
        told = holder(site.lock)
        assert told is not None
        worker = psutil.Process(int(str(told["pid"])))
        worker.suspend()  # so that it is not one of its programs that is ended, which it would tell of itself
        subprocess.run(group.inside([sys.executable, "-c", GROWING, str(worker.pid)]), check=True, timeout=60)
        terminal.wait_for("The job was killed before its end")
        assert terminal.wait_for_end(60) == 1
        said = "".join(terminal.text.split())  # lines are cut where the terminal ends
        assert "thekernelhasendedprocessestomakeroom" in said
        assert "takeaplanwithmore" in said
    assert group.killed > 0
    assert pid_of(site, "app") == before
    assert not site.venv.is_symlink()
    assert list(site.venvs.iterdir()) == []


def test_what_is_compiled_last_is_left_where_it_does_not_fit(site: Container, group: MemoryGroup) -> None:
    for link in (site.venv / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/gone/python")
    _console(site, "stop")
    group.limit(group.held + WITHOUT_COMPILING)
    done = _console(site, "venv", "rebuild", "--yes", "--strategy", "beside", group=group)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "There is no memory for that beside the app" in done.stderr
    assert group.killed == 0
    with Visitors(site.app_port) as visitors:
        time.sleep(0.5)
    assert visitors.answered
    assert not visitors.failed


def test_the_screens_make_room_and_come_back(site: Container, group: MemoryGroup) -> None:
    group.limit(group.held + SCREENS)
    with Terminal(group.inside(console(site.root)), cwd=Path.cwd()) as terminal:
        terminal.wait_for(UP, 30)
        terminal.press("v")
        terminal.wait_for("b Rebuild")
        terminal.press("b")
        terminal.wait_for("There is no memory for the screens and a rebuild at once")
        terminal.press("y")
        terminal.wait_for(r"Rebuild the virtualenv\? \[y/N\]", 60)
        terminal.press("y\r")
        terminal.wait_for("Enter goes back to the screens", 120)
        assert "app answered again" in terminal.text
        terminal.press("\r")
        terminal.wait_for(UP, 30)
    assert group.killed == 0
    assert os.path.realpath(site.venv).startswith(str(site.venvs))


def test_ctrl_c_takes_the_job_back_there_too(site: Container, group: MemoryGroup) -> None:
    group.limit(group.held + FOR_JOB)
    with Terminal(group.inside(console(site.root, "venv", "rebuild", "--yes")), cwd=Path.cwd()) as terminal:
        terminal.wait_for(r"\[1/6\]", 60)
        terminal.press("\x03")
        terminal.wait_for("Taken back. Nothing was changed.")
        assert terminal.wait_for_end() == 130
    assert not site.venv.is_symlink()
    assert list(site.venvs.iterdir()) == []
