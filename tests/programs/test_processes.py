"""Process trees and names."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.programs import processes
from console.programs.processes import command_line, name_of, parent, process_name, socket_inodes, tree

from .waiting import wait_for

# Two children, one of them from a thread of its own, and a grandchild.
FAMILY = """
import subprocess, sys, threading
def child(code): subprocess.run([sys.executable, "-c", code])
threading.Thread(target=child, args=("import sys; sys.stdin.read()",)).start()
child("import subprocess, sys; subprocess.run([sys.executable, '-c', 'import sys; sys.stdin.read()'])")
"""


@pytest.fixture
def family() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", FAMILY], stdin=subprocess.PIPE) as process:
        wait_for(lambda: len(psutil.Process(process.pid).children(recursive=True)) == 3)
        yield process


def test_the_tree_has_all_descendants_parents_first(family: subprocess.Popen[bytes]) -> None:
    found = tree(family.pid)
    assert found[0] == family.pid
    assert set(found[1:]) == {child.pid for child in psutil.Process(family.pid).children(recursive=True)}
    for pid in found[1:]:
        assert found.index(psutil.Process(pid).ppid()) < found.index(pid)


def test_a_process_names_its_parent(family: subprocess.Popen[bytes]) -> None:
    assert parent(family.pid) == os.getpid()
    assert {pid: parent(pid) for pid in tree(family.pid)[1:]} == {
        child.pid: child.ppid() for child in psutil.Process(family.pid).children(recursive=True)
    }


def test_a_kernel_without_lists_of_children_is_no_obstacle(
    family: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tree(family.pid)

    def missing(_pid: int) -> list[int]:
        raise FileNotFoundError

    monkeypatch.setattr(processes, "_children", missing)
    assert set(tree(family.pid)) == set(expected)


def test_nothing_is_known_of_a_process_that_has_ended() -> None:
    with subprocess.Popen(["/bin/true"]) as process:
        process.wait()
    assert tree(process.pid) == ()
    assert command_line(process.pid) == ()
    assert process_name(process.pid) is None
    assert parent(process.pid) is None


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["/srv/venv/bin/python", "/srv/venv/bin/gunicorn", "--bind", ":8080"], "gunicorn"),
        (["/srv/venv/bin/python3.11", "-u", "-W", "ignore", "manage.py", "runserver"], "manage.py"),
        (["python", "-m", "uvicorn", "main:app"], "uvicorn"),
        (["python2.7", "-c", "import this"], "python2.7"),
        (["python3"], "python3"),
        (["nginx: master process /usr/sbin/nginx -g daemon off;"], "nginx"),
        (["gunicorn: master [app:application]"], "gunicorn"),
        (["/usr/bin/redis-server *:6379"], "redis-server"),
        (["/usr/bin/node", "server.js"], "node"),
        (["", ""], None),
        (["/"], "/"),
        (["python3", "site/"], "site"),
        ([], None),
    ],
)
def test_a_process_is_called_what_a_person_calls_it(arguments: list[str], name: str | None) -> None:
    assert name_of(arguments) == name


@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_arguments_give_a_name_or_none(arguments: list[str]) -> None:
    name = name_of(arguments)
    assert name is None or name != ""


def test_sockets_are_found_with_their_holder() -> None:
    with socket.socket() as made:
        inode = os.fstat(made.fileno()).st_ino
        held, complete = socket_inodes([os.getpid(), 2**22 + 1])
    assert held[inode] == os.getpid()
    assert complete


def test_another_users_processes_hide_their_sockets() -> None:
    if os.geteuid() == 0:
        os.seteuid(65534)
        try:
            _held, complete = socket_inodes([1])
        finally:
            os.seteuid(0)
    else:
        _held, complete = socket_inodes([1])
    assert not complete


def test_reading_while_processes_come_and_go_never_fails() -> None:
    ended = threading.Event()

    def churn() -> None:
        while not ended.is_set():
            subprocess.run(["/bin/sh", "-c", "/bin/true & /bin/true"], check=True)

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _number in range(300):
            socket_inodes(tree(os.getpid()))
    finally:
        ended.set()
        thread.join()
