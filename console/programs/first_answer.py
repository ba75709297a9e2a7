"""The first HTTP answer of a program that is starting, waited for beside the looks at its state."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from ..health.http import ask
from ..health.request_path import owned_ports
from ..results import HttpAnswer
from .call import pause


class FirstAnswer:
    """Asks the first of ``ports`` on which the followed process tree listens, in a thread of its own.

    Nobody else is asked: another process on the port must not pass for the program. Only where the owner of a
    port cannot be seen (another user's program), the first port is asked as it is. ``began`` and ``deadline``
    are monotonic; the answer's seconds count from ``began``.
    """

    def __init__(self, ports: Sequence[int], began: float, deadline: float) -> None:
        self._ports = ports
        self._began = began
        self._deadline = deadline
        self._pid: int | None = None
        self._found: tuple[int, HttpAnswer] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="first-answer", daemon=True)
        if ports:
            self._thread.start()

    @property
    def wanted(self) -> bool:
        return bool(self._ports)

    def follow(self, pid: int | None) -> None:
        """The program's process is now ``pid``; an answer of the one before it counts no more."""
        self._pid = pid

    def answer(self) -> HttpAnswer | None:
        """The first answer of the process that is followed now; None while there is none."""
        found = self._found
        return found[1] if found is not None and found[0] == self._pid else None

    def end(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        since = time.monotonic()
        followed: int | None = None
        while not self._ended.is_set() and time.monotonic() < self._deadline:
            pid = self._pid
            if pid != followed:
                followed, since = pid, time.monotonic()
            if pid is not None and self.answer() is None:
                self._try(pid)
            pause(time.monotonic() - since)

    def _try(self, pid: int) -> None:
        owned = owned_ports(self._ports, pid)
        if owned == ():
            return
        asked = time.monotonic()
        answer = ask(owned[0] if owned else self._ports[0], timeout=max(0.01, self._deadline - asked))
        if answer.status is not None:
            seconds = asked - self._began + answer.seconds
            self._found = pid, HttpAnswer(answer.port, answer.status, seconds)
