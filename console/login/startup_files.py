"""Whether a login shell comes to read .bashrc: what bash reads at a login, followed from file to file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ..text import _
from .results import LoginProblem

# bash(1), INVOCATION: a login shell reads the first of these that exists and is readable, and not .bashrc itself.
_LOGIN_FILES = (".bash_profile", ".bash_login", ".profile")
_SOURCES = re.compile(r"(?:^|[\s;&|({])(?:\\?\.|source)\s+(?P<file>(?:\$\{\w+\}|[^\s;&|)}])+)")
_LINE = "[ -f ~/.bashrc ] && . ~/.bashrc"
_ENDS = re.compile(rb"(?:return|exit)\b(?!.*(?:&&|\|\|))|exec\s+[^\s<>&\d{]")
_PARSE_SECONDS = 5.0


def reading_problem(home: Path) -> LoginProblem | None:
    """Why a login shell would not read .bashrc in ``home``; None where it does, as far as its files tell."""
    first = next((home / name for name in _LOGIN_FILES if _text(home / name) is not None), None)
    if first is None:
        return LoginProblem(
            _("A login shell does not read .bashrc: there is no .bash_profile that does."),
            _("Put this line into {file}: {line}").format(file=home / _LOGIN_FILES[0], line=_LINE),
        )
    if _reads_bashrc(first, home, set()):
        return None
    return LoginProblem(
        _("A login shell does not read .bashrc: it reads {file}, which does not.").format(file=first.name),
        _("Put this line into {file}: {line}").format(file=first, line=_LINE),
    )


def parsing_problem(bashrc: Path) -> LoginProblem | None:
    """What bash does not understand in ``bashrc``, and so does not come to the block at its end."""
    try:
        done = subprocess.run(
            ["bash", "-n", str(bashrc)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_PARSE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):  # nobody logs in with a bash that is not here
        return None
    said = done.stderr.decode("utf-8", "replace").splitlines()
    if not said:
        return None
    return LoginProblem(
        _("bash does not understand {file}: {reason}").format(
            file=bashrc.name, reason=said[0].removeprefix(f"{bashrc}: ")
        ),
        _("It may not come to the console's block; mend what stands before it."),
    )


def early_end_problem(before: bytes) -> LoginProblem | None:
    """A line of ``before``, what stands in .bashrc before the block, that ends it or puts another program in the place
    of bash whenever bash comes to it: one that is not indented, so that it is not inside of a condition.
    """
    for number, line in enumerate(before.split(b"\n"), 1):
        if _ENDS.match(line):
            return LoginProblem(
                _("Line {number} of .bashrc seems to end it before the console's block: {line}").format(
                    number=number, line=line.decode("utf-8", "replace").strip()
                ),
                _("Move the block before it with an editor, or the line behind the block."),
            )
    return None


def _reads_bashrc(file: Path, home: Path, seen: set[Path]) -> bool:
    text = _text(file)
    if text is None or file in seen:
        return False
    seen.add(file)
    for line in text.splitlines():
        for match in _SOURCES.finditer(re.sub(r"(^|\s)#.*", "", line)):
            name = Path(match["file"].strip("\"'")).name
            if name == ".bashrc" or (name in _LOGIN_FILES and _reads_bashrc(home / name, home, seen)):
                return True
    return False


def _text(file: Path) -> str | None:
    try:
        return file.read_text("utf-8", "replace") if file.is_file() else None
    except OSError:
        return None
