"""Threads that look at the container, so that the event loop never waits for it.

Textual's own workers share one small pool and cannot be ended; each of these has a thread of its own and ends
when it is told. They only post messages, and only when there is something to say.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from textual.message import Message

from ..container import Container
from ..errors import ConsoleError, own_fault
from ..health.first_look import FirstLook
from ..health.status import StatusReader
from ..logs.clean import terminal_safe
from ..logs.follow import Follower
from ..logs.lines import LogMissing, lines_before
from ..results import Status
from ..units import duration
from ..venv.image_switch import remember
from .messages import LogGrew, LookFailed, StatusChanged

Post = Callable[[Message], object]

LOOK_EVERY = 1.0
LOG_EVERY = 0.25
QUIET_EVERY = 1.0  # for a log that has been quiet for QUIET_SECONDS: a look costs little, waking up for it more
QUIET_SECONDS = 10.0
FIRST_LINES = 200
MOST_LINES = 1000  # of one batch; the screen keeps no more than that


class Watch(threading.Thread):
    """A thread that calls ``look`` every so many seconds until ``end``; ``rest`` and ``go_on`` pause it."""

    def __init__(self, every: float, name: str, post: Post) -> None:
        super().__init__(name=name, daemon=True)
        self.every = every  # seconds
        self._post = post
        self._said = ""
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._going = threading.Event()
        self._going.set()

    def run(self) -> None:
        while not self._ended.is_set():
            self._going.wait()
            if self._ended.is_set():
                return
            self._wake.clear()
            begun = time.monotonic()
            try:
                self.look()
            except ConsoleError as error:
                self._say(error)
            except Exception as error:  # noqa: BLE001 - a thread's traceback would go over the screen
                self._say(own_fault(error))
            else:
                self._said = ""
            # A look that takes long, as in a container with little CPU, must not fill all of its time.
            self._wake.wait(max(self.every / 2, self.every - (time.monotonic() - begun)))

    def look(self) -> None:
        """One look; to be overridden. What it raises is posted as ``LookFailed``, once as long as it stays."""
        raise NotImplementedError

    def _say(self, error: ConsoleError) -> None:
        if str(error) != self._said:
            self._said = str(error)
            self._post(LookFailed(error))

    def look_now(self) -> None:
        """Do not wait for the next turn."""
        self._wake.set()

    def rest(self) -> None:
        """No more looks until ``go_on``, as when a shell has the terminal."""
        self._going.clear()

    def go_on(self) -> None:
        self._going.set()
        self._wake.set()

    def end(self) -> None:
        self._ended.set()
        self._going.set()
        self._wake.set()


class StatusWatch(Watch):
    """Posts ``StatusChanged`` once a second; whoever shows it draws only what differs."""

    def __init__(self, container: Container, post: Post, first_look: FirstLook | None = None) -> None:
        super().__init__(LOOK_EVERY, "status", post)
        self._first_look = first_look
        self._reader = first_look.reader if first_look is not None else StatusReader(container)
        self._fresh = False
        self._shown: Status | None = None

    def look(self) -> None:
        fresh, self._fresh = self._fresh, False
        status = None
        if self._first_look is not None:
            self._first_look.join()
            status, self._first_look = self._first_look.status, None
        if status is None or fresh:
            status = self._reader.read(fresh=fresh)
        shown = _as_shown(status)
        # Most looks find nothing new: the event loop is not even woken then. An unreachable supervisord's table ages.
        if shown != self._shown or not status.supervisor.reachable:
            self._shown = shown
            remember(self._reader.container, status.venv, datetime.now().astimezone())
            self._post(StatusChanged(status, time.monotonic()))

    def look_fresh(self) -> None:
        """Look now, and at everything, the site's answer over HTTP included."""
        self._fresh = True
        self.look_now()


def _as_shown(status: Status) -> Status:
    """``status`` with what moves all the time as coarse as the table shows it."""
    programs = tuple(
        replace(
            program,
            uptime_seconds=None,
            since_seconds=None,
            cpu_percent=None if program.cpu_percent is None else round(program.cpu_percent),
            memory_bytes=None if program.memory_bytes is None else program.memory_bytes // 1_000_000,
            description=duration(program.uptime_seconds or program.since_seconds),
        )
        for program in status.programs
    )
    return replace(status, programs=programs)


class LogWatch(Watch):
    """Posts ``LogGrew`` for the file it was told to follow, at most four times a second."""

    def __init__(self, post: Post, first_lines: int = FIRST_LINES) -> None:
        super().__init__(LOG_EVERY, "log", post)
        self._first_lines = first_lines
        self._wanted: Path | None = None
        self._path: Path | None = None
        self._follower: Follower | None = None
        self._grew = time.monotonic()

    def follow(self, path: Path | None) -> None:
        """Follow ``path`` from now on; its last lines come first, as a ``restarted`` message."""
        self._wanted = path
        self.look_now()

    def look(self) -> None:
        path = self._wanted
        if path is None:
            return
        if path != self._path or self._follower is None:
            self._open(path)
        if self._follower is None:
            return
        news = self._follower.poll()
        if news.lines:
            lines = tuple(terminal_safe(line) for line in news.lines[-MOST_LINES:])
            self._post(LogGrew(path, lines, restarted=False))
            self._grew = time.monotonic()
        self.every = LOG_EVERY if time.monotonic() - self._grew < QUIET_SECONDS else QUIET_EVERY
        if self._follower.behind:
            self.look_now()

    def _open(self, path: Path) -> None:
        """Read the last lines, and follow from right behind them."""
        if self._follower is not None:
            self._follower.close()
        self._path, self._follower = path, None
        try:
            lines = [line for line in lines_before(path, None, self._first_lines) if line.complete]
        except LogMissing:
            lines = []
        self._follower = Follower(path, offset=lines[-1].end if lines else 0)
        self._post(LogGrew(path, tuple(terminal_safe(line.marked) for line in lines), restarted=True))
