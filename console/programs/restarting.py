"""Start and restart: stop what runs, start it, and follow it until it answers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..errors import ConsoleError
from ..results import Program, Restart, Verdict
from .call import Call, pause
from .evidence import mark
from .faults import Code, SupervisorFault
from .following import Started, follow_all, ports_to_ask
from .order import start_stages
from .stopping import ENDED_STATES, RUNNING_STATES, kill_seconds, stop_programs
from .verdict import find_verdict

# Where stopping has used up the time, a start still gets this much of it.
_LEAST_SECONDS = 5.0
_UP_STATES = ("STARTING", "RUNNING")  # one in BACKOFF has been down for longer than anybody has looked


def start_programs(call: Call, programs: Sequence[Program]) -> tuple[Restart, ...]:
    """Start ``programs``; those that run already are left as they are (``unchanged``).

    One in BACKOFF is stopped first, which makes supervisord try at once; one that is STOPPING is waited for.
    """
    running = [one for one in programs if one.state == "RUNNING"]
    unchanged = {
        one.full_name: Restart(one.full_name, "start", True, one.state, None, pid=one.pid, unchanged=True)
        for one in running
    }
    rest = [one for one in programs if one.full_name not in unchanged]
    again = [one for one in rest if one.state in ("BACKOFF", "STOPPING")]
    started = restart_programs(call, rest, action="start", to_stop=[again]) if rest else ()
    results = unchanged | {one.program: one for one in started}
    return tuple(results[one.full_name] for one in programs)


def restart_in_order(
    call: Call, programs: Sequence[Program], *, while_stopped: Callable[[], None] | None = None
) -> tuple[Restart, ...]:
    """Restart ``programs`` in the order of supervisord's priorities, see ``order.start_stages``; results in that order.

    One stage after the other is stopped, the last first, and each has ended before the next is told. Then all are
    started in order, without waiting in between, and followed at once.
    """
    stages = start_stages(call.supervisor, programs)
    ordered = [one for stage in stages for one in stage]
    return restart_programs(call, ordered, to_stop=tuple(reversed(stages)), while_stopped=while_stopped)


def restart_programs(
    call: Call,
    programs: Sequence[Program],
    *,
    action: str = "restart",
    to_stop: Sequence[Sequence[Program]] | None = None,
    while_stopped: Callable[[], None] | None = None,
) -> tuple[Restart, ...]:
    """Stop the stages ``to_stop`` one after the other (default: all at once), call ``while_stopped``, start
    ``programs`` in their order and follow them.

    Whatever is raised in between (by ``while_stopped`` or ``on_event``, or Ctrl-C): what ran is started again
    before it goes on its way.
    """
    ports = {one.full_name: ports_to_ask(call.container, one) for one in programs}
    down_since: dict[str, float] = {}
    now: dict[str, Program] = {}
    try:
        for stage in (programs,) if to_stop is None else to_stop:
            fresh = _fresh(call, stage) if now else stage
            told = time.monotonic()
            down_since |= {one.full_name: told for one in fresh if one.state in _UP_STATES}
            now |= stop_programs(call, fresh, patient=True)
        waited = time.monotonic()
        if while_stopped is not None:
            while_stopped()
        # What it took (a virtualenv may be built meanwhile) is no time that the programs had to come up.
        held_up = time.monotonic() - waited
        logs = mark(call.container, programs)
        started = [
            Started(
                now.get(one.full_name, one),
                action,
                ports[one.full_name],
                down_since.get(one.full_name),
                _start(call, now.get(one.full_name, one)),
            )
            for one in programs
        ]
    except BaseException:
        _start_again(call, [one for one in programs if one.state in RUNNING_STATES or one.full_name in down_since])
        raise
    least = time.monotonic() + min(call.timeout, _LEAST_SECONDS)
    return follow_all(call, started, logs, max(call.deadline + held_up, least))


def _fresh(call: Call, programs: Sequence[Program]) -> list[Program]:
    """``programs`` as they are now: while others were waited for, one may have ended or begun."""
    seen = call.look({one.full_name for one in programs})
    return [seen.get(one.full_name, one) for one in programs]


def _start(call: Call, program: Program) -> Verdict | None:
    """Start ``program``; the verdict where supervisord does not even try."""
    name = program.full_name
    try:
        call.supervisor.start(name)
    except SupervisorFault as fault:
        if fault.code in (Code.ALREADY_STARTED, Code.SPAWN_ERROR):  # BACKOFF after SPAWN_ERROR: it goes on trying
            return None
        found: Verdict | None = None
        if fault.code in (Code.NO_FILE, Code.NOT_EXECUTABLE):
            kind = "can't find command" if fault.code == Code.NO_FILE else "command at"
            refused = replace(program, state="FATAL", pid=None, spawn_error=f"{kind} '{fault.text}'")
            found = find_verdict(call.container, refused)
        return found or Verdict("exited-too-quickly", fault.title, fault.cause, remedy=fault.remedy, action="logs")
    return None


def _start_again(call: Call, programs: Sequence[Program]) -> None:
    """Bring back what ran, after an exception: wait until each has ended, and start it."""
    with contextlib.suppress(ConsoleError):  # the exception on its way is the one to tell
        pending = {one.full_name for one in programs}
        began = time.monotonic()
        limit = began + kill_seconds(call, programs)
        while pending and time.monotonic() < limit:
            for name, program in call.look(pending).items():
                if program.state in RUNNING_STATES:  # it had not been told to stop yet, or is started already
                    pending.discard(name)
                elif program.state in ENDED_STATES:
                    pending.discard(name)
                    _start(call, program)
            pause(time.monotonic() - began)
