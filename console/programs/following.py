"""Following programs that were just started, until they run and answer, or it is known that they will not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..container import Container
from ..events import Answered, Failing, Running, Starting
from ..health.request_path import owned_ports
from ..results import HttpAnswer, Program, Restart, Verdict
from ..text import _
from .call import Call, pause
from .first_answer import FirstAnswer
from .log_mark import LogMark
from .verdict import HOPELESS, find_verdict

# A program without a port has to stay for this long, also where its startsecs is 0.
_SETTLE_SECONDS = 1.0
# EXITED for this long: supervisord will not start it again (autorestart).
_LEFT_ALONE_SECONDS = 1.5
# One more than supervisord's own startretries; it does not count programs that were RUNNING for a moment.
_MOST_ENDS = 4


def ports_to_ask(container: Container, program: Program) -> tuple[int, ...]:
    """The ports on which ``program`` shall answer, the first that it listens on counts; empty for none.

    ``app`` is asked where nginx passes on, or where the load balancer asks when it listens there itself; ``nginx``
    where the load balancer asks; any other program where it listens now, if on one of the two.
    """
    both = tuple(dict.fromkeys((container.app_port, container.http_port)))
    if program.full_name == "app":
        return both
    if program.full_name == "nginx":
        return (container.http_port,)
    return (owned_ports(both, program.pid) or ()) if program.pid is not None else ()


@dataclass(frozen=True)
class Started:
    """A program that was started: what to expect of it. ``down_since`` (monotonic): when it was told to stop.

    ``ports`` as ``ports_to_ask`` gives them; ``failed`` where it could not even be started.
    """

    program: Program
    action: str
    ports: tuple[int, ...]
    down_since: float | None = None
    failed: Verdict | None = None


def follow_all(call: Call, started: Sequence[Started], mark: LogMark, deadline: float) -> tuple[Restart, ...]:
    """Follow every one of ``started`` at once, at most until ``deadline`` (monotonic); one result for each.

    ``mark``: where the logs ended before the start.
    """
    watches = {one.program.full_name: _Watch(call, one, mark, deadline) for one in started}
    results: dict[str, Restart] = {
        name: watch.finish(one.program, False, one.failed)
        for (name, watch), one in zip(watches.items(), started, strict=True)
        if one.failed is not None
    }
    began = time.monotonic()
    try:
        while len(results) < len(watches):
            pending = watches.keys() - results.keys()
            seen = call.look(pending)
            for name in sorted(pending):
                result = watches[name].see(seen.get(name))
                if result is not None:
                    results[name] = result
            if len(results) < len(watches):
                pause(time.monotonic() - began)
    finally:
        for watch in watches.values():
            watch.first_answer.end()
    return tuple(results[name] for name in watches)


class _Watch:
    """What has been seen of one program since it was started."""

    def __init__(self, call: Call, started: Started, mark: LogMark, deadline: float) -> None:
        self._call = call
        self._started = started
        self._name = started.program.full_name
        self._mark = mark
        self._deadline = deadline
        self.first_answer = FirstAnswer(() if started.failed else started.ports, call.began, deadline)
        self._pid: int | None = None
        self._pid_since = 0.0
        self._is_down = False
        self._down_seen_at = 0.0
        self._ends = 0
        self._running_seconds: float | None = None
        self._http: HttpAnswer | None = None
        self._verdict: Verdict | None = None

    def see(self, program: Program | None) -> Restart | None:
        """Take in how ``program`` is now; the result once it is known."""
        if program is None:
            gone = replace(self._started.program, state="UNKNOWN", pid=None)
            return self.finish(gone, False, find_verdict(self._call.container, gone, since=self._mark))
        self._notice_process(program)
        if self._is_hopeless():
            return self.finish(program, False, self._verdict)
        if program.state in ("BACKOFF", "EXITED", "FATAL", "UNKNOWN"):
            return self._see_down(program)
        self._is_down = False
        if self.first_answer.wanted and self._http is None:
            self._http = self.first_answer.answer()
            if self._http is not None:
                self._call.on_event(Answered(self._name, self._http))
        if program.state == "RUNNING":
            if self._running_seconds is None:
                self._running_seconds = self._call.elapsed()
                self._call.on_event(Running(self._name, self._running_seconds))
            if self._is_settled():
                return self._settled(program)
        return self._too_late(program) if time.monotonic() >= self._deadline else None

    def finish(self, program: Program, ok: bool, verdict: Verdict | None) -> Restart:
        http, down_since = self._http, self._started.down_since
        downtime = None
        if http is not None and down_since is not None:
            downtime = http.seconds - (down_since - self._call.began)
        return Restart(
            program=self._name,
            action=self._started.action,
            ok=ok,
            state=program.state,
            seconds=self._running_seconds,
            http=http,
            verdict=verdict,
            pid=program.pid,
            downtime_seconds=downtime,
            orphans=self._call.orphans.get(self._name, ()),
        )

    def _notice_process(self, program: Program) -> None:
        if program.pid is None or program.pid == self._pid:
            return
        if self._pid is not None and not self._is_down:  # it ended and was started anew between two looks
            self._note_end(replace(program, state="EXITED", pid=None))
        self._pid, self._pid_since = program.pid, time.monotonic()
        self.first_answer.follow(program.pid)
        self._call.on_event(Starting(self._name, program.pid))

    def _note_end(self, program: Program) -> None:
        """It has ended since it was started: what it showed until then counts no more."""
        self._ends += 1
        self._running_seconds = None
        self._http = None
        self.first_answer.follow(None)
        before = self._verdict
        self._verdict = find_verdict(self._call.container, program, since=self._mark) or before
        if self._verdict is not None and (before is None or before.title != self._verdict.title):
            self._call.on_event(Failing(self._name, self._verdict))

    def _see_down(self, program: Program) -> Restart | None:
        now = time.monotonic()
        if not self._is_down:
            self._is_down, self._down_seen_at = True, now
            self._note_end(program)
        left_alone = program.state == "EXITED" and now - self._down_seen_at >= _LEFT_ALONE_SECONDS
        if program.state in ("FATAL", "UNKNOWN") or left_alone or self._is_hopeless() or now >= self._deadline:
            return self.finish(program, False, self._verdict)
        return None

    def _is_hopeless(self) -> bool:
        if self._verdict is None:
            return False
        # The port may become free once: the process before this one was still ending.
        once_more = self._verdict.cause == "port-in-use" and self._ends >= 2
        return self._verdict.cause in HOPELESS or once_more or self._ends >= _MOST_ENDS

    def _is_settled(self) -> bool:
        if self.first_answer.wanted:
            return self._http is not None
        return time.monotonic() - self._pid_since >= _SETTLE_SECONDS

    def _settled(self, program: Program) -> Restart:
        # nginx answers 502 for an app that is down: nginx itself is up then.
        if self._http is None or self._http.ok or program.full_name == "nginx":
            return self.finish(program, True, None)
        return self.finish(program, False, self._answer_verdict(program, self._http))

    def _too_late(self, program: Program) -> Restart:
        if program.state == "RUNNING" and not self.first_answer.wanted:
            return self.finish(program, self._ends == 0, self._verdict)
        if program.state == "RUNNING":
            waited = HttpAnswer(self._started.ports[0], None, self._call.elapsed(), _("none came in time"))
            return self.finish(program, False, self._verdict or self._answer_verdict(program, waited))
        starting = Verdict(
            cause="no-answer",
            title=_("{program} is still {state} after {seconds:.0f} s.").format(
                program=self._name, state=program.state, seconds=self._call.elapsed()
            ),
            detail=_("It calls itself RUNNING when it has stayed for its startsecs."),
            remedy=_("Wait, or see in its log what it does."),
            action="logs",
        )
        return self.finish(program, False, self._verdict or starting)

    def _answer_verdict(self, program: Program, http: HttpAnswer) -> Verdict | None:
        return find_verdict(self._call.container, program, since=self._mark, http=http)
