"""One request, against servers that behave and servers that do not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from console import __version__
from console.health.http import ask

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Serve = Callable[[socket.socket], None]


@contextmanager
def server(serve: Serve) -> Iterator[int]:
    """A server that handles one connection by ``serve``; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    serve(connection)
                except OSError:
                    return

        thread = threading.Thread(target=run)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def saying(answer: bytes) -> Serve:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    return serve


def test_the_request_is_plain_and_says_who_asks() -> None:
    asked: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(OK)

    with server(serve) as port:
        answer = ask(port, path="/health", method="HEAD")
    lines = asked[0].decode().split("\r\n")
    assert lines[0] == "HEAD /health HTTP/1.1"
    assert f"User-Agent: rosti-console/{__version__}" in lines
    assert "Connection: close" in lines
    assert any(line.startswith("Host: ") for line in lines)
    assert (answer.port, answer.status, answer.error) == (port, 200, None)
    assert 0 < answer.seconds < 5


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (OK, 200),
        (b"HTTP/1.0 302 Found\r\nLocation: /x\r\n\r\n", 302),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n" + b"x" * 300_000, 502),
        (b"HTTP/1.1 204\r\n\r\n", 204),
        (b"HTTP/1.1 500 \xe9\xff\n\n", 500),
        (b"", None),
        (b"\r\n", None),
        (b"SSH-2.0-dropbear\r\n", None),
        (b"HTTP/1.1 ok\r\n", None),
        (b"\x15\x03\x01\x00\x02\x02", None),
        (b"x" * 100_000, None),
    ],
)
def test_the_status_or_why_there_is_none(said: bytes, status: int | None) -> None:
    with server(saying(said)) as port:
        answer = ask(port)
    assert answer.status == status
    assert (answer.error is None) == (status is not None)
    assert answer.ok == (status is not None and status < 500)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = ask(port)
    assert (answer.status, answer.error) == (None, "connection refused")


def test_a_server_that_says_nothing_is_given_up() -> None:
    ended = threading.Event()

    def serve(_connection: socket.socket) -> None:
        ended.wait(10)

    with server(serve) as port:
        began = time.monotonic()
        answer = ask(port, timeout=0.3)
        ended.set()
    assert time.monotonic() - began < 5
    assert answer.status is None
    assert "0.3 s" in (answer.error or "")


def test_a_status_line_in_drops_is_given_up() -> None:
    def serve(connection: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 " + b"O" * 1000:
            connection.send(bytes([byte]))
            time.sleep(0.05)

    with server(serve) as port:
        began = time.monotonic()
        answer = ask(port, timeout=0.4)
    assert answer.status is None
    assert time.monotonic() - began < 10


def test_a_body_without_end_is_not_waited_for() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 10)
            time.sleep(0.01)

    with server(serve) as port:
        began = time.monotonic()
        assert ask(port, timeout=10).status == 200
        assert time.monotonic() - began < 5


def test_a_small_answer_is_read_to_its_end() -> None:
    """A server that is cut off may write a traceback into the customer's log."""
    failures: list[OSError] = []

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n")
            for _number in range(20):
                connection.sendall(b"x" * 1000)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)
        except OSError as error:
            failures.append(error)

    with server(serve) as port:
        assert ask(port).status == 200
    assert failures == []


def test_a_connection_that_is_reset_is_an_answer_that_did_not_come() -> None:
    def serve(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    with server(serve) as port:
        answer = ask(port)
    assert answer.status is None
    assert "without an answer" in (answer.error or "")


def test_a_host_that_does_not_exist_is_an_error_not_an_exception() -> None:
    answer = ask(80, host="no-such-host.invalid", timeout=2)
    assert answer.status is None
    assert answer.error
