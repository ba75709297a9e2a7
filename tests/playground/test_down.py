"""Stopping: everything that was started, and nothing else."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.container import Container
from console.errors import NothingThere
from console.health.http import ask
from console.playground import container_down, container_status, container_up, supervisord
from console.playground.processes import Process, find_process, own_processes
from console.playground.record import read_record, write_record

from .. import containers, needs


@pytest.fixture(scope="module")
def _made() -> Iterator[Container]:
    needs.program("nginx")
    made = containers.make(running=False)
    yield made
    containers.remove(made.root)


@pytest.fixture
def container(_made: Container) -> Container:
    """One container for all tests here, started again for each: they only end it, in many ways."""
    container_up(_made.root)
    return _made


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with any container."""
    with subprocess.Popen(["sleep", "300"]) as process:
        yield process
        process.kill()


def kill_supervisord(container: Container) -> int:
    """End supervisord without a chance to stop its programs; its pid."""
    pid = container_status(container.root).supervisord_pid
    assert pid is not None
    process = find_process(pid)
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while process is not None and process.running and time.monotonic() < deadline:
        time.sleep(0.01)
    return pid


def silent(container: Container) -> bool:
    return ask(container.http_port).status is None and ask(container.app_port).status is None


def test_down_ends_the_whole_tree_and_another_down_has_nothing_to_do(container: Container) -> None:
    pid = container_status(container.root).supervisord_pid
    assert len(own_processes(container.root, pid)) >= 5  # supervisord, gunicorn and a worker, nginx and a worker
    assert container_down(container.root).changed
    assert own_processes(container.root, pid) == ()
    assert silent(container)
    again = container_down(container.root)
    assert (again.changed, again.running) == (False, False)


def test_what_a_killed_supervisord_left_behind_is_ended(container: Container) -> None:
    pid = kill_supervisord(container)
    assert ask(container.http_port).status == 200  # nginx and gunicorn go on as orphans
    assert container_status(container.root).running is False
    down = container_down(container.root)
    assert down.changed
    assert silent(container)
    assert own_processes(container.root, pid) == ()


def test_workers_of_a_killed_nginx_are_ended_too(container: Container) -> None:
    kill_supervisord(container)
    os.kill(int((container.srv / "run/nginx.pid").read_text()), signal.SIGKILL)
    container_down(container.root)
    assert silent(container)


def test_up_after_a_killed_supervisord_ends_the_orphans_first(container: Container) -> None:
    old = kill_supervisord(container)
    up = container_up(container.root)
    assert up.running
    assert up.supervisord_pid != old
    assert ask(container.http_port).status == 200
    state = {program.name: program.state for program in up.programs}
    assert set(state) == {"app", "nginx"}
    assert "FATAL" not in state.values()


def test_a_program_that_ignores_being_told_to_end_is_killed(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisord, "ORPHAN_SECONDS", 0.5)
    stubborn = container.app / "stubborn.py"
    stubborn.write_text(
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nopen('ready', 'w')\ntime.sleep(300)\n"
    )
    environment = {"ROSTI_PLAYGROUND": str(container.root), "PATH": os.defpath}
    # As a program of the container that has made itself a daemon.
    with subprocess.Popen([sys.executable, stubborn], env=environment, cwd=container.app) as process:
        deadline = time.monotonic() + 20
        while not (container.app / "ready").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        container_down(container.root)
        assert process.wait(10) == -signal.SIGKILL


def test_a_pid_that_passed_to_another_process_is_not_touched(
    container: Container, bystander: subprocess.Popen[bytes]
) -> None:
    container_down(container.root)
    record = read_record(container.root)
    now = find_process(bystander.pid)
    assert record is not None
    assert now is not None
    for old in (
        dataclasses.replace(now, started=now.started - 1),
        dataclasses.replace(now, boot="another boot"),
    ):
        write_record(container.root, dataclasses.replace(record, process=old))
        assert container_status(container.root).running is False
        assert container_down(container.root).running is False
        assert bystander.poll() is None


def test_a_shell_in_the_folder_and_another_container_are_left_alone(
    container: Container, shared_container: Container
) -> None:
    other = container_status(shared_container.root)
    with subprocess.Popen(["sleep", "300"], cwd=container.srv / "var/nginx") as shell:
        container_down(container.root)
        assert shell.poll() is None
        shell.kill()
    assert container_status(shared_container.root) == other
    assert ask(shared_container.http_port).status == 200


def test_a_supervisord_started_by_hand_is_left_alone_and_told(container: Container) -> None:
    container_down(container.root)
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(container.supervisor_conf)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as by_hand:
        try:
            deadline = time.monotonic() + 20
            while ask(container.app_port).status is None and time.monotonic() < deadline:
                time.sleep(0.02)
            down = container_down(container.root)
            assert down.running is False
            assert "other means" in " ".join(down.notes)
            assert by_hand.poll() is None
            assert ask(container.app_port).status == 200
        finally:
            by_hand.terminate()


@pytest.mark.parametrize("operation", [container_down, container_status])
def test_a_folder_without_a_playground_is_nothing_there(operation: object, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(NothingThere, match="no playground"):
        operation(tmp_path)  # type: ignore[operator]
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_zombie_counts_as_ended() -> None:
    with subprocess.Popen(["true"]) as process:
        deadline = time.monotonic() + 10
        while find_process(process.pid) is not None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert find_process(process.pid) is None
        assert Path(f"/proc/{process.pid}").exists()


def test_a_process_is_known_by_more_than_its_pid() -> None:
    me = find_process(os.getpid())
    assert me is not None
    assert me.running
    assert not Process(me.pid, me.started + 1, me.boot).running
    assert not Process(me.pid, me.started, "another boot").running
