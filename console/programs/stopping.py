"""Stopping programs: told without waiting, then looked at until they have ended."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..events import OrphansEnded, Stopped, Stopping
from ..results import Program
from .call import Call, pause
from .faults import Code, SupervisorFault
from .orphans import Descendant, descendants, end_orphans, find_orphans
from .processes import command_line

RUNNING_STATES = ("STARTING", "RUNNING", "BACKOFF")  # what supervisord takes a stop for
ENDED_STATES = ("STOPPED", "EXITED", "FATAL", "UNKNOWN")
# A program that ended by itself may be started anew by supervisord, within one turn of its loop.
_AUTORESTART_SECONDS = 1.5
_DEFAULT_STOPWAITSECS = 10
_NEWBORN_SECONDS = 2.0  # supervisord tells times in whole seconds
_EXEC_SECONDS = 1.0
_KILL_SECONDS = 5.0  # from SIGKILL to the end: the kernel has to free its memory


def stop_programs(call: Call, programs: Sequence[Program], *, patient: bool) -> dict[str, Program]:
    """Stop ``programs`` and wait until they have ended, at most as long as the call may take; return them as they
    are then.

    ``patient`` waits longer, until even the slowest must have ended because supervisord kills it. Those that have
    ended already are left alone. What their stop leaves behind on their ports is ended as well, see ``orphans``.
    Raises NothingThere or SupervisorFault.
    """
    result = {program.full_name: program for program in programs}
    pending = {program.full_name for program in programs if not _at_rest(program)}
    told: dict[str, tuple[Descendant, ...]] = {}
    began = time.monotonic()
    limit = call.deadline
    for name in sorted(pending):
        if result[name].state in RUNNING_STATES:
            _tell(call, result[name], told)
        call.on_event(Stopping(name))
    while pending:
        for name, program in call.look(pending).items():
            result[name] = program
            if program.state in RUNNING_STATES and name not in told:
                _tell(call, program, told)
            elif program.state in ENDED_STATES and (name in told or _at_rest(program)):
                pending.discard(name)
                call.on_event(Stopped(name, call.elapsed()))
        if patient and time.monotonic() >= limit:
            limit, patient = began + kill_seconds(call, programs), False
        if not pending or time.monotonic() >= limit:
            break
        pause(time.monotonic() - began)
    for name in sorted(told.keys() - pending):
        orphans = find_orphans(told[name])
        ended = end_orphans(orphans, _stopwaitsecs(call, [result[name]])) if orphans else ()
        if ended:
            call.orphans[name] = ended
            call.on_event(OrphansEnded(name, ended))
    return result


def kill_seconds(call: Call, programs: Sequence[Program]) -> float:
    """After how many seconds even the slowest of ``programs`` has ended: supervisord kills past its stopwaitsecs."""
    return _stopwaitsecs(call, programs) + _KILL_SECONDS


def _stopwaitsecs(call: Call, programs: Sequence[Program]) -> int:
    """The longest that supervisord gives one of ``programs`` to end."""
    names = {(program.name, program.group) for program in programs}
    waits = [_DEFAULT_STOPWAITSECS]
    for config in call.supervisor.configs():
        if (config.get("name"), config.get("group")) in names:
            if "stopwaitsecs" not in config:  # supervisord before 4.0 does not tell: its file does
                waits += [_stopwaitsecs_on_disk(call, program) for program in programs]
                break
            waits.append(int(config["stopwaitsecs"]))
    return max(waits)


def _stopwaitsecs_on_disk(call: Call, program: Program) -> int:
    from .config import program_config

    config = program_config(call.container, program.full_name)
    return config.stopwaitsecs if config is not None else _DEFAULT_STOPWAITSECS


def _at_rest(program: Program) -> bool:
    """Whether it has ended, and supervisord will not start it by itself."""
    if program.state == "EXITED":
        return program.since_seconds is None or program.since_seconds > _AUTORESTART_SECONDS
    return program.state in ENDED_STATES


def _tell(call: Call, program: Program, told: dict[str, tuple[Descendant, ...]]) -> None:
    """Have supervisord stop ``program``; into ``told`` with what runs below it, where the stop was taken: not where
    the program ended a moment before.
    """
    below = descendants(program.pid) if program.pid is not None else ()
    if program.pid is not None and (program.since_seconds or 0) <= _NEWBORN_SECONDS:
        _wait_for_exec(call, program.pid)
    try:
        call.supervisor.stop(program.full_name)
    except SupervisorFault as fault:
        if fault.code != Code.NOT_RUNNING:
            raise
    else:
        told[program.full_name] = below


def _wait_for_exec(call: Call, pid: int) -> None:
    """Wait until ``pid`` has become the program. Until then it is a copy of supervisord, with supervisord's handlers:
    it would swallow the signal, and the program would be stopped only by SIGKILL, stopwaitsecs later.
    """
    supervisord = command_line(call.supervisor.pid())
    limit = time.monotonic() + _EXEC_SECONDS
    while supervisord and command_line(pid) == supervisord and time.monotonic() < limit:
        time.sleep(0.001)
