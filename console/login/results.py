"""What looking at the login and changing it return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class LoginProblem:
    """Something that keeps the console from coming at a login, or would if it were on, and what to do about it."""

    title: str
    remedy: str = ""


@dataclass(frozen=True)
class Login:
    """How the console stands at an SSH login.

    ``state``: "on", "off", "aside" (it failed twice in a row, at ``since``, and does not start any more) or "edited"
    (the block is not as it was written; ``block`` holds it). ``shows``: "screens" or "notice", None while off.
    ``failure``: how it failed last, for people. ``line``: where the block begins in ``file``. ``read_by_login``:
    whether a login shell comes to read ``file``.
    """

    state: str
    file: Path
    shows: str | None = None
    line: int | None = None
    block: str | None = None
    since: datetime | None = None
    failure: str | None = None
    read_by_login: bool = True
    problems: tuple[LoginProblem, ...] = ()


@dataclass(frozen=True)
class LoginPlan:
    """A change that has not been made. ``old`` and ``new`` are the whole content of .bashrc, None where there is no
    such file; ``diff`` shows the change and is empty where only the console's own files change.

    ``commands`` are the shell commands that it stands for. ``changes`` is False when there is nothing to do.
    """

    before: Login
    wanted: str
    shows: str
    old: bytes | None
    new: bytes | None
    diff: str
    changes: bool
    commands: tuple[str, ...]


@dataclass(frozen=True)
class LoginChange:
    """A change that was made; ``backup`` is the .bashrc before, None where it was not touched or there was none."""

    login: Login
    diff: str
    backup: Path | None
