"""The status in one line: is the site up, and if not, why."""

from __future__ import annotations

from ..container import Container
from ..programs.table import read_programs
from ..results import HttpAnswer, Listener, Program, Status
from ..text import _
from ..units import duration, seconds
from ..venv.image_switch import read_image_switch
from ..venv.look import read_venv
from .request_path import listeners

HANGING_SECONDS = 0.8


def plain_line(container: Container) -> str:
    """The truth in one line, quick enough to stand before anything heavy is loaded; an image that was switched is told
    first, in a line of its own.

    ``app RUNNING 2 d 3 h · nginx RUNNING · 8000 and 8080 listening · venv 3.11.7``. Asks supervisord, looks at
    /proc and at the virtualenv's files; makes no request of its own. A supervisord that hangs is told after
    HANGING_SECONDS: at a login nobody waits for much more (``console.login``).
    """
    supervisor, programs = read_programs(container, seconds=HANGING_SECONDS)
    parts = [_program_part(program, number == 0) for number, program in enumerate(programs)]
    if not supervisor.reachable:
        parts = [supervisor.error or _("supervisord is not reachable")]
    pids = tuple(program.pid for program in programs if program.pid)
    parts.append(ports_part(listeners((container.http_port, container.app_port), pids)))
    venv = read_venv(container)
    words = {"ok": "", "missing": _("missing"), "dead": _("dead"), "mismatch": _("mismatch")}
    state = words.get(venv.state, venv.state)
    parts.append(" ".join(word for word in (_("venv"), venv.python or "", state) if word))
    switch = read_image_switch(container, venv, programs)
    first = [switch.title] if switch is not None else []
    return "\n".join([*first, " · ".join(parts)])


def _program_part(program: Program, with_time: bool) -> str:
    since = program.uptime_seconds if program.uptime_seconds is not None else program.since_seconds
    words = [program.full_name, program.state]
    if with_time and since is not None:
        words.append(duration(since))
    return " ".join(words)


def ports_part(path: tuple[Listener, ...]) -> str:
    """``8000 and 8080 listening``, or which one does not."""
    up = [str(listener.port) for listener in path if listener.listening]
    down = [str(listener.port) for listener in path if not listener.listening]
    conjunction = _(" and ")
    said = []
    if up:
        said.append(_("{ports} listening").format(ports=conjunction.join(up)))
    if down:
        said.append(_("{ports} silent").format(ports=conjunction.join(down)))
    return ", ".join(said)


def headline(status: Status) -> str:
    """One sentence: the site is up and how quick, or the reason why it is not."""
    if status.image_switch is not None and not status.image_switch.runs:
        return status.image_switch.title
    if status.verdict is not None:
        return status.verdict.title
    way = " → ".join(
        f"{listener.process or '?'} :{listener.port}" for listener in status.request_path if listener.listening
    )
    if status.site_up and status.http is not None:
        return _("The site is up: {way}, {answer}").format(way=way, answer=answer_part(status.http))
    return _("Not asked yet: {way}").format(way=way) if way else _("Nothing listens yet.")


def answer_part(http: HttpAnswer) -> str:
    """``HTTP 200 in 4 ms``, or why there was no answer."""
    if http.status is None:
        return _("no answer: {error}").format(error=http.error or "?")
    return _("HTTP {status} in {time}").format(status=http.status, time=seconds(http.seconds))
