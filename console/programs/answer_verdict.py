"""Why a program that runs does not answer, or answers with an error of its own."""

from __future__ import annotations

from ..container import Container
from ..health.request_path import listeners
from ..health.sockets import listening_sockets
from ..logs.tracebacks import last_traceback
from ..results import HttpAnswer, Program, Verdict
from ..text import _
from .clues import describe
from .evidence import collect
from .log_mark import LogMark
from .processes import socket_inodes, tree
from .verdict_words import port_in_use, short

_FROM_UPSTREAM = (502, 503, 504)  # what nginx answers itself when the app does not, rfc9110 15.6


def answer_verdict(container: Container, program: Program, http: HttpAnswer, since: LogMark | None) -> Verdict:
    """The verdict on ``http``, the failed answer of ``program`` on its own port, or of nginx on its behalf."""
    behind_nginx = http.port == container.http_port != container.app_port and program.name != "nginx"
    if http.status is not None and not (behind_nginx and http.status in _FROM_UPSTREAM):
        return _http_error(container, program, http, since)
    port = container.app_port if behind_nginx else http.port
    ports = _ports_of(program.pid)
    if ports is None or port in ports:
        return _silent(container, program, port, http, since)
    (listener,) = listeners((port,))
    if listener.listening:
        return port_in_use(program, port, collect(container, program, since))
    return _elsewhere(container, program, port, ports, since)


def _http_error(container: Container, program: Program, http: HttpAnswer, since: LogMark | None) -> Verdict:
    evidence = collect(container, program, since)
    traceback = last_traceback(evidence.lines)
    title = _("{program} answers with HTTP {status}.").format(program=program.full_name, status=http.status)
    if traceback is not None:
        title = _("{program} answers with HTTP {status}: {error}.").format(
            program=program.full_name, status=http.status, error=short(describe(traceback.last))
        )
    return Verdict(
        cause="http-error",
        title=title,
        detail=_("It runs and listens on port {port}; the error is its own.").format(port=http.port),
        log=evidence.shown,
        remedy=_("Correct the error and restart the program.") if traceback else _("Its log may say more."),
        action="logs",
        traceback=traceback.lines if traceback is not None else (),
    )


def _silent(container: Container, program: Program, port: int, http: HttpAnswer, since: LogMark | None) -> Verdict:
    error = http.error or _("HTTP {status} from nginx").format(status=http.status)
    return Verdict(
        cause="no-answer",
        title=_("{program} listens on port {port} and does not answer: {error}.").format(
            program=program.full_name, port=port, error=error
        ),
        detail=_("All its workers may be busy, or it waits for something itself: a database, another server."),
        log=collect(container, program, since).shown,
        remedy=_("See in its log what it does; a restart frees its workers."),
        action="restart",
    )


def _elsewhere(
    container: Container, program: Program, port: int, ports: tuple[int, ...], since: LogMark | None
) -> Verdict:
    if ports:
        detail = _("It listens on {ports} instead.").format(ports=", ".join(map(str, ports)))
        remedy = _("Let it listen on 127.0.0.1:{port} (gunicorn: --bind 127.0.0.1:{port}).").format(port=port)
    else:
        detail = _("It listens on no port.")
        remedy = _("It may still be starting: see in its log what it does.")
    return Verdict(
        cause="no-answer",
        title=_("{program} runs, but does not listen on port {port}.").format(program=program.full_name, port=port),
        detail=detail,
        log=collect(container, program, since).shown,
        remedy=remedy,
        action="logs",
    )


def _ports_of(pid: int | None) -> tuple[int, ...] | None:
    """All ports on which ``pid`` and its descendants listen; None where that cannot be seen."""
    sockets = listening_sockets()
    if pid is None or sockets is None:
        return None
    held, complete = socket_inodes(tree(pid))
    ports = tuple(sorted(port for port, inodes in sockets.items() if any(inode in held for inode in inodes)))
    return ports if ports or complete else None
