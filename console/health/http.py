"""One HTTP request to this machine: does something answer, with what status, and how soon?

Written on a socket because ``http.client`` takes 30 ms to import, and only the status line is wanted.
"""

from __future__ import annotations

import contextlib
import socket
import time

from .. import __version__
from ..results import HttpAnswer
from ..text import _

_LONGEST_LINE = 8192
# After the status line the rest is read for a moment: an app whose answer is cut off may write a traceback.
_REST_BYTES = 65536
_REST_SECONDS = 0.05


def ask(
    port: int, *, path: str = "/", timeout: float = 5.0, host: str = "127.0.0.1", method: str = "GET"
) -> HttpAnswer:
    """The answer to ``method path`` on ``port``; ``seconds`` runs from the request to the status line.

    ``timeout`` (seconds) bounds all of it, also against a server that sends its answer byte by byte. Never
    raises for what the network or the server does: ``error`` then says it.
    """
    began = time.monotonic()
    request = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: rosti-console/{__version__}\r\n"
        "Accept: */*\r\nConnection: close\r\n\r\n"
    )
    status: int | None = None
    error: str | None = None
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.sendall(request.encode("utf-8", "replace"))
            line = _status_line(connection, began + timeout)
            seconds = time.monotonic() - began
            status, error = _status(line)
            _read_rest(connection)
            return HttpAnswer(port, status, seconds, error)
    except TimeoutError:
        error = _("no answer within {seconds:g} s").format(seconds=timeout)
    except ConnectionRefusedError:
        error = _("connection refused")
    except (ConnectionResetError, BrokenPipeError):
        error = _("the connection was closed without an answer")
    except OSError as failure:
        error = failure.strerror or str(failure)
    return HttpAnswer(port, None, time.monotonic() - began, error)


def _status_line(connection: socket.socket, deadline: float) -> bytes:
    received = bytearray()
    while b"\n" not in received and len(received) < _LONGEST_LINE:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        part = connection.recv(4096)
        if not part:
            break
        received += part
    return bytes(received).split(b"\n", 1)[0].rstrip(b"\r")


def _status(line: bytes) -> tuple[int | None, str | None]:
    """The status in a status line, or why there is none."""
    if not line:
        return None, _("the connection was closed without an answer")
    protocol, _space, rest = line.partition(b" ")
    code = rest[:3]
    if not protocol.startswith(b"HTTP/") or len(code) != 3 or not code.isdigit():
        return None, _("the answer is not HTTP")
    return int(code), None


def _read_rest(connection: socket.socket) -> None:
    deadline = time.monotonic() + _REST_SECONDS
    left = _REST_BYTES
    with contextlib.suppress(OSError):  # the answer is known; how the connection ends does not matter
        while left > 0 and (seconds := deadline - time.monotonic()) > 0:
            connection.settimeout(seconds)
            part = connection.recv(left)
            if not part:
                return
            left -= len(part)
