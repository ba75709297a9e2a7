"""A job's journal, which survives a kill at any point, and the output of its programs.

``journal.jsonl`` has one JSON object a line: the events as the operation reports them, and records. A line has ``at``
(ISO 8601) and either ``event`` or ``record``:

- begun: ``pid``, ``strategy``, ``oom_kills`` (the kernel's count at that time); the worker holds the lock
- exchange: the facts of the change of /srv/venv that is about to be made: ``kind``, ``facts``, ``programs`` (those that
  ran), ``old_usable``
- settled: the exchange has come to its end, ``applied`` or undone
- done: ``result`` (a Rebuild), or ``error`` (title, cause, remedy, exit_code), or ``cancelled``

A job without ``done`` whose worker holds no lock was killed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from datetime import datetime
from typing import Any

from ..atomic import unwritable
from ..errors import ConsoleError
from ..events import Event, Output, Step, StepDone
from ..programs.oom import oom_kills
from ..results import as_json
from .jobs import JobFolder

OUTPUT_BYTES = 1 << 20  # of one output.log; the one before it is kept as well
# Set aside while there is room, so that a job that fills the disk can still say how it ended.
RESERVE_BYTES = 1 << 17
_NEEDED_BEFOREHAND = ("begun", "exchange")


def begun_facts(strategy: str) -> dict[str, Any]:
    """The facts of the record "begun" of this process."""
    return {"pid": os.getpid(), "strategy": strategy, "oom_kills": oom_kills()}


def memory_ran_out(begun: dict[str, Any]) -> bool:
    """Whether the kernel has ended processes of this container for want of memory since this record "begun"; False
    where that cannot be known. It only counts them, and a job's are the first that it takes.
    """
    before, now = begun.get("oom_kills"), oom_kills()
    return isinstance(before, int) and now is not None and now > before


class Journal:
    """Writes a job's journal and its output.

    Steps and records are on the disk when the call returns. What happens in between is written without waiting:
    losing some of it in a power cut does no harm, and waiting for the disk would add to the app's downtime. Until the record "exchange" a full disk raises ConsoleError, so that the job is taken back; from
    there on nothing may stop it, and what cannot be written is left out: the disk itself says what was done.
    """

    def __init__(self, job: JobFolder) -> None:
        self.job = job
        self._exchanging = False
        try:
            self._fd = os.open(job.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._mend()
            self._output = os.open(job.output, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._written = os.fstat(self._output).st_size
            self._set_aside()
        except OSError as error:
            raise unwritable(job.journal, error) from error

    def event(self, event: Event) -> None:
        """Write down an event of the operation."""
        if isinstance(event, Output):
            self._tolerant(lambda: self._write_output(event.line))
        else:
            self._tolerant(lambda: self._append(as_json(event), flush=isinstance(event, (Step, StepDone))))

    def record(self, name: str, **facts: Any) -> None:
        """Write down a record with its facts."""
        try:
            self._append({"record": name, **as_json(facts)}, flush=True)
        except ConsoleError:
            if name in _NEEDED_BEFOREHAND:
                raise
        self._exchanging = self._exchanging or name == "exchange"

    def close(self) -> None:
        """Close the files; give back what was set aside."""
        self._give_back()
        os.close(self._fd)
        os.close(self._output)

    def _tolerant(self, write: Any) -> None:
        try:
            write()
        except ConsoleError:
            if not self._exchanging:
                raise

    def _append(self, told: dict[str, Any], *, flush: bool) -> None:
        line = json.dumps({"at": datetime.now().astimezone().isoformat(timespec="milliseconds"), **told})
        try:
            self._write(self._fd, line.encode("ascii") + b"\n")
            if flush:
                os.fsync(self._fd)
        except OSError as error:
            raise unwritable(self.job.journal, error) from error

    def _write(self, fd: int, data: bytes) -> None:
        """All of ``data``, or an OSError with the file as long as it was."""
        before = os.fstat(fd).st_size
        try:
            self._write_whole(fd, data)
        except OSError as error:
            os.ftruncate(fd, before)
            if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not self._give_back():
                raise
            self._write_whole(fd, data)

    @staticmethod
    def _write_whole(fd: int, data: bytes) -> None:
        while data:
            data = data[os.write(fd, data) :]

    def _mend(self) -> None:
        """A killed writer may have left half a line: what comes after it must not be lost with it."""
        size = os.fstat(self._fd).st_size
        if size:
            with self.job.journal.open("rb") as file:
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    os.write(self._fd, b"\n")

    def _write_output(self, line: str) -> None:
        data = line.encode("utf-8", "replace") + b"\n"
        try:
            if self._written + len(data) > OUTPUT_BYTES:
                os.close(self._output)
                self.job.output.replace(self.job.output_before)
                self._output = os.open(self.job.output, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
                self._written = 0
            self._write(self._output, data)
            self._written += len(data)
        except OSError as error:
            raise unwritable(self.job.output, error) from error

    def _set_aside(self) -> None:
        with self.job.reserve.open("wb") as file, contextlib.suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)

    def _give_back(self) -> bool:
        """Whether there was something to give back."""
        try:
            self.job.reserve.unlink()
        except OSError:
            return False
        return True
