"""The programs' table: what supervisord says of every program, and what its processes use."""

from __future__ import annotations

from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..results import Program, SupervisorState
from .client import Info, Supervisor
from .usage import TreeUsage, Usage

# Version and pid of the supervisord behind a socket; a new supervisord makes a new socket file.
_identities: dict[Path, tuple[object, str, int]] = {}


def read_programs(
    container: Container, usage: Usage | None = None, *, seconds: float = 5.0
) -> tuple[SupervisorState, tuple[Program, ...]]:
    """supervisord and all its programs, ordered by group and name; with ``usage`` their CPU and memory too.

    A supervisord that cannot be reached is told in ``SupervisorState.error``, and there are no programs then;
    ``seconds`` is the longest wait for each of its answers.
    """
    supervisor = Supervisor(container.supervisor_socket, connect_timeout=min(1.0, seconds), read_timeout=seconds)
    try:
        infos = supervisor.all_processes()
        version, pid = _identity(supervisor)
    except ConsoleError as error:
        return SupervisorState(False, None, None, None, f"{error.title} {error.cause}".strip()), ()
    used = usage.sample(info["pid"] for info in infos if info["pid"]) if usage is not None else {}
    # In every other state supervisord refuses the call above.
    state = SupervisorState(True, "RUNNING", version, pid, None)
    return state, tuple(program_from(container, info, used.get(info["pid"])) for info in infos)


def program_from(container: Container, info: Info, used: TreeUsage | None = None) -> Program:
    """One program from getProcessInfo's struct."""
    state = str(info["statename"])
    start, stop, now = int(info["start"]), int(info["stop"]), int(info["now"])
    return Program(
        name=str(info["name"]),
        group=str(info["group"]),
        state=state,
        pid=int(info["pid"]) or None,
        uptime_seconds=float(max(0, now - start)) if state == "RUNNING" else None,
        cpu_percent=used.cpu_percent if used else None,
        memory_bytes=used.memory_bytes if used else None,
        description=str(info["description"]),
        since_seconds=_since(state, start, stop, now),
        processes=used.processes if used else 0,
        log_file=_log(container, info["stdout_logfile"]),
        error_log_file=_log(container, info["stderr_logfile"]),
        spawn_error=str(info["spawnerr"]),
    )


def _since(state: str, start: int, stop: int, now: int) -> float | None:
    """Seconds in this state. supervisord keeps the last start and the last end, not the moment of STOPPING."""
    if state == "STOPPING":
        return None
    moment = start if state in ("RUNNING", "STARTING") else max(start, stop)
    return float(max(0, now - moment)) if moment else None


def _log(container: Container, path: object) -> Path | None:
    """The log at ``path``; None where there is none, or it is a device that cannot be read back."""
    if not isinstance(path, str) or not path or path.startswith("/dev/"):
        return None
    return container.under_root(path)


def _identity(supervisor: Supervisor) -> tuple[str, int]:
    try:
        found = supervisor.socket.stat()
        key: object = (found.st_dev, found.st_ino, found.st_ctime_ns)
    except OSError:  # gone again: the answers that came are still true
        key = None
    known = _identities.get(supervisor.socket)
    if known is not None and key is not None and known[0] == key:
        return known[1], known[2]
    version, pid = supervisor.version(), supervisor.pid()
    _identities[supervisor.socket] = (key, version, pid)
    return version, pid
