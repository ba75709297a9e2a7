"""The client against real supervisords, the oldest and the newest, and against sockets that are none."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from console.errors import NothingThere
from console.programs.client import Supervisor
from console.programs.faults import Code, SupervisorFault
from console.programs.processes import command_line

from .sandbox import Sandbox
from .waiting import wait_for

SLEEP = "/bin/sleep 1000"


def test_tells_state_version_and_pid_of_supervisord(any_sandbox: Sandbox) -> None:
    any_sandbox.up()
    client = any_sandbox.client
    assert client.state() == "RUNNING"
    assert client.version() == any_sandbox.supervisord.version
    os.kill(client.pid(), 0)


def test_starts_signals_and_stops_a_program(any_sandbox: Sandbox) -> None:
    any_sandbox.add("worker", SLEEP, autostart="false")
    client = any_sandbox.up().client
    assert client.process("worker")["statename"] == "STOPPED"
    client.start("worker")
    assert client.process("worker")["statename"] == "RUNNING"
    wait_for(lambda: command_line(client.process("worker")["pid"])[:1] == ("/bin/sleep",))
    before = client.process("worker")["pid"]
    client.signal("worker", "TERM")
    wait_for(lambda: client.process("worker")["pid"] not in (0, before))  # autorestart
    wait_for(lambda: command_line(client.process("worker")["pid"])[:1] == ("/bin/sleep",))
    client.stop("worker")
    wait_for(lambda: client.process("worker")["statename"] == "STOPPED")


def test_start_with_wait_answers_when_the_program_is_running(any_sandbox: Sandbox) -> None:
    any_sandbox.add("worker", SLEEP, autostart="false", startsecs=1)
    client = any_sandbox.up().client
    client.start("worker", wait=True)
    assert client.process("worker")["statename"] == "RUNNING"
    client.stop("worker", wait=True)
    assert client.process("worker")["statename"] == "STOPPED"


def test_members_of_a_group_have_names_of_their_own(any_sandbox: Sandbox) -> None:
    any_sandbox.add("worker", SLEEP, process_name="%(program_name)s_%(process_num)02d", numprocs=2)
    client = any_sandbox.up().client
    names = [(info["group"], info["name"]) for info in client.all_processes()]
    assert names == [("worker", "worker_00"), ("worker", "worker_01")]
    assert client.process("worker:worker_01")["statename"] == "RUNNING"
    assert {config["name"] for config in client.configs()} == {"worker_00", "worker_01"}


def test_every_refusal_is_an_error_with_its_code_and_a_remedy(any_sandbox: Sandbox) -> None:
    any_sandbox.add("running", SLEEP)
    any_sandbox.add("stopped", SLEEP, autostart="false")
    any_sandbox.add("nofile", "/no/such/program", autostart="false")
    any_sandbox.add("notexecutable", str(any_sandbox.container.supervisor_conf), autostart="false")
    client = any_sandbox.up().client
    refused: list[tuple[Callable[[], object], Code]] = [
        (lambda: client.start("nobody"), Code.BAD_NAME),
        (lambda: client.stop("nobody"), Code.BAD_NAME),
        (lambda: client.process("nobody"), Code.BAD_NAME),
        (lambda: client.start("running"), Code.ALREADY_STARTED),
        (lambda: client.stop("stopped"), Code.NOT_RUNNING),
        (lambda: client.signal("running", "NOSUCH"), Code.BAD_SIGNAL),
        (lambda: client.start("nofile"), Code.NO_FILE),
        (lambda: client.start("notexecutable"), Code.NOT_EXECUTABLE),
    ]
    for act, code in refused:
        with pytest.raises(SupervisorFault) as caught:
            act()
        assert caught.value.code == code
        assert caught.value.title
        assert caught.value.remedy


def test_one_client_serves_many_threads(any_sandbox: Sandbox) -> None:
    any_sandbox.add("worker", SLEEP)
    client = any_sandbox.up().client
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: client.process("worker")["statename"], range(200)))
    assert answers == ["RUNNING"] * 200


def test_goes_on_with_a_supervisord_that_was_started_anew(sandbox: Sandbox) -> None:
    sandbox.up()
    first = sandbox.client.pid()
    sandbox.kill()
    with pytest.raises(NothingThere):
        sandbox.client.pid()
    sandbox.up()
    assert sandbox.client.pid() != first


def test_a_socket_that_was_left_behind_means_that_supervisord_does_not_run(sandbox: Sandbox) -> None:
    sandbox.up()
    sandbox.kill()
    assert sandbox.container.supervisor_socket.exists()
    with pytest.raises(NothingThere) as caught:
        sandbox.client.state()
    assert "does not run" in caught.value.title
    assert "left behind" in caught.value.cause
    assert caught.value.remedy


def test_a_supervisord_that_is_shutting_down_is_nothing_to_talk_to(any_sandbox: Sandbox) -> None:
    any_sandbox.add("slow", f"/bin/sh -c \"trap '' TERM; {SLEEP}\"", stopwaitsecs=3)
    client = any_sandbox.up().client
    any_sandbox.kill(signal.SIGTERM)
    with pytest.raises(NothingThere) as caught:
        wait_for(lambda: client.all_processes() is None)
    assert "shutting down" in str(caught.value)  # it refuses, or hangs up


def test_a_frozen_supervisord_is_given_up_after_the_read_limit(sandbox: Sandbox) -> None:
    sandbox.up()
    sandbox.kill(signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(NothingThere) as caught:
        Supervisor(sandbox.container.supervisor_socket, read_timeout=0.3).state()
    assert time.monotonic() - began < 5
    assert "does not answer" in caught.value.title


@pytest.fixture
def listener(short_folder: Path) -> Iterator[tuple[socket.socket, Path]]:
    """A unix socket that accepts and says nothing."""
    path = short_folder / "s"
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
        made.listen(16)
        yield made, path


def client_of(path: Path) -> Supervisor:
    return Supervisor(path, connect_timeout=0.3, read_timeout=0.3)


def error_of(path: Path) -> NothingThere:
    with pytest.raises(NothingThere) as caught:
        client_of(path).all_processes()
    assert caught.value.exit_code == 3
    assert caught.value.title
    assert caught.value.cause
    return caught.value


def test_a_socket_that_says_nothing_is_given_up(listener: tuple[socket.socket, Path]) -> None:
    assert "does not answer" in error_of(listener[1]).title


def test_a_queue_that_is_full_is_given_up(listener: tuple[socket.socket, Path]) -> None:
    made, path = listener
    made.listen(0)
    waiting = []
    for _number in range(8):
        one = socket.socket(socket.AF_UNIX)
        one.setblocking(False)
        one.connect_ex(str(path))
        waiting.append(one)
    assert "does not answer" in error_of(path).title
    for one in waiting:
        one.close()


def test_an_answer_in_drops_is_given_up(listener: tuple[socket.socket, Path]) -> None:
    made, path = listener
    ended = threading.Event()

    def drip() -> None:
        connection, _address = made.accept()
        with connection:
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 10000\r\n\r\n")
            with contextlib.suppress(OSError):  # the client hangs up
                while not ended.wait(0.05):
                    connection.send(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        assert "does not answer" in error_of(path).title
    finally:
        ended.set()
        thread.join()


XML = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s"
STRUCTS = (
    b"<?xml version='1.0'?><methodResponse><params><param><value><int>5</int></value></param></params></methodResponse>"
)


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        (b"", "without an answer"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\nhalf", "without an answer"),
        (b"HTTP/1.0 200", "without an answer"),
        (b"+PONG\r\n", "not supervisord"),
        (b"\x00\xff" * 50, "not supervisord"),
        (b"HTTP/1.0 401 Unauthorized\r\n\r\n", "not supervisord"),
        (b"HTTP/1.0 200 OK\r\n\r\nhello", "not supervisord"),
        (XML % (len(STRUCTS), STRUCTS), "not supervisord"),
        (XML % (9, b"<a><b></a>"[:9]), "not supervisord"),
    ],
)
def test_garbage_is_told_from_silence(listener: tuple[socket.socket, Path], answer: bytes, title: str) -> None:
    made, path = listener

    def serve() -> None:
        connection, _address = made.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    assert title in error_of(path).title
    thread.join()


def test_without_a_socket_supervisord_does_not_run(tmp_path: Path) -> None:
    error = error_of(tmp_path / "s")
    assert "does not run" in error.title
    assert "does not exist" in error.cause


def test_a_file_in_the_sockets_place_is_no_socket(short_folder: Path) -> None:
    (short_folder / "s").write_text("")
    assert "is no socket" in error_of(short_folder / "s").cause


def test_a_path_too_long_for_a_socket_says_so(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 120)
    assert "108" in error_of(path).remedy


def test_another_users_socket_is_closed_to_us(listener: tuple[socket.socket, Path]) -> None:
    path = listener[1]
    path.parent.chmod(0o755)
    if os.geteuid() != 0:
        path.chmod(0)
        error = error_of(path)
    else:
        path.chmod(0o700)
        os.seteuid(65534)  # root passes every mode
        try:
            error = error_of(path)
        finally:
            os.seteuid(0)
    assert "may not talk to supervisord" in error.title
    assert pwd.getpwuid(os.geteuid()).pw_name in error.cause
