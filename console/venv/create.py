"""What makes a virtualenv for each Python: the console's own virtualenv, or the image's tools."""

from __future__ import annotations

from pathlib import Path

from ..errors import ConsoleError
from ..own_python import own_command
from ..text import _

OLDEST_FOR_VIRTUALENV = (3, 9)  # virtualenv 21 creates for these; older ones need their own tools
PROMPT = "venv"


def create_command(interpreter: Path, version: str, folder: Path, *, packages: bool = True) -> list[str]:
    """What makes a virtualenv of ``interpreter`` in ``folder``; without ``packages`` it gets no pip either.

    virtualenv from the console's own installation from Python 3.9 on, the interpreter's own venv from 3.3 on,
    else the image's virtualenv. Raises ConsoleError where there is none.
    """
    if numbers(version) >= OLDEST_FOR_VIRTUALENV:
        options = ["--no-periodic-update", "--prompt", PROMPT, "--python", str(interpreter)]
        return own_command("virtualenv", *options, *([] if packages else ["--no-seed"]), str(folder))
    if numbers(version) >= (3, 3):
        prompt = ["--prompt", PROMPT] if numbers(version) >= (3, 6) else []
        return [str(interpreter), "-m", "venv", *prompt, *([] if packages else ["--without-pip"]), str(folder)]
    own = interpreter.parent / "virtualenv"
    if not own.exists():
        raise ConsoleError(
            _("No virtualenv can be made for Python {version}.").format(version=version),
            _("virtualenv no longer serves it, and the image has none of its own: {path} is missing.").format(path=own),
        )
    bare = [] if packages else ["--no-pip", "--no-setuptools", "--no-wheel"]
    return [str(own), "--prompt", f"({PROMPT}) ", *bare, "--python", str(interpreter), str(folder)]


def numbers(version: str) -> tuple[int, ...]:
    """ "3.11.7" as (3, 11, 7), to be compared."""
    return tuple(int(part) for part in version.split("."))
