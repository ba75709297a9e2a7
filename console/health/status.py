"""Everything the first screen says, in one frozen Status.

Its parts change at different paces and cost different amounts: programs are read every time, what lies in
files only when it may have changed. A ``StatusReader`` keeps what it read; a single look is ``read_status``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from ..container import Container, disk, memory
from ..programs.table import read_programs
from ..programs.usage import Usage
from ..programs.verdict import find_verdict
from ..pythons.interpreters import image_python
from ..results import (
    ContainerFacts,
    HttpAnswer,
    Listener,
    Program,
    Static,
    Status,
    SupervisorState,
    Verdict,
)
from ..text import _
from ..venv.image_switch import read_image_switch
from ..venv.jobs import job_state
from ..venv.look import read_venv
from .http import ask
from .request_path import listeners

USAGE_SECONDS = 1.8  # how old CPU and memory may be: every second look of a console that looks once a second
SLOW_SECONDS = 5.0  # how old memory, disk, ports and files may be in a running console
APP = "app"
NGINX = "nginx"

T = TypeVar("T")


class StatusReader:
    """Reads the status again and again, each part as often as it is worth.

    ``seconds`` is the longest wait for each answer of supervisord and the site. Not to be shared between threads.
    ``read`` never raises for a supervisord that is gone: the status says so, and holds the programs as they were last
    seen.
    """

    def __init__(self, container: Container, *, ask_http: bool = True, seconds: float = 5.0) -> None:
        self.container = container
        self._usage = Usage()
        self._ask_http = ask_http
        self._seconds = seconds
        self._asked: datetime | None = None
        self._measured_at = -USAGE_SECONDS
        self._measured: dict[int | None, Program] = {}
        self._kept: dict[str, tuple[float, object, object]] = {}

    def read(self, *, fresh: bool = False, quick: bool = False) -> Status:
        """The status now; ``fresh`` reads every part anew, the request over HTTP included.

        ``quick`` leaves out what psutil and nginx's grammar have to be loaded for: the programs' CPU and memory, and
        the static block, whose state is "unknown" then.
        """
        if fresh:
            self._kept.clear()
        container = self.container
        supervisor, programs = self._read_programs(measure=not quick)
        pids = tuple(sorted(program.pid for program in programs if program.pid))
        states = tuple((program.full_name, program.state, program.pid) for program in programs)
        path = self._keep("path", states, SLOW_SECONDS, lambda: request_path(container, pids))
        venv = self._keep("venv", states, SLOW_SECONDS, lambda: read_venv(container))
        http = self._keep("http", (states, path), None, lambda: self._answer(path))
        verdict = self._keep(
            "verdict",
            (states, path, http, supervisor.error),
            None,
            lambda: site_verdict(container, supervisor, programs, path, http),
        )
        return Status(
            container=self._keep("facts", None, SLOW_SECONDS, lambda: container_facts(container)),
            supervisor=supervisor,
            programs=programs,
            request_path=path,
            static=self._read_static(quick),
            venv=venv,
            job=self._keep("job", None, 1.0, lambda: job_state(container)),
            site_up=site_up(http, verdict),
            verdict=verdict,
            http=http,
            asked=self._asked,
            image_switch=read_image_switch(container, venv, programs),
        )

    def _read_programs(self, *, measure: bool) -> tuple[SupervisorState, tuple[Program, ...]]:
        """The programs; their CPU and memory are measured every USAGE_SECONDS, and stay as they were between."""
        due = measure and time.monotonic() - self._measured_at >= USAGE_SECONDS
        supervisor, programs = read_programs(self.container, self._usage if due else None, seconds=self._seconds)
        if due:
            self._measured_at = time.monotonic()
            self._measured = {program.pid: program for program in programs if program.pid}
            return supervisor, programs
        return supervisor, tuple(map(self._with_last_usage, programs))

    def _with_last_usage(self, program: Program) -> Program:
        last = self._measured.get(program.pid)
        if last is None:
            return program
        return replace(program, cpu_percent=last.cpu_percent, memory_bytes=last.memory_bytes, processes=last.processes)

    def _read_static(self, quick: bool) -> Static:
        if quick:
            return Static("unknown", self.container.site_file, None, None)
        from ..static_files.change import read_static

        return self._keep("static", None, SLOW_SECONDS, lambda: read_static(self.container))

    def warm_usage(self, pids: tuple[int, ...], seconds: float = 0.1) -> None:
        """Take the first of the two CPU samples, ``seconds`` before a single read."""
        self._usage.warm(pids, seconds)

    def _answer(self, path: tuple[Listener, ...]) -> HttpAnswer | None:
        if not self._ask_http or not path[0].listening:
            return None
        self._asked = datetime.now().astimezone()
        return ask(self.container.http_port, timeout=self._seconds)

    def _keep(self, name: str, key: object, seconds: float | None, read: Callable[[], T]) -> T:
        """What ``read`` gave last, until ``key`` differs or it is older than ``seconds`` (None: never too old)."""
        now = time.monotonic()
        kept = self._kept.get(name)
        if kept is not None and kept[1] == key and (seconds is None or now - kept[0] < seconds):
            return kept[2]  # type: ignore[return-value]
        value = read()
        self._kept[name] = (now, key, value)
        return value


def read_status(container: Container, *, ask_http: bool = True) -> Status:
    """The status, once. CPU is measured over a tenth of a second."""
    reader = StatusReader(container, ask_http=ask_http)
    _supervisor, programs = read_programs(container)
    reader.warm_usage(tuple(program.pid for program in programs if program.pid))
    return reader.read()


def container_facts(container: Container) -> ContainerFacts:
    """Root, generation, the image's Python, memory and disk."""
    found = image_python(container)
    return ContainerFacts(
        root=container.root,
        generation=container.generation,
        python=found[1] if found else None,
        memory=memory(),
        disk=disk(container),
    )


def request_path(container: Container, pids: tuple[int, ...]) -> tuple[Listener, ...]:
    """Who listens where the load balancer asks, and where nginx passes on; one entry where the two are one."""
    ports = dict.fromkeys((container.http_port, container.app_port))
    return listeners(tuple(ports), pids)


def site_up(http: HttpAnswer | None, verdict: Verdict | None) -> bool | None:
    """Whether the site answers: False when something is wrong, None when nothing was asked."""
    if verdict is not None:
        return False
    return http.ok if http is not None else None


def site_verdict(
    container: Container,
    supervisor: SupervisorState,
    programs: tuple[Program, ...],
    path: tuple[Listener, ...],
    http: HttpAnswer | None,
) -> Verdict | None:
    """Why the site is not up, the nearest cause first; None when nothing is known to be wrong."""
    if not supervisor.reachable:
        return Verdict(
            cause="supervisor-gone",
            title=_("supervisord is not reachable."),
            detail=supervisor.error or "",
            remedy=_("It may be starting; the console keeps trying."),
        )
    by_name = {program.name: program for program in programs}
    app, nginx = by_name.get(APP), by_name.get(NGINX)
    front = path[0]
    for program in (app, nginx):
        # Without nginx the app may listen on the front port itself, and the other way round.
        if program is None or program.state in ("RUNNING", "STARTING"):
            continue
        if program is nginx and front.listening:
            continue
        found = find_verdict(container, program)
        if found is not None:
            return found
    if http is not None and not http.ok:
        return _answer_verdict(container, app, http)
    if not front.listening and not any(program.state == "STARTING" for program in programs):
        return Verdict(
            cause="no-answer",
            title=_("Nothing listens on port {port}, where the load balancer asks.").format(port=front.port),
            detail="",
            remedy=_("Start nginx, or let the app listen there."),
            action="restart",
        )
    return None


def _answer_verdict(container: Container, app: Program | None, http: HttpAnswer) -> Verdict:
    found = find_verdict(container, app, http=http) if app is not None else None
    if found is not None:
        return found
    what = _("HTTP {status}").format(status=http.status) if http.status else http.error or ""
    return Verdict(
        cause="http-error" if http.status else "no-answer",
        title=_("The site does not answer as it should: {what}.").format(what=what),
        detail="",
        remedy=_("Look into the log."),
        action="logs",
    )
