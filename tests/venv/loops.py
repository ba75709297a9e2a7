"""Visitors: requests to the app again and again while something happens to it."""

from __future__ import annotations

import http.client
import threading
import time
from types import TracebackType


class Visitors:
    """For the time of a ``with`` block asks ``port`` for ``path``, one request after the other.

    ``answered`` and ``failed`` hold the moments (monotonic) of both; ``pages`` the different bodies.
    """

    def __init__(self, port: int, path: str = "/health") -> None:
        self.answered: list[float] = []
        self.failed: list[float] = []
        self._port = port
        self._path = path
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._visit)

    def __enter__(self) -> Visitors:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave.set()
        self._thread.join()

    def _visit(self) -> None:
        while not self._leave.wait(0.01):
            good = self._ask()
            (self.answered if good else self.failed).append(time.monotonic())

    def _ask(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", self._path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
