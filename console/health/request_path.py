"""Who listens on a port, found passively: no request is made, nobody notices.

The kernel names the listening sockets, the processes' file descriptors (/proc/PID/fd) say whose they are.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from ..programs.processes import parent, process_name, socket_inodes, tree
from ..results import Listener
from .sockets import listening_sockets


def listeners(ports: Sequence[int], pids: Iterable[int] = ()) -> tuple[Listener, ...]:
    """Who listens on each of ``ports``, in their order.

    The processes of ``pids`` and their descendants are looked at first (cheap), then the others of this user.
    ``pid`` is the process nearest to the root of its tree: gunicorn's master, not a worker.
    """
    sockets = listening_sockets(ports) or dict.fromkeys(ports, ())
    wanted = {inode for inodes in sockets.values() for inode in inodes}
    owners = _owners(wanted, [member for pid in pids for member in tree(pid)])
    if wanted - owners.keys():
        strangers = _owners(wanted - owners.keys(), _others())
        owners |= {inode: _nearest_to_the_root(pid, inode) for inode, pid in strangers.items()}
    found = []
    for port in ports:
        pid = next((owners[inode] for inode in sockets[port] if inode in owners), None)
        name = process_name(pid) if pid is not None else None
        found.append(Listener(port, listening=bool(sockets[port]), process=name, pid=pid))
    return tuple(found)


def owned_ports(ports: Sequence[int], pid: int) -> tuple[int, ...] | None:
    """Those of ``ports`` on which ``pid`` or a descendant listens; None where that cannot be seen.

    It cannot be seen where the processes belong to another user, or the tables of sockets are not readable.
    """
    sockets = listening_sockets(ports)
    if sockets is None:
        return None
    if not any(sockets.values()):
        return ()
    held, complete = socket_inodes(tree(pid))
    owned = tuple(port for port in ports if any(inode in held for inode in sockets[port]))
    return owned if owned or complete else None


def _owners(inodes: set[int], pids: Iterable[int]) -> dict[int, int]:
    if not inodes:
        return {}
    held, _complete = socket_inodes(pids)
    return {inode: held[inode] for inode in inodes if inode in held}


def _nearest_to_the_root(pid: int, inode: int) -> int:
    """The forebear of ``pid`` furthest up, or itself, that holds the socket as well.

    The numbers do not tell it: after the largest one the kernel begins anew with small ones, and a worker's may be
    smaller than its master's.
    """
    above = parent(pid)
    while above and inode in socket_inodes((above,))[0]:
        pid, above = above, parent(above)
    return pid


def _others() -> list[int]:
    """This user's processes; everybody's where this user is root."""
    own = os.geteuid()
    pids = []
    with os.scandir("/proc") as entries:
        for entry in entries:
            if not entry.name.isdigit():
                continue
            try:
                owner = entry.stat().st_uid
            except OSError:  # it has ended
                continue
            if own in (0, owner):
                pids.append(int(entry.name))
    return pids
