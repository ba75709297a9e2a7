"""A static file by nginx against the same file by the app, and what turning static files on and off costs visitors."""

from __future__ import annotations

import itertools
import select
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from console.container import Container
from console.programs.control import restart
from console.static_files.change import apply_static, plan_static
from console.static_files.nginx import configuration_error, find_nginx
from console.static_files.probe import fetch
from tests import containers
from tests.venv.loops import Visitors

from .measures import Row, limit_row, milliseconds, told_row

FILE_BYTES = 10_000
ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = 4
REQUESTS = 900
TOGGLES = 20
# The sample app serves no files; this is how its own framework does it.
SERVES = """

from bottle import static_file


@application.get("/static/<path:path>")
def static(path):
    return static_file(path, root={folder!r})
"""


def run(_container: Container) -> list[Row]:
    """In a container of its own, whose app serves the folder too."""
    container = containers.make()
    try:
        (container.srv / "static/file.css").write_bytes(b"x" * FILE_BYTES)
        app = container.app / "app.py"
        app.write_text(app.read_text() + SERVES.format(folder=str(container.srv / "static")))
        if not restart(container, "app", timeout=30.0).ok:
            raise RuntimeError("the app that serves files does not start")
        return [*_served(container), *_turned(container)]
    finally:
        containers.remove(container.root)


def _served(container: Container) -> list[Row]:
    rates: dict[str, list[float]] = {"on": [], "off": []}
    waits: dict[str, list[float]] = {"on": [], "off": []}
    for _round in range(ROUNDS):
        for wanted in ("on", "off"):
            change = apply_static(container, plan_static(container, wanted))
            if not change.ok:
                raise RuntimeError(change.error)
            _ask(container.http_port, 0.2, 1)  # warm
            waits[wanted].append(statistics.median(_ask(container.http_port, SECONDS, 1)))
            rates[wanted].append(len(_ask(container.http_port, SECONDS, CONNECTIONS)) / SECONDS)
    by_nginx, by_app = (statistics.median(rates[wanted]) for wanted in ("on", "off"))
    return [
        told_row("requests per second of a 10 kB file by nginx, beside the app's", by_nginx, by_app, _per_second),
        told_row(
            "median time of a request for it",
            statistics.median(waits["on"]),
            statistics.median(waits["off"]),
            _microseconds,
        ),
    ]


def _ask(port: int, seconds: float, count: int) -> list[float]:
    """Seconds of each answer within ``seconds``, over ``count`` connections with one request at a time each."""
    poll = select.poll()
    times: list[float] = []
    asking = [_Asking(port) for _number in range(count)]
    by_fd = {}
    try:
        end = time.perf_counter() + seconds
        for each in asking:
            by_fd[each.ask()] = each
        for fd in by_fd:
            poll.register(fd, select.POLLIN)
        while time.perf_counter() < end:
            ready = poll.poll(5000)
            if not ready:
                raise RuntimeError("no answer within 5 s")
            for fd, _event in ready:
                spent = by_fd[fd].read()
                if spent is None:
                    continue
                times.append(spent)
                each = by_fd.pop(fd)
                poll.unregister(fd)
                again = each.ask()
                by_fd[again] = each
                poll.register(again, select.POLLIN)
    finally:
        for each in asking:
            each.close()
    return times


class _Asking:
    """One connection; a new one after REQUESTS, before nginx ends it (keepalive_requests is 1000)."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._asked = 0
        self._begun = 0.0
        self._answer = bytearray()

    def ask(self) -> int:
        """Send the request; the descriptor that the answer comes by."""
        self._begun = time.perf_counter()
        if self._socket is None or self._asked >= REQUESTS:
            self.close()
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=5)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._asked = 0
        self._asked += 1
        self._answer.clear()
        self._socket.sendall(b"GET /static/file.css HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return self._socket.fileno()

    def read(self) -> float | None:
        """The seconds that the answer took, None while it is not whole."""
        assert self._socket is not None
        self._answer += self._socket.recv(65536)
        head = self._answer.find(b"\r\n\r\n")
        if head < 0 or len(self._answer) < head + 4 + FILE_BYTES:
            return None
        if not self._answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(bytes(self._answer[:200]).decode())
        return time.perf_counter() - self._begun

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _turned(container: Container) -> list[Row]:
    """Visitors of a page of the app while static files are turned on and off, against the guide's restart."""
    with Visitors(container.http_port) as visitors, Visitors(container.http_port, "/static/file.css") as readers:
        times = []
        for wanted in itertools.islice(itertools.cycle(("on", "off")), TOGGLES):
            begun = time.monotonic()
            if not apply_static(container, plan_static(container, wanted)).proved:
                raise RuntimeError(f"{wanted} was not proved")
            times.append(time.monotonic() - begun)
    off, on = container.site_file.read_bytes(), plan_static(container, "on").new
    with Visitors(container.http_port) as guided, Visitors(container.http_port, "/static/file.css") as guided_readers:
        theirs = []
        for content in itertools.islice(itertools.cycle((on, off)), TOGGLES):
            begun = time.monotonic()
            _as_the_guide_has_it(container, content)
            theirs.append(time.monotonic() - begun)
    failed, failed_there = (len(a.failed) + len(b.failed) for a, b in ((visitors, readers), (guided, guided_readers)))
    asked, asked_there = (len(a.answered) + len(b.answered) for a, b in ((visitors, readers), (guided, guided_readers)))
    print(f"static: {asked + failed} requests, and {asked_there + failed_there} with the guide's way", file=sys.stderr)
    return [
        limit_row(
            f"requests that failed while static files were turned on or off {TOGGLES} times, beside the guide's way",
            failed,
            failed_there,
            0,
            str,
        ),
        told_row(
            "from the plan to the proof, beside the guide's way",
            statistics.median(times),
            statistics.median(theirs),
            milliseconds,
        ),
    ]


def _as_the_guide_has_it(container: Container, content: bytes) -> None:
    """The file edited, `supervisorctl restart nginx`; nobody proves anything."""
    container.site_file.write_bytes(content)
    if said := configuration_error(find_nginx(container)):
        raise RuntimeError(said)
    supervisorctl = Path(sys.executable).with_name("supervisorctl")
    command = [str(supervisorctl), "-c", str(container.supervisor_conf), "restart", "nginx"]
    subprocess.run(command, check=True, capture_output=True)
    if fetch(container.http_port, "/static/file.css").status != 200:
        raise RuntimeError("nginx does not answer after supervisorctl restart")


def _per_second(count: float) -> str:
    return f"{count:.0f}"


def _microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs"
