"""What looking at programs, starting, stopping and restarting them return."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SupervisorState:
    """supervisord itself; with ``reachable`` False the other fields are None and ``error`` says why."""

    reachable: bool
    state: str | None
    version: str | None
    pid: int | None
    error: str | None


@dataclass(frozen=True)
class Program:
    """One process of supervisord's table.

    ``state`` is supervisord's word (STOPPED STARTING RUNNING BACKOFF STOPPING EXITED FATAL UNKNOWN).
    ``cpu_percent`` (of one core) and ``memory_bytes`` are those of the whole process tree, None where nothing
    runs or nothing was measured. ``since_seconds``: how long it has been in this state, where known.
    ``processes`` counts the tree, the program itself included. ``log_file`` as supervisord gives it.
    """

    name: str
    group: str
    state: str
    pid: int | None
    uptime_seconds: float | None
    cpu_percent: float | None
    memory_bytes: int | None
    description: str
    since_seconds: float | None = None
    processes: int = 0
    log_file: Path | None = None
    error_log_file: Path | None = None
    spawn_error: str = ""

    @property
    def full_name(self) -> str:
        """The name that supervisorctl takes: ``group:name`` where the two differ."""
        return self.name if self.name == self.group else f"{self.group}:{self.name}"


@dataclass(frozen=True)
class Listener:
    """Who listens on a port of this machine, found passively. ``process`` is None where it cannot be known."""

    port: int
    listening: bool
    process: str | None
    pid: int | None = None


@dataclass(frozen=True)
class HttpAnswer:
    """One request's outcome. ``status`` is None when no answer came, ``error`` then says why.

    ``seconds`` in a restart's result counts from the key press, elsewhere from the request.
    """

    port: int
    status: int | None
    seconds: float
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Something answered, and not with an error of its own (5xx)."""
        return self.status is not None and self.status < 500


@dataclass(frozen=True)
class Verdict:
    """Why a program does not run.

    ``cause``: import-error, syntax-error, port-in-use, command-not-found, dead-virtualenv, permission,
    out-of-memory, http-error, no-answer, exited-too-quickly, or stopped. ``title`` is one sentence, ``detail``
    adds what is known, ``remedy`` says what to do, ``action`` names the console's own action for it
    ("rebuild", "logs", "start", "restart") or is None. ``log`` holds the last lines that matter, ``traceback``
    the last traceback whole.
    """

    cause: str
    title: str
    detail: str
    log: tuple[str, ...] = ()
    remedy: str = ""
    action: str | None = None
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True)
class Restart:
    """What start, stop, restart and reload return for one program.

    ``seconds`` runs from the call to the wanted state (RUNNING, STOPPED); None when it was not reached.
    ``http`` is None where the program has no known port. ``downtime_seconds``: from the stop to the first
    answer, None where there is nothing to ask. ``unchanged`` means that there was nothing to do. ``orphans``:
    processes that its stop had left behind and that were ended, as ``gunicorn 4711``.
    """

    program: str
    action: str
    ok: bool
    state: str
    seconds: float | None
    http: HttpAnswer | None = None
    verdict: Verdict | None = None
    pid: int | None = None
    downtime_seconds: float | None = None
    unchanged: bool = False
    orphans: tuple[str, ...] = ()
