"""Start, stop, restart and reload programs, by the names that a person gives.

Each function returns when it is known how it went, at the latest after ``timeout`` seconds; only a program that
takes longer than that to stop is waited for, until supervisord kills it, because nobody else would start it again.
Raises NothingThere without supervisord, WrongUsage for a name that means nothing, SupervisorFault where supervisord
refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..container import Container
from ..errors import WrongUsage
from ..events import OnEvent, ignore
from ..results import Program, Restart, Verdict
from ..text import _
from .call import Call
from .selection import select
from .stopping import ENDED_STATES, stop_programs

TIMEOUT = 30.0  # seconds


def operate(
    container: Container, action: str, names: Sequence[str], *, timeout: float = TIMEOUT, on_event: OnEvent = ignore
) -> tuple[Restart, ...]:
    """``action`` (start, stop, restart or reload) on the programs that ``names`` mean; one result for each."""
    if action == "start":
        return start_all(container, names, timeout=timeout, on_event=on_event)
    if action == "stop":
        return stop_all(container, names, timeout=timeout, on_event=on_event)
    return restart_all(container, names, timeout=timeout, graceful=action == "reload", on_event=on_event)


def start(container: Container, name: str, *, timeout: float = TIMEOUT, on_event: OnEvent = ignore) -> Restart:
    """Start one program and wait until it runs and answers; ``unchanged`` where it runs already."""
    return _start(*_only_one(container, name, timeout, on_event))[0]


def stop(container: Container, name: str, *, timeout: float = TIMEOUT, on_event: OnEvent = ignore) -> Restart:
    """Stop one program and wait until it has ended; ``unchanged`` where it does not run."""
    return _stop(*_only_one(container, name, timeout, on_event))[0]


def restart(
    container: Container,
    name: str,
    *,
    timeout: float = TIMEOUT,
    graceful: bool = False,
    on_event: OnEvent = ignore,
    while_stopped: Callable[[], None] | None = None,
) -> Restart:
    """Restart one program and wait until it runs and answers over HTTP; one that does not run is started.

    ``while_stopped`` is called when it has ended and before it is started; whatever it raises, the program is
    started again all the same, and then it is raised here. ``graceful`` reloads gunicorn without a missed
    request, see ``reloading.reload_program``; the hook is not called then.
    """
    call, programs = _only_one(container, name, timeout, on_event)
    return _reload(call, programs)[0] if graceful else _restart(call, programs, while_stopped)[0]


def start_all(
    container: Container, names: Sequence[str], *, timeout: float = TIMEOUT, on_event: OnEvent = ignore
) -> tuple[Restart, ...]:
    """Start the programs that ``names`` mean, all at once."""
    return _start(*_selected(container, names, timeout, on_event))


def stop_all(
    container: Container, names: Sequence[str], *, timeout: float = TIMEOUT, on_event: OnEvent = ignore
) -> tuple[Restart, ...]:
    """Stop the programs that ``names`` mean, all at once."""
    return _stop(*_selected(container, names, timeout, on_event))


def restart_all(
    container: Container,
    names: Sequence[str],
    *,
    timeout: float = TIMEOUT,
    graceful: bool = False,
    on_event: OnEvent = ignore,
    while_stopped: Callable[[], None] | None = None,
) -> tuple[Restart, ...]:
    """Restart the programs that ``names`` mean, all at once; gracefully one after the other."""
    call, programs = _selected(container, names, timeout, on_event)
    return _reload(call, programs) if graceful else _restart(call, programs, while_stopped)


def restart_in_order(
    container: Container,
    names: Sequence[str],
    *,
    timeout: float = TIMEOUT,
    on_event: OnEvent = ignore,
    while_stopped: Callable[[], None] | None = None,
) -> tuple[Restart, ...]:
    """Restart the programs that ``names`` mean in supervisord's order of priorities; the results in that order.

    Those of the highest priority number are stopped first, ``app`` as the last among equals, and each has ended
    before the next is told; then ``while_stopped`` is called as ``restart`` does it, for all of them together,
    and they are started the other way round. A worker that takes its time to end so adds nothing to the time
    that ``app`` is down, unless its priority lets it be started before.
    """
    from .restarting import restart_in_order as in_order

    call, programs = _selected(container, names, timeout, on_event)
    return in_order(call, programs, while_stopped=while_stopped)


def _selected(
    container: Container, names: Sequence[str], timeout: float, on_event: OnEvent
) -> tuple[Call, tuple[Program, ...]]:
    call = Call(container, timeout, on_event)
    return call, select(call.all_programs(), names)


def _only_one(container: Container, name: str, timeout: float, on_event: OnEvent) -> tuple[Call, tuple[Program, ...]]:
    call, programs = _selected(container, [name], timeout, on_event)
    if len(programs) != 1:
        raise WrongUsage(_("{name} means several programs.").format(name=name))
    return call, programs


# What follows and reads configurations is imported where it is needed: stop does without it.


def _start(call: Call, programs: tuple[Program, ...]) -> tuple[Restart, ...]:
    from .restarting import start_programs

    return start_programs(call, programs)


def _restart(
    call: Call, programs: tuple[Program, ...], while_stopped: Callable[[], None] | None = None
) -> tuple[Restart, ...]:
    from .restarting import restart_programs

    return restart_programs(call, programs, while_stopped=while_stopped)


def _reload(call: Call, programs: tuple[Program, ...]) -> tuple[Restart, ...]:
    from .reloading import reload_program

    results: list[Restart] = []
    for program in programs:
        own = Call(call.container, call.timeout, call.on_event)
        results += [reload_program(own, program)] if program.state == "RUNNING" else _restart(own, (program,))
    return tuple(results)


def _stop(call: Call, programs: tuple[Program, ...]) -> tuple[Restart, ...]:
    now = stop_programs(call, programs, patient=False)
    return tuple(_stopped(call, one, now[one.full_name]) for one in programs)


def _stopped(call: Call, before: Program, now: Program) -> Restart:
    name = now.full_name
    if now.state not in ENDED_STATES:
        verdict = Verdict(
            cause="no-answer",
            title=_("{program} has not ended after {seconds:.0f} s.").format(program=name, seconds=call.timeout),
            detail=_("It was told to stop and is {state}.").format(state=now.state),
            remedy=_("supervisord kills it when its stopwaitsecs have passed."),
            action="logs",
        )
        return Restart(name, "stop", False, now.state, None, verdict=verdict, pid=now.pid)
    unchanged = before.state in ENDED_STATES
    took = None if unchanged else call.elapsed()
    return Restart(name, "stop", True, now.state, took, unchanged=unchanged, orphans=call.orphans.get(name, ()))
