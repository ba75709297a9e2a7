"""What operations return: frozen, finished, and the same for the command line, the screens and ``--json``.

Seconds and bytes are plain numbers, times are aware datetimes, texts are in the user's language. Text that
came from outside (log lines, names) is as it was found: whoever shows it passes it through
``logs.clean.terminal_safe``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .encoding import as_json, from_json
from .programs import HttpAnswer, Listener, Program, Restart, SupervisorState, Verdict
from .pythons import ChoiceChange, Interpreter, OfferedPython, PythonList
from .static_block import Static, StaticProblem
from .venv import (
    Freeze,
    ImageSwitch,
    OtherVersion,
    PackageChange,
    Rebuild,
    RebuildPlan,
    RequirementsChange,
    RequirementsState,
    Rescue,
    RollbackPlan,
    Venv,
)

__all__ = [
    "ChoiceChange",
    "ContainerFacts",
    "Disk",
    "Freeze",
    "HttpAnswer",
    "ImageSwitch",
    "Interpreter",
    "Job",
    "Listener",
    "LogFile",
    "Memory",
    "OfferedPython",
    "OtherVersion",
    "PackageChange",
    "Program",
    "PythonList",
    "Rebuild",
    "RebuildPlan",
    "RequirementsChange",
    "RequirementsState",
    "Rescue",
    "Restart",
    "RollbackPlan",
    "Static",
    "StaticProblem",
    "Status",
    "SupervisorState",
    "Venv",
    "Verdict",
    "as_json",
    "from_json",
]


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


# -- logs ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LogFile:
    """One file of the log folder; ``program`` where supervisord writes it for one."""

    path: Path
    bytes: int
    modified: datetime
    program: str | None = None


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
    image_switch: ImageSwitch | None = None
