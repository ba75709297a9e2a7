"""Why a program does not run, or does not answer: one verdict with its remedy.

The nearest certain cause wins: the command that cannot be run, then what the program's own log says, then how
supervisord saw it end.
"""

from __future__ import annotations

from ..container import Container
from ..results import HttpAnswer, Program, Verdict
from .answer_verdict import answer_verdict
from .evidence import Evidence, collect, command_of
from .executable import Problem, command_problem
from .log_mark import LogMark
from .verdict_words import Words

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
    if program.state in ("RUNNING", "STARTING"):
        return None if http is None or http.ok else answer_verdict(container, program, http, since)
    if program.state == "STOPPING":
        return None
    words = Words(container, program)
    if program.state == "STOPPED":
        problem = command_problem(container, command_of(container, program))
        return words.problem(problem) if problem is not None else words.stopped()
    evidence = collect(container, program, since)
    spawn = _spawn_verdict(container, program, words, evidence)
    return spawn or words.end(evidence)


def _spawn_verdict(container: Container, program: Program, words: Words, evidence: Evidence) -> Verdict | None:
    """The verdict where the command itself could not be run, or not in that place."""
    error = program.spawn_error
    clue = evidence.clue
    if error.startswith(("can't find command", "command at")) or error.startswith("no permission to run"):
        path = error.partition("'")[2].partition("'")[0]
        problem = command_problem(container, command_of(container, program))
        if problem is None:
            cause = "command-not-found" if error.startswith("can't find") else "permission"
            problem = Problem(cause, path, error)
        return words.problem(problem)
    if clue is not None and clue.cause in ("exec", "command-not-found", "dead-virtualenv", "import-error"):
        problem = command_problem(container, command_of(container, program))
        if problem is not None:
            return words.problem(problem, evidence)
    if clue is not None and clue.cause == "exec":
        return words.problem(Problem("command-not-found", clue.what, clue.message), evidence)
    if clue is not None and clue.cause == "chdir":
        return words.folder_missing(clue, evidence)
    return None
