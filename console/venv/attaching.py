"""Joins a job: its events as they come, from its journal, in any number of consoles at once; and taking it back."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from ..container import Container
from ..errors import ConsoleError
from ..events import Event, OnEvent, Output, event_from_json, ignore
from ..lock import holder
from ..results import Rebuild
from ..text import _
from .jobs import JobFolder, job_state, running_id
from .journal import memory_ran_out
from .journal_lines import read_journal
from .outcome import read_outcome
from .stages import AFTER_THE_SWITCH, POINT_OF_NO_RETURN

LOOK_SECONDS = 0.05
_RELEASE_SECONDS = 2.0
_OUTPUT_PART = 1 << 16


class JobKilled(ConsoleError):
    """The job's worker was killed; ``recover`` finishes what it left."""


def attach(
    container: Container, job: JobFolder, *, on_event: OnEvent = ignore, leave: threading.Event | None = None
) -> Rebuild | None:
    """Report every event of ``job``, those before now included, until it ends; return its result.

    None when ``leave`` was set: the job goes on. Raises Cancelled when the job was taken back, JobKilled when its
    worker was killed, and the ConsoleError with which it ended. Changes nothing.
    """
    journal = _JournalReader(job)
    output = _OutputReader(job.output)
    begun: dict[str, Any] = {}
    while True:
        running = running_id(container) == job.id  # asked first: what is written later is read below
        done = None
        for told in journal.read():
            if told.get("record") == "done":
                done = told
            elif told.get("record") == "begun":
                begun = told
            elif "event" in told:
                event = _event(told)
                if event is not None:
                    on_event(event)
        for line in output.read():
            on_event(Output(line))
        if done is not None:
            _wait_for_release(container, job)
            return read_outcome(done)
        if not running:
            raise JobKilled(
                _("The job was killed before its end."),
                _("The container's memory was used up, and the kernel has ended processes to make room.")
                if memory_ran_out(begun)
                else _("Its process is gone, and its journal has no end."),
                _("Finish it or take it back with: console venv recover"),
            )
        if leave is not None and leave.is_set():
            return None
        time.sleep(LOOK_SECONDS)


def cancel(container: Container, job: JobFolder) -> None:
    """Ask ``job`` to take itself back; its journal says when it has. Raises ConsoleError when it is too late for
    that, or the job is not running.
    """
    state = job_state(container)
    told = holder(container.lock) or {}
    if state is None or not state.running or state.id != job.id:
        raise ConsoleError(_("The job is not running any more."))
    if state.step in AFTER_THE_SWITCH:
        raise ConsoleError(
            _("It is too late to cancel: the app runs from the new virtualenv."),
            _("What is left to do takes a moment, and changes nothing for the app."),
        )
    if state.step in POINT_OF_NO_RETURN:
        raise ConsoleError(
            _("It is too late to cancel: the app is being switched."),
            _("Cutting it off now could leave the app stopped."),
            _("When the app does not come back, that is undone by itself."),
        )
    pid = told.get("pid")
    if told.get("job") == job.id and isinstance(pid, int):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            return  # it has just ended
        except PermissionError as error:
            raise ConsoleError(_("The job belongs to another user."), error.strerror or "") from error


def _wait_for_release(container: Container, job: JobFolder) -> None:
    """The worker gives the lock back right after its last word; what is begun next shall not find it held."""
    limit = time.monotonic() + _RELEASE_SECONDS
    while running_id(container) == job.id and time.monotonic() < limit:
        time.sleep(0.005)


def _event(told: dict[str, Any]) -> Event | None:
    try:
        return event_from_json(told)
    except ValueError:  # another version of the console wrote it
        return None


class _JournalReader:
    def __init__(self, job: JobFolder) -> None:
        self._path = job.journal
        self._offset = 0

    def read(self) -> list[dict[str, Any]]:
        lines, self._offset = read_journal(self._path, self._offset)
        return lines


class _OutputReader:
    """New whole lines of a file that is renamed away when it has grown large."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = 0
        self._offset = 0

    def read(self) -> list[str]:
        try:
            with self._path.open("rb") as file:
                facts = os.fstat(file.fileno())
                if facts.st_ino != self._inode:
                    self._inode, self._offset = facts.st_ino, 0
                file.seek(self._offset)
                data = file.read(_OUTPUT_PART)
        except OSError:
            return []
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) == _OUTPUT_PART:  # a line of many kilobytes is told in parts
            end = len(data)
        self._offset += end
        return data[:end].decode("utf-8", "replace").splitlines()
