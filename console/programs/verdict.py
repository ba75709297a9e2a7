"""Why a program does not run, or does not answer: one verdict with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..container import Container
from ..results import HttpAnswer, Program, Verdict

if TYPE_CHECKING:
    from .log_mark import LogMark

# Trying again does not cure these; supervisord would try in vain until it gives up.
HOPELESS = ("import-error", "syntax-error", "command-not-found", "dead-virtualenv", "permission")


def find_verdict(
    container: Container, program: Program, *, since: LogMark | None = None, http: HttpAnswer | None = None
) -> Verdict | None:
    """Why ``program`` is not in order; None when it runs (or is starting or stopping) and ``http`` is no failure.

    ``since`` limits the logs to what came after it; without it their last 64 KB count, as far as they belong to
    the last run. ``http`` is a request's outcome that the verdict shall explain, on the program's own port or on
    nginx's in front of it. Reads files and /proc, and asks supervisord for the command; raises nothing on purpose.
    """
    # The search takes 20 ms to import; a status where all is well does without it.
    if program.state in ("RUNNING", "STARTING"):
        if http is None or http.ok:
            return None
        from .answer_verdict import answer_verdict

        return answer_verdict(container, program, http, since)
    if program.state == "STOPPING":
        return None
    from .diagnosis import diagnose

    return diagnose(container, program, since)
