"""Another call of this console in the place of this process, whose memory goes back to the container."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from typing import NoReturn

from ..container import Container
from ..out_of_memory import shell_line
from ..own_python import own_command, own_variables
from ..text import _, current_language


def call_instead(container: Container, *words: str) -> NoReturn:
    """Go on as ``console WORDS``; the exit code is that one's. An ignored signal stays ignored."""
    command = _command(container, *words)
    _flush()
    os.execve(command[0], command, _environment())


def call_and_come_back(container: Container, words: Sequence[str]) -> NoReturn:
    """Go on as ``console WORDS`` on this terminal and then, on Enter, as the screens.

    What waits meanwhile is a shell, which takes a megabyte; Ctrl-C is the command's alone.
    """
    lines = (
        "trap : INT",
        shell_line(),
        shlex.join(_command(container, *words)),
        f"printf '\\n%s ' {shlex.quote(_('Enter goes back to the screens.'))}",
        "read -r line || exit",
        f"exec {shlex.join(_command(container))}",
    )
    _flush()
    os.execve("/bin/sh", ["sh", "-c", "\n".join(lines)], _environment())


def _command(container: Container, *words: str) -> list[str]:
    return own_command("console", "--root", str(container.root), "--lang", current_language(), *words)


def _environment() -> dict[str, str]:
    return {**os.environ, **own_variables()}


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
