"""Which programs a switch of the virtualenv stops and starts, and what is to be expected of them afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError, NothingThere
from ..programs.from_venv import programs_from_venv
from ..programs.present_answer import present_answer
from ..programs.table import read_programs
from ..results import HttpAnswer, Program, Restart
from ..shell_commands import supervisorctl
from ..text import _

APP = "app"
_RAN = ("RUNNING", "STARTING", "BACKOFF")
_ENDED_BY_ITSELF = ("FATAL", "EXITED")
_ASK_SECONDS = 2.0  # an app that hangs must not hold the switch up


@dataclass(frozen=True)
class Affected:
    """``programs`` as they were before, in the order of their start. ``answers``: what those with a port answered."""

    programs: tuple[Program, ...]
    old_usable: bool
    answers: dict[str, HttpAnswer]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(program.full_name for program in self.programs)

    def state(self, name: str) -> str | None:
        return next((program.state for program in self.programs if program.full_name == name), None)

    def is_as_before(self, restart: Restart) -> bool:
        """Whether it does not fare worse: it is up, or answers with the very error that it answered with before."""
        return restart.ok or self.has_same_error(restart)

    def has_same_error(self, restart: Restart) -> bool:
        before, now = self.answers.get(restart.program), restart.http
        if restart.ok or restart.state != "RUNNING" or before is None or now is None:
            return False
        return now.status is not None and now.status == before.status

    def is_needed(self, restart: Restart) -> bool:
        """Whether it has to come back: it ran before, or the old virtualenv alone may have kept it from that.

        A job that had ended by itself may end again.
        """
        state = self.state(restart.program)
        if restart.program == APP or state in ("RUNNING", "STARTING"):
            return True
        return not self.old_usable and state != "EXITED"


def all_programs(container: Container) -> tuple[Program, ...]:
    """Every program of supervisord. Raises NothingThere without it."""
    supervisor, programs = read_programs(container)
    if not supervisor.reachable:
        raise NothingThere(_("supervisord is not reachable."), supervisor.error or "", _("Nothing was changed."))
    return programs


def find_affected(container: Container, *, old_usable: bool, links: Sequence[Path] = ()) -> Affected:
    """The programs that run from the virtualenv, or by one of the symlinks ``links``, and that the switch restarts.

    What a person has stopped stays stopped, unless it had to be: then the old virtualenv was not ``old_usable``.
    Those that listen are asked over HTTP, so call this right before the switch. Raises NothingThere without
    supervisord.
    """
    all_programs(container)
    taken = tuple(program for program in programs_from_venv(container, links=links) if _is_taken(program, old_usable))
    return Affected(taken, old_usable, _answers(container, taken))


def affected_before(container: Container, names: Sequence[str], *, old_usable: bool) -> Affected:
    """The programs ``names``, which ran before a switch that was cut off, however they are now.

    Those that supervisord no longer has are left out. Raises NothingThere without supervisord.
    """
    known = {program.full_name: program for program in all_programs(container)}
    return Affected(tuple(replace(known[name], state="RUNNING") for name in names if name in known), old_usable, {})


def _answers(container: Container, taken: Sequence[Program]) -> dict[str, HttpAnswer]:
    return {
        program.full_name: answer
        for program in taken
        if (answer := present_answer(container, program, timeout=_ASK_SECONDS)) is not None
    }


def _is_taken(program: Program, old_usable: bool) -> bool:
    if program.state in _RAN:
        return True
    if program.full_name == APP:  # it is the one that the virtualenv is for
        return not (old_usable and program.state == "STOPPED")
    if old_usable:
        return False
    # One that supervisord has never started is off by choice.
    return program.state in _ENDED_BY_ITSELF or (program.state == "STOPPED" and program.since_seconds is not None)


def restarted_names(container: Container, *, old_usable: bool, links: Sequence[Path] = ()) -> tuple[str, ...]:
    """The programs that a switch would restart now, in the order of their start. Never raises."""
    return _present_names(container, old_usable, links)


def service_commands(
    container: Container,
    programs: Sequence[str] | None = None,
    *,
    old_usable: bool = True,
    links: Sequence[Path] = (),
) -> tuple[str, str]:
    """The shell commands before and after a switch: the line that stops what it restarts, and the one that starts it.

    ``programs`` are full names in the order of their start; None finds those that a switch would take now.
    supervisorctl goes through the names of a line one after the other, as the switch does.
    """
    names = _present_names(container, old_usable, links) if programs is None else tuple(programs)
    return supervisorctl(container, "stop", *reversed(names)), supervisorctl(container, "start", *names)


def _present_names(container: Container, old_usable: bool, links: Sequence[Path]) -> tuple[str, ...]:
    try:
        found = programs_from_venv(container, links=links)
    except ConsoleError:  # without supervisord: the usual one
        return (APP,)
    return tuple(one.full_name for one in found if one.full_name == APP or _is_taken(one, old_usable)) or (APP,)
