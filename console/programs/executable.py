"""Whether a program's command can be run at all: the file, its shebang, the virtualenv's interpreter.

Looked up on the disk, without supervisord, whose own words stop at "can't find command" and ENOENT.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..container import Container
from ..text import _


@dataclass(frozen=True)
class Problem:
    """``cause`` is Verdict's: command-not-found, dead-virtualenv or permission. ``path`` is what is wrong."""

    cause: str
    path: str
    reason: str


def command_problem(container: Container, arguments: Sequence[str]) -> Problem | None:
    """Why the command ``arguments`` cannot be run; None when nothing speaks against it.

    A command without a slash is searched by supervisord's PATH, which is not known here: None.
    """
    if not arguments or "/" not in arguments[0]:
        return None
    path = Path(arguments[0])  # as supervisord sees it: a program of the system is outside any root
    in_venv = _venv_of(container, path)
    dead = interpreter_problem(in_venv) if in_venv is not None else None
    if dead is not None:
        return Problem("dead-virtualenv", str(in_venv), dead)
    if not path.exists():
        return Problem("command-not-found", str(path), _("{path} does not exist.").format(path=path))
    if path.is_dir() or not os.access(path, os.X_OK):
        return Problem("permission", str(path), _("{path} cannot be executed.").format(path=path))
    interpreter = shebang(path)
    if interpreter is not None and not Path(interpreter).exists():
        reason = _("{path} begins with #!{interpreter}, which does not exist.").format(
            path=path, interpreter=interpreter
        )
        return Problem("command-not-found" if in_venv is None else "dead-virtualenv", str(in_venv or path), reason)
    return None


def _venv_of(container: Container, path: Path) -> Path | None:
    """The virtualenv whose ``bin`` holds ``path``; the container's own one also when it is missing."""
    folder = path.parent.parent
    if path.parent.name != "bin":
        return None
    return folder if folder == container.venv or (folder / "pyvenv.cfg").exists() else None


def interpreter_problem(venv: Path) -> str | None:
    """Why the interpreter of ``venv`` cannot be used; None when it runs and is the one that the packages are for."""
    python = next((one for one in (venv / "bin" / "python", venv / "bin" / "python3") if os.path.lexists(one)), None)
    if not venv.exists():
        return _("{path} does not exist.").format(path=venv)
    if python is None:
        return _("{path} holds no interpreter.").format(path=venv)
    if not python.exists():
        target = os.path.realpath(python)
        return _("its interpreter {target} does not exist.").format(target=target)
    version, error = _version(python)
    if version is None:
        return _("its interpreter does not run: {error}").format(error=error)
    libraries = sorted(folder.name.removeprefix("python") for folder in venv.glob("lib/python[0-9]*"))
    if libraries and version not in libraries:
        return _("its packages are for Python {old}, its interpreter is {new}.").format(
            old=", ".join(libraries), new=version
        )
    return None


def _version(python: Path) -> tuple[str | None, str]:
    """The interpreter's ``X.Y``, or None with what it said instead."""
    import subprocess  # 30 ms, and only where something is wrong

    try:
        ran = subprocess.run(
            [str(python), "-ES", "-c", "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            timeout=10,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return None, _("no answer within {seconds:g} s").format(seconds=10)
    except OSError as error:
        return None, error.strerror or str(error)
    version = ran.stdout.decode("ascii", "replace")
    if ran.returncode == 0 and re.fullmatch(r"\d+\.\d+", version):
        return version, ""
    lines = ran.stderr.decode("utf-8", "replace").strip().splitlines()
    return None, lines[-1] if lines else _("exit status {status}").format(status=ran.returncode)


def shebang(path: Path) -> str | None:
    """The interpreter that the first line of ``path`` names; None for a binary, or a file that cannot be read."""
    try:
        with path.open("rb") as file:
            line = file.readline(512)
    except OSError:
        return None
    if not line.startswith(b"#!"):
        return None
    words = line[2:].split()
    return os.fsdecode(words[0]) if words else None
