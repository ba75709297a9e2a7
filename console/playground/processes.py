"""Which processes of this machine are the playground's own, and ending them.

A pid alone may have passed to another process; pid, start time and boot together name one for good. What a
killed supervisord left behind is known by a mark in its environment, which children inherit.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

MARK = "ROSTI_PLAYGROUND"
PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """``started`` is in clock ticks since boot (/proc/PID/stat, field 22: proc(5)), ``boot`` the boot's id."""

    pid: int
    started: int
    boot: str

    @property
    def running(self) -> bool:
        """It is still there (a zombie is not), and no other process under its pid."""
        return find_process(self.pid) == self


def find_process(pid: int) -> Process | None:
    """The process that has ``pid`` now; None when there is none, or only a zombie."""
    fields = _stat(pid)
    if fields is None or fields[0] in "ZX":
        return None
    return Process(pid, int(fields[19]), (PROC / "sys/kernel/random/boot_id").read_text().strip())


def own_processes(root: Path, supervisord: int | None) -> tuple[Process, ...]:
    """The playground's processes in ``root``, the present one left out; ``supervisord`` is its recorded pid."""
    found = []
    for pid in [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]:
        if pid != os.getpid() and (_is_marked(pid, root) or _is_own_nginx(pid, root, supervisord)):
            process = find_process(pid)
            if process is not None:
                found.append(process)
    return tuple(found)


def end_processes(processes: Iterable[Process], seconds: float, poke: Callable[[], object] | None = None) -> bool:
    """Ask each to end, and wait up to ``seconds``; whether all have. ``poke`` is called while waiting."""
    waiting = tuple(processes)
    send(waiting, signal.SIGTERM)
    return wait_for_end(waiting, seconds, poke)


def send(processes: Iterable[Process], number: signal.Signals) -> None:
    """Send the signal to those that still run."""
    for process in processes:
        if process.running:
            with contextlib.suppress(ProcessLookupError):  # it ended in between
                os.kill(process.pid, number)


def wait_for_end(processes: Iterable[Process], seconds: float, poke: Callable[[], object] | None = None) -> bool:
    """Whether all have ended, after waiting up to ``seconds`` for it."""
    deadline = time.monotonic() + seconds
    waiting = tuple(processes)
    while waiting := tuple(process for process in waiting if process.running):
        if time.monotonic() > deadline:
            return False
        if poke is not None:
            poke()
        time.sleep(0.02)
    return True


def _is_marked(pid: int, root: Path) -> bool:
    return f"{MARK}=".encode() + os.fsencode(root) in _read(pid, "environ").split(b"\0")


def _is_own_nginx(pid: int, root: Path, supervisord: int | None) -> bool:
    # nginx writes its title over its environment, so its mark is gone. Its session is that of the supervisord
    # that started it, whose pid the kernel gives to nobody else as long as the session has a member.
    if supervisord is None or not _read(pid, "cmdline").startswith(b"nginx: "):
        return False
    fields = _stat(pid)
    if fields is None or int(fields[3]) != supervisord:
        return False
    try:
        return (PROC / str(pid) / "cwd").readlink() == Path(os.path.realpath(root / "srv/var/nginx"))
    except OSError:  # it ended, or is another user's
        return False


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the third one, the state, on; None when the process is gone."""
    text = _read(pid, "stat").decode("utf-8", "replace")
    return text.rpartition(")")[2].split() or None


def _read(pid: int, name: str) -> bytes:
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:  # it ended, or is another user's
        return b""
