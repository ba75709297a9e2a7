"""Servers that a shell started and did not stop: found after the stop, and ended, whoever is asked to stop them."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.events import Event, OrphansEnded
from console.health.http import ask
from console.programs.control import restart, stop
from console.programs.orphans import Descendant, descendants, end_orphans, find_orphans
from console.programs.processes import started

from .sandbox import Sandbox
from .waiting import wait_for

# What the shell starts: a process that listens, with a child that shares its port, and one that only works.
FAMILY = """
import os, signal, socket, sys, time
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    os.fork()
time.sleep(1000)
"""


@pytest.fixture(params=["", "deaf"])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A shell that has started a family, and does not become it."""
    script = tmp_path / "family.py"
    script.write_text(FAMILY)
    line = f"{shlex.join([sys.executable, '-I', '-S', str(script), request.param])}; true"
    with subprocess.Popen(["/bin/sh", "-c", line], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        wait_for(lambda: len(descendants(process.pid)) == 3)
        yield process
        os.killpg(process.pid, signal.SIGKILL)


def test_what_a_shell_leaves_behind_on_a_port_is_ended_with_its_children(shell: subprocess.Popen[bytes]) -> None:
    before = descendants(shell.pid)
    listener = before[0].pid
    worker = next(each for each in before[1:] if not _listens(each.pid))
    assert all(started(each.pid) == each.began for each in before)
    shell.kill()
    shell.wait()
    assert find_orphans(before) == (listener,)
    (ended,) = end_orphans([listener], 0.5)
    assert ended.endswith(f" {listener}")
    assert find_orphans(before) == ()
    assert [each for each in before if started(each.pid) == each.began and each != worker] == []


def _listens(pid: int) -> bool:
    return bool(find_orphans([Descendant(pid, started(pid) or 0)]))


def test_what_does_not_listen_is_left_alone(shell: subprocess.Popen[bytes]) -> None:
    quiet = tuple(each for each in descendants(shell.pid) if not _listens(each.pid))
    assert find_orphans(quiet) == ()
    assert find_orphans(()) == ()


def test_a_later_process_with_the_same_number_is_another_one() -> None:
    with socket.create_server(("127.0.0.1", 0)):
        began = started(os.getpid())
        assert began is not None
        assert find_orphans([Descendant(os.getpid(), began)]) == (os.getpid(),)
        assert find_orphans([Descendant(os.getpid(), began - 1)]) == ()


def _behind_a_shell(sandbox: Sandbox) -> None:
    sandbox.add("app", f"/bin/sh -c {shlex.quote(f'{sandbox.server()}; true')}")
    sandbox.up()
    wait_for(lambda: ask(sandbox.container.app_port).ok)


def test_a_restart_takes_the_port_from_what_the_shell_has_left_behind(any_sandbox: Sandbox) -> None:
    _behind_a_shell(any_sandbox)
    (server,) = descendants(any_sandbox.pid("app"))
    heard: list[Event] = []
    result = restart(any_sandbox.container, "app", on_event=heard.append)
    assert (result.ok, result.state) == (True, "RUNNING")
    assert [name.rpartition(" ")[2] for name in result.orphans] == [str(server.pid)]
    assert OrphansEnded("app", result.orphans) in heard
    assert started(server.pid) is None
    assert result.downtime_seconds is not None


def test_a_stop_ends_it_too(sandbox: Sandbox) -> None:
    _behind_a_shell(sandbox)
    result = stop(sandbox.container, "app")
    assert (result.ok, len(result.orphans)) == (True, 1)
    assert not ask(sandbox.container.app_port).ok


def test_a_program_that_ends_whole_leaves_nothing_to_tell(sandbox: Sandbox) -> None:
    sandbox.add("app", f"/bin/sh -c {shlex.quote(f'{sandbox.server()}; true')}", stopasgroup="true")
    sandbox.up()
    wait_for(lambda: ask(sandbox.container.app_port).ok)
    result = restart(sandbox.container, "app")
    assert (result.ok, result.orphans) == (True, ())
