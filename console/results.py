"""What operations return: frozen, finished, and the same for the command line, the screens and ``--json``.

Seconds and bytes are plain numbers, times are aware datetimes, texts are in the user's language. Text that
came from outside (log lines, names) is as it was found: whoever shows it passes it through
``logs.clean.terminal_safe``.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any


def as_json(value: Any) -> Any:
    """``value`` as what ``json.dumps`` takes: dataclasses become objects, paths strings, times ISO 8601."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [as_json(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value


# -- the container ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Memory:
    """``limit_bytes`` is the cgroup's limit, None where there is none; ``used_bytes`` without reclaimable cache."""

    used_bytes: int
    limit_bytes: int | None


@dataclass(frozen=True)
class Disk:
    used_bytes: int
    free_bytes: int


@dataclass(frozen=True)
class ContainerFacts:
    root: Path
    generation: str
    python: str | None
    memory: Memory
    disk: Disk


# -- programs --------------------------------------------------------------------------------------


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
    answer, None where there is nothing to ask. ``unchanged`` means that there was nothing to do.
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


# -- logs ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LogFile:
    """One file of the log folder; ``program`` where supervisord writes it for one."""

    path: Path
    bytes: int
    modified: datetime
    program: str | None = None


# -- static files ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class StaticProblem:
    """``code`` is stable: slash-leak, slash-missing, slash-sibling, folder-missing ...; ``severity`` error or
    warning.
    """

    code: str
    severity: str
    title: str
    remedy: str = ""


@dataclass(frozen=True)
class Static:
    """The static block. ``state``: on, off, absent (no block in the site file), broken (see ``problems``), or unknown
    while nobody has looked.
    """

    state: str
    file: Path
    location: str | None
    alias: str | None
    problems: tuple[StaticProblem, ...] = ()
    line: int | None = None


@dataclass(frozen=True)
class StaticPlan:
    """A change of the site file that has not been made: ``new`` is its whole content, ``diff`` shows it.

    ``commands`` are the shell commands that it stands for. ``changes`` is False when there is nothing to do.
    """

    before: Static
    wanted: str
    location: str
    alias: str
    old: bytes
    new: bytes
    diff: str
    changes: bool
    problems: tuple[StaticProblem, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True)
class StaticChange:
    """A change that was made, or was made and taken back (``ok`` False, ``error`` says why).

    ``proof``: the request that showed it, e.g. "GET /static/logo.svg 200, 1 kB as on the disk".
    """

    ok: bool
    static: Static
    diff: str
    backup: Path | None
    seconds: float
    proof: str = ""
    error: str = ""
    proved: bool = False


# -- interpreters ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Interpreter:
    """One of the image's Pythons. ``version`` is None where it does not run; ``chosen``: the image's Python."""

    path: Path
    version: str | None
    chosen: bool


# -- virtualenv ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Venv:
    """What is in the virtualenv's place.

    ``state``: ok, missing, dead (its interpreter does not run), mismatch (it runs, but the image's Python is
    another) or foreign (no virtualenv). ``python`` is its Python from its own files, ``image_python`` the
    image's. ``packages`` counts distributions. ``requirements`` is None without a requirements.txt, else the
    names that are missing or have a version that it does not allow. ``rollback``: an older one stands ready.
    """

    state: str
    path: Path
    python: str | None
    packages: int
    rollback: bool
    image_python: str | None = None
    made_by: str | None = None
    target: Path | None = None
    reason: str = ""
    unmet: tuple[str, ...] | None = None


@dataclass(frozen=True)
class PackageChange:
    """``how``: wheel, build, kept, removed or impossible (then ``why`` says why)."""

    name: str
    from_version: str | None
    to_version: str | None
    how: str
    why: str | None = None


@dataclass(frozen=True)
class RebuildPlan:
    """What a rebuild would do; nothing has been changed. ``problems`` are what stops it (then not ``ok``)."""

    strategy: str
    reason: str
    from_python: str | None
    to_python: str | None
    interpreter: Path | None
    requirements: Path | None
    packages: tuple[PackageChange, ...]
    bytes_needed: int
    bytes_free: int
    ok: bool
    problems: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True)
class RollbackPlan:
    """What a rollback would do; nothing has been changed. ``title`` says it in one sentence."""

    title: str
    target: Path
    from_python: str | None
    to_python: str | None
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Rebuild:
    """How a rebuild or a rollback ended. ``ok`` False means that what stood before stands again, or what
    ``error`` says. ``kept`` is the virtualenv for ``rollback``, ``freed_bytes`` what removing older ones gave.
    ``note`` says what a person should know although all went well ("app is stopped and stays so").
    """

    ok: bool
    venv: Venv
    seconds: float
    downtime_seconds: float | None = None
    restart: Restart | None = None
    undone: bool = False
    error: str = ""
    remedy: str = ""
    output: tuple[str, ...] = ()
    kept: Path | None = None
    freed_bytes: int = 0
    note: str = ""


@dataclass(frozen=True)
class Freeze:
    """``requirements.txt`` as a freeze would write it: ``diff`` against the present one."""

    path: Path
    old: bytes
    new: bytes
    diff: str
    packages: int


# -- all of it -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    id: str
    kind: str
    step: str
    running: bool


@dataclass(frozen=True)
class Status:
    """Everything the first screen says. ``site_up`` is None where nothing could be asked; ``http`` is the site's
    answer, and ``asked`` when it gave it.
    """

    container: ContainerFacts
    supervisor: SupervisorState
    programs: tuple[Program, ...]
    request_path: tuple[Listener, ...]
    static: Static
    venv: Venv
    job: Job | None = None
    site_up: bool | None = None
    verdict: Verdict | None = None
    http: HttpAnswer | None = None
    asked: datetime | None = None
