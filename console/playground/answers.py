"""Waiting until a started container answers over HTTP, or saying what keeps it from that."""

from __future__ import annotations

import time

from ..container import Container
from ..health.http import ask
from ..text import _
from .supervisord import last_lines, program_states

ANSWER_SECONDS = 30.0
_LOGS = {"app": "python.log", "nginx": "nginx.log"}
_GIVEN_UP = ("FATAL", "EXITED", "STOPPED")
_BAD_GATEWAY = 502  # nginx's own answer while the app does not answer


def wait_for_answers(container: Container, *, app: bool = True) -> str:
    """Wait until the app and nginx, where they are programs, answer; empty, or what failed with its log's end.

    Without ``app`` only nginx is waited for, whatever it answers.
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    # The app first: nginx asked before it is there would fill its log with errors.
    waiting = [*([("app", container.app_port)] if app else []), ("nginx", container.http_port)]
    while waiting:
        name, port = waiting[0]
        states = program_states(container)
        state = states.get(name)
        if (states and state is None) or _answers(port, gateway=app):
            waiting.pop(0)
        elif state in _GIVEN_UP or time.monotonic() > deadline:
            title = _("{program} does not answer; supervisord calls it {state}. The end of its log:").format(
                program=name, state=state or "?"
            )
            return f"{title}\n{last_lines(container.log_dir / _LOGS[name])}"
        else:
            time.sleep(0.02)
    return ""


def _answers(port: int, *, gateway: bool) -> bool:
    status = ask(port).status
    return status is not None and not (gateway and status == _BAD_GATEWAY)
