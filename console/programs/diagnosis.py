"""The verdict on a program that does not run.

The nearest certain cause wins: the command that cannot be run, then what the program's own log says, then how
supervisord saw it end.
"""

from __future__ import annotations

from ..container import Container
from ..results import Program, Verdict
from .evidence import Evidence, collect, command_of
from .executable import Problem, command_problem
from .log_mark import LogMark
from .verdict_words import Words

# What supervisord notes of a program that it could start and that ended by itself (supervisor/process.py, finish).
_ENDED_ITSELF = ("Exited too quickly", "Bad exit code")
_CANNOT_RUN = ("can't find command", "command at", "no permission to run")


def diagnose(container: Container, program: Program, since: LogMark | None) -> Verdict:
    """Why ``program``, which has ended or was never started, does not run; ``since`` as in ``find_verdict``."""
    words = Words(container, program)
    if program.state == "STOPPED":
        problem = command_problem(container, command_of(container, program))
        return words.problem(problem) if problem is not None else words.stopped()
    evidence = collect(container, program, since)
    return (
        _not_spawned(container, program, words)
        or _not_executed(container, program, words, evidence)
        or words.end(evidence)
    )


def _not_spawned(container: Container, program: Program, words: Words) -> Verdict | None:
    """supervisord could not even make a process."""
    error = program.spawn_error
    if not error or error.startswith(_ENDED_ITSELF):
        return None
    if not error.startswith(_CANNOT_RUN):
        return words.not_spawned(error)
    problem = command_problem(container, command_of(container, program))
    if problem is None:
        path = error.partition("'")[2].partition("'")[0]
        problem = Problem("command-not-found" if error.startswith("can't find") else "permission", path, error)
    return words.problem(problem)


def _not_executed(container: Container, program: Program, words: Words, evidence: Evidence) -> Verdict | None:
    """The process could not become the program, or the program's interpreter is not what it was."""
    clue = evidence.clue
    if clue is None:
        return None
    if clue.cause in ("exec", "command-not-found", "dead-virtualenv", "import-error"):
        problem = command_problem(container, command_of(container, program))
        if problem is not None:
            return words.problem(problem, evidence)
    if clue.cause == "exec":
        return words.problem(Problem("command-not-found", clue.what, clue.message), evidence)
    return words.folder_missing(clue, evidence) if clue.cause == "chdir" else None
