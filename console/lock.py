"""One job at a time: a lock file that says who holds it and since when.

The lock is the kernel's (an open file description lock, fcntl(2)), so it ends with its holder, however that ends,
and can be asked about without being taken; the text in the file is only for telling people.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import struct
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from .atomic import unwritable
from .errors import Locked
from .text import _

_LAST_BREATH = 1.0  # seconds that the child of a killed holder may take to begin its program
_FLOCK = struct.Struct("hhqqi0q")  # struct flock of 64-bit Linux: type, whence, start, length (0: all), pid


@contextlib.contextmanager
def held(path: Path, kind: str, job: str = "") -> Iterator[None]:
    """Hold the lock at ``path`` for a job of ``kind`` ("rebuild", "static") for the time of the block.

    ``job`` is the id by which others find what it writes down.

    Raises Locked within a moment, with the holder's kind, pid and start, when another process has it, and ConsoleError
    when it cannot be written, as on a full disk.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        _take(fd, path)
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        facts = {"kind": kind, "pid": os.getpid(), "started": _started(), "since": since}
        if job:
            facts["job"] = job
        told = json.dumps(facts).encode()
        try:
            os.pwrite(fd, told, 0)
            os.ftruncate(fd, len(told))
        except OSError as error:
            raise unwritable(path, error) from error
        yield
    finally:
        os.close(fd)


def holder(path: Path) -> dict[str, object] | None:
    """Who holds the lock: ``{"kind", "pid", "started", "since"}`` and perhaps ``"job"``; None when nobody does.

    ``started`` is when the process began, ``since`` when it took the lock; both ISO 8601.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        answer = fcntl.fcntl(fd, fcntl.F_OFD_GETLK, _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
    finally:
        os.close(fd)
    return None if _FLOCK.unpack(answer)[0] == fcntl.F_UNLCK else _told(path)


def job_words(kind: str) -> str:
    """A kind of job, for people."""
    words = {
        "rebuild": _("rebuild"),
        "rollback": _("rollback"),
        "recover": _("recovery"),
        "static": _("static files"),
        "login": _("login"),
        "playground": _("playground"),
        "install": _("installation of the console"),
        "uninstall": _("removal of the console"),
    }
    return words.get(kind, kind)


def _started() -> str:
    """When this process began, by proc(5): its 22nd field counts clock ticks since the machine's start."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    seconds_ago = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(time.time() - seconds_ago).astimezone().isoformat(timespec="seconds")


def _take(fd: int, path: Path) -> None:
    limit = time.monotonic() + _LAST_BREATH
    while True:
        try:
            fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        except (BlockingIOError, PermissionError):  # EAGAIN or EACCES, by the file system (fcntl(2))
            # One that was killed while it started a program: between fork and exec the child has its lock too.
            if _lives(_told(path).get("pid")) or time.monotonic() > limit:
                raise _locked(path) from None
            time.sleep(0.01)
        else:
            return


def _lives(pid: object) -> bool:
    """Whether there is a process ``pid`` that is no zombie; what is no process id may be one that we cannot see."""
    if not isinstance(pid, int):
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:1] != ["Z"]
    except OSError:
        return False


def _told(path: Path) -> dict[str, object]:
    try:
        told = json.loads(path.read_text())
    except (OSError, ValueError):
        told = {}
    return told if isinstance(told, dict) else {}


def _time_words(told: object) -> str:
    """``14:05``, with the date when that is not today; ``?`` for what is no time."""
    try:
        since = datetime.fromisoformat(str(told)).astimezone()
    except ValueError:
        return "?"
    today = datetime.now().astimezone().date()
    return since.strftime("%H:%M" if since.date() == today else "%Y-%m-%d %H:%M")


def _locked(path: Path) -> Locked:
    told = _told(path)
    return Locked(
        _("Another job is at work: {kind} (process {pid}, since {since}).").format(
            kind=job_words(str(told.get("kind", "?"))), pid=told.get("pid", "?"), since=_time_words(told.get("since"))
        ),
        _("Two jobs at once could undo each other's changes."),
        _("Wait until it ends and try again."),
    )
