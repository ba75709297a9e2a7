"""One call of an operation on programs: its clock, its supervisord, and how it looks at the programs."""

from __future__ import annotations

import time
from collections.abc import Collection

from ..container import Container
from ..events import OnEvent
from ..results import Program
from .client import Supervisor
from .table import program_from

# supervisord notices the end of a program only when something wakes it up: a poll does, otherwise up to 1.25 s pass.
FIRST_PAUSE = 0.01
# On a quarter of a core, looking a hundred times a second takes from the program that is to start.
LONGEST_PAUSE = 0.05


class Call:
    """``timeout`` seconds from now; ``on_event`` gets the events, in the caller's thread."""

    def __init__(self, container: Container, timeout: float, on_event: OnEvent) -> None:
        self.container = container
        self.supervisor = Supervisor(container.supervisor_socket)
        self.on_event = on_event
        self.timeout = timeout
        self.orphans: dict[str, tuple[str, ...]] = {}  # by program: what its stop had left behind, see ``orphans``
        self.began = time.monotonic()
        self.deadline = self.began + timeout

    def elapsed(self) -> float:
        """Seconds since the call."""
        return time.monotonic() - self.began

    def all_programs(self) -> tuple[Program, ...]:
        return tuple(program_from(self.container, info) for info in self.supervisor.all_processes())

    def look(self, names: Collection[str]) -> dict[str, Program]:
        """The programs ``names`` (full names) now; one that supervisord no longer knows is missing."""
        if len(names) == 1:
            infos = [self.supervisor.process(name) for name in names]
        else:
            infos = self.supervisor.all_processes()
        programs = [program_from(self.container, info) for info in infos]
        return {program.full_name: program for program in programs if program.full_name in names}


def pause(seconds: float) -> None:
    """Wait until the next look, ``seconds`` after the first: 10 ms at first, later a fiftieth of the time so far."""
    time.sleep(min(LONGEST_PAUSE, max(FIRST_PAUSE, seconds / 50)))
