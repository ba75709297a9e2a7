"""Who listens on a port, with real listeners."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from console.container import Container
from console.health import request_path, sockets
from console.health.request_path import listeners, owned_ports
from console.programs.client import Supervisor
from console.results import Listener

LISTENING_CHILD = """
import os, socket, sys, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
os.fork()
time.sleep(1000)
"""

# The kernel begins anew with small numbers after the largest one: told here that it has reached it.
LISTENING_CHILD_WITH_A_SMALLER_NUMBER = """
import os, pathlib, socket, time
listener = socket.create_server(("127.0.0.1", 0))
pathlib.Path("/proc/sys/kernel/ns_last_pid").write_text("300")
child = os.fork()
if child:
    print(listener.getsockname()[1], child, flush=True)
time.sleep(1000)
"""


@pytest.fixture
def other() -> Iterator[tuple[int, int]]:
    """Another process tree that listens: its pid and its port."""
    command = [sys.executable, "-c", LISTENING_CHILD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
        os.killpg(process.pid, 9)


@pytest.fixture(params=["sock_diag", "proc"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to ask the kernel."""
    if request.param == "proc":

        def refuse(_family: int) -> list[tuple[int, int]]:
            raise OSError("sock_diag refused")

        monkeypatch.setattr(sockets, "_by_netlink", refuse)


def test_the_whole_path_of_a_container(shared_container: Container) -> None:
    place = shared_container
    pids = [info["pid"] for info in Supervisor(place.supervisor_socket).all_processes()]
    front, back = listeners((place.http_port, place.app_port), pids)
    assert (front.port, front.listening, front.process) == (place.http_port, True, "nginx")
    assert (back.port, back.listening, back.process) == (place.app_port, True, "gunicorn")
    assert {front.pid, back.pid} == set(pids)  # the masters, not their workers
    assert listeners((place.http_port, place.app_port)) == (front, back)


@pytest.mark.usefixtures("_either_way")
def test_a_listener_is_found_with_and_without_its_tree(other: tuple[int, int]) -> None:
    pid, port = other
    found = listeners((port,), [pid])
    assert found == listeners((port,)) == (Listener(port, True, found[0].process, pid),)
    assert found[0].process


def test_the_master_is_named_although_its_worker_has_a_smaller_number() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may choose the number of the next process")
    command = [sys.executable, "-c", LISTENING_CHILD_WITH_A_SMALLER_NUMBER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as master:
        assert master.stdout is not None
        port, worker = map(int, master.stdout.readline().split())
        named = [listeners((port,)), listeners((port,), [master.pid])]
        os.killpg(master.pid, 9)
    assert worker < master.pid
    assert [[each.pid for each in found] for found in named] == [[master.pid], [master.pid]]


@pytest.mark.usefixtures("_either_way")
def test_only_listening_counts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as connection:
            mine = connection.getsockname()[1]
            assert [one.listening for one in listeners((port, mine))] == [True, False]
    assert listeners((port,)) == (Listener(port, False, None),)
    assert listeners(()) == ()


@pytest.mark.usefixtures("_either_way")
def test_ipv6_counts_too() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listener:
        (found,) = listeners((listener.getsockname()[1],), [os.getpid()])
    assert (found.listening, found.pid) == (True, os.getpid())


@pytest.mark.usefixtures("_either_way")
def test_a_port_belongs_to_the_tree_that_listens_on_it(other: tuple[int, int]) -> None:
    pid, port = other
    with subprocess.Popen(["/bin/sleep", "1000"]) as stranger:
        assert owned_ports((1, port), pid) == (port,)
        assert owned_ports((1, port), os.getpid()) == (port,)  # a descendant's
        assert owned_ports((port,), stranger.pid) == ()
        stranger.kill()
    assert owned_ports((1,), pid) == ()
    assert owned_ports((port,), 2**22 + 1) == ()


def test_where_the_kernel_hides_it_nobody_is_blamed(other: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    pid, port = other
    monkeypatch.setattr(request_path, "listening_sockets", lambda _ports: None)
    assert owned_ports((port,), pid) is None
    assert listeners((port,), [pid]) == (Listener(port, False, None),)


def test_another_users_listener_is_seen_but_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_path, "socket_inodes", lambda _pids: ({}, False))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert listeners((port,), [os.getpid()]) == (Listener(port, True, None),)
        assert owned_ports((port,), os.getpid()) is None
