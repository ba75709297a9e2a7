"""Why a program ended, as far as its own log tells: pure functions from lines to one clue.

The wordings are those of Python, gunicorn (19 to 23), nginx, supervisord's child before it becomes the program,
dash and bash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..logs.tracebacks import SYNTAX_ERRORS, Raised, Traceback, last_traceback

_LONGEST_LINE = 2000  # characters; a longer line is no message for people


@dataclass(frozen=True)
class Clue:
    """``cause`` is one of Verdict's, or "exec" and "chdir" for what supervisord's child could not do.

    ``what`` is the thing that matters: a module, ``file:line``, a port, a path; empty where the log does not say.
    ``message`` is the log's own wording. ``end``: the number of the line after the clue.
    """

    cause: str
    what: str
    message: str
    end: int
    traceback: Traceback | None = None


def find_clue(lines: Sequence[str]) -> Clue | None:
    """The clue that stands last in ``lines``; a traceback of no known kind has the cause "exited-too-quickly"."""
    traceback = last_traceback(lines)
    begin = traceback.end if traceback is not None else 0
    for number in range(len(lines) - 1, begin - 1, -1):
        found = _line_clue(lines[number][:_LONGEST_LINE], number + 1)
        if found is not None:
            return found
    return _traceback_clue(traceback) if traceback is not None else None


def since_last_start(lines: Sequence[str]) -> Sequence[str]:
    """The lines from gunicorn's last start on; all of them where there is none."""
    for number in range(len(lines) - 1, -1, -1):
        if "] Starting gunicorn " in lines[number]:
            return lines[number:]
    return lines


def last_exit(lines: Sequence[str], program: str) -> str | None:
    """How ``program`` ended last, as supervisord.log says it: ``exit status 3; not expected``, ``terminated by
    SIGKILL; not expected``. None when it does not, or when the program was stopped on purpose.
    """
    for line in reversed(lines):
        _before, found, rest = line.partition(f" exited: {program} (")
        if found:
            return rest.rpartition(")")[0]
        if f" stopped: {program} (" in line:
            return None
    return None


def _traceback_clue(traceback: Traceback) -> Clue:
    raised = traceback.last
    cause, what = _cause_of(raised)
    return Clue(cause, what, describe(raised), traceback.end, traceback)


def describe(raised: Raised) -> str:
    """The exception as Python's last line shows it."""
    return f"{raised.short_kind}: {raised.message}" if raised.message else raised.short_kind


def _cause_of(raised: Raised) -> tuple[str, str]:
    kind, message = raised.short_kind, raised.message
    if kind in SYNTAX_ERRORS:
        return "syntax-error", f"{raised.file}:{raised.line}" if raised.file else ""
    if kind in ("ModuleNotFoundError", "ImportError", "AppImportError"):
        return "import-error", _module(message)
    if kind == "MemoryError" or "Cannot allocate memory" in message:
        return "out-of-memory", ""
    if _in_use(message):
        return "port-in-use", _port(message)
    if kind == "PermissionError" or "[Errno 13]" in message:
        return "permission", _quoted(message)
    return "exited-too-quickly", ""


def _module(message: str) -> str:
    found = re.search(r"No module named ['\"]?([\w.]+)", message) or re.search(
        r"cannot import name .{1,200}? from ['\"]?([\w.]+)", message
    )
    return found.group(1) if found else ""


def _in_use(text: str) -> bool:
    folded = text.lower()
    return "address already in use" in folded or "connection in use:" in folded or "eaddrinuse" in folded


def _port(text: str) -> str:
    """The port in a message on an address in use: the last number after a colon or a comma."""
    numbers = re.findall(r"[:,] ?(\d{2,5})\b", text)
    return numbers[-1] if numbers else ""


def _quoted(text: str) -> str:
    found = re.search(r"['\"]([^'\"]{1,1000})['\"]", text)
    return found.group(1) if found else ""


def _line_clue(line: str, end: int) -> Clue | None:
    for judge in _JUDGES:
        found = judge(line)
        if found is not None:
            return Clue(found[0], found[1], line.strip(), end)
    return None


def _by_supervisor(line: str) -> tuple[str, str] | None:
    if not line.startswith("supervisor: couldn't "):
        return None
    what, _colon, reason = line.removeprefix("supervisor: couldn't ").rpartition(": ")
    if what.startswith("exec "):
        return ("permission" if reason == "EACCES" else "exec"), what.removeprefix("exec ")
    if what.startswith("chdir to "):
        return ("permission" if reason == "EACCES" else "chdir"), what.removeprefix("chdir to ")
    return "permission", ""


def _by_interpreter(line: str) -> tuple[str, str] | None:
    """The interpreter itself does not come up, or not to what it shall run."""
    shared = re.search(r"error while loading shared libraries: (libpython[\w.]+)", line)
    if shared is not None:
        return "dead-virtualenv", shared.group(1)
    if "No module named 'encodings'" in line or "No module named encodings" in line:
        return "dead-virtualenv", "encodings"
    module = re.match(r"[^\s:]{1,500}python[\d.]*: No module named '?([\w.]+)", line)  # python -m
    if module is not None:
        return "import-error", module.group(1)
    before, found, _after = line.partition(": bad interpreter: No such file")
    return ("exec", before.rpartition(" ")[2]) if found else None


def _by_port(line: str) -> tuple[str, str] | None:
    return ("port-in-use", _port(line)) if _in_use(line) else None


def _by_memory(line: str) -> tuple[str, str] | None:
    words = ("Perhaps out of memory", "Cannot allocate memory", "heap out of memory", "std::bad_alloc")
    return ("out-of-memory", "") if any(word in line for word in words) else None


def _by_nginx(line: str) -> tuple[str, str] | None:
    """nginx ends on its ``[emerg]`` lines only; in a container it also complains, and goes on."""
    _before, found, message = line.partition("[emerg] ")
    if not found:
        return None
    if "(13: Permission denied)" in message:
        return "permission", _quoted(message)
    place = re.search(r" in (/\S+:\d+)$", message)
    return ("syntax-error", place.group(1)) if place else ("exited-too-quickly", "")


def _by_gunicorn(line: str) -> tuple[str, str] | None:
    attribute = re.search(r"Failed to find attribute '(.{1,200}?)' in '(.{1,200}?)'", line)
    if attribute is not None:
        return "import-error", f"{attribute.group(2)}:{attribute.group(1)}"
    return None


def _by_shell(line: str) -> tuple[str, str] | None:
    """``sh: 1: foo: not found``, ``bash: line 1: foo: command not found``."""
    found = re.match(r"\S*sh: (?:line )?(?:\d+: )?(?:exec: )?([^:\s]{1,500}): (?:command )?not found$", line)
    return ("command-not-found", found.group(1)) if found else None


def _by_permission(line: str) -> tuple[str, str] | None:
    found = re.match(r"\S*sh: (?:line )?(?:\d+: )?(?:exec: )?([^:\s]{1,500}): Permission denied$", line)
    if found is not None:
        return "permission", found.group(1)
    plain = re.search(r"\[Errno 13\] Permission denied", line)
    return ("permission", _quoted(line[plain.end() :])) if plain else None


_JUDGES: tuple[Callable[[str], tuple[str, str] | None], ...] = (
    _by_supervisor,
    _by_interpreter,
    _by_port,
    _by_memory,
    _by_nginx,
    _by_gunicorn,
    _by_shell,
    _by_permission,
)
