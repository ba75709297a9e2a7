"""Processes of a program that outlive its stop, and keep its port from the next start.

supervisord signals the process that it started, and no other (unless stopasgroup is set). A shell that has started
a server without ``exec`` ends, the server goes on, and what is started next finds its port in use. Only processes
that still listen are meant: others that a program has started may have work to finish.

http://supervisord.org/subprocess.html, "Subprocesses Of Subprocesses" (pgrp).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..health.sockets import listening_sockets
from .processes import parent, process_name, socket_inodes, started, tree


@dataclass(frozen=True)
class Descendant:
    """A process below a program's; ``began`` tells it from a later one with the same number."""

    pid: int
    began: int


def descendants(pid: int) -> tuple[Descendant, ...]:
    """The living processes below ``pid``, parents before children."""
    found = ((each, started(each)) for each in tree(pid)[1:])
    return tuple(Descendant(each, began) for each, began in found if began is not None)


def find_orphans(before: Sequence[Descendant]) -> tuple[int, ...]:
    """Those of ``before``, and what they have started since, that live and listen on a TCP port; of a family the one
    nearest to the root.
    """
    left = [each.pid for each in before if _lives(each)]
    if not left:
        return ()
    members = list(dict.fromkeys(member for pid in left for member in tree(pid)))
    listening = {inode for inodes in (listening_sockets() or {}).values() for inode in inodes}
    holders = {pid for pid in members if not listening.isdisjoint(socket_inodes((pid,))[0])}
    return tuple(pid for pid in members if pid in holders and parent(pid) not in holders)


def end_orphans(pids: Sequence[int], seconds: float) -> tuple[str, ...]:
    """Tell the processes ``pids`` to end, kill after ``seconds`` with all below them what does not; return what has
    ended, as ``gunicorn 4711``. Another user's process stays.
    """
    names = {pid: process_name(pid) or "?" for pid in pids}
    families = [each for pid in pids for each in (Descendant(pid, started(pid) or 0), *descendants(pid))]
    _signal(pids, signal.SIGTERM)
    _wait(families, seconds)
    _signal([each.pid for each in families if _lives(each)], signal.SIGKILL)
    _wait(families, 1.0)
    living = {each.pid for each in families if _lives(each)}
    return tuple(f"{name} {pid}" for pid, name in names.items() if pid not in living)


def _lives(process: Descendant) -> bool:
    return started(process.pid) == process.began


def _wait(processes: Sequence[Descendant], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while any(map(_lives, processes)) and time.monotonic() < limit:
        time.sleep(0.01)


def _signal(pids: Sequence[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):  # ended meanwhile, or another user's: its port is told in use
            continue
