"""The scripts of a virtualenv that can no longer be started, as their interpreter is gone."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from ..programs.executable import shebang


def dead_scripts(folder: Path) -> tuple[str, ...]:
    """The names in the ``bin`` of the virtualenv ``folder`` whose first line names an interpreter that does not
    exist, sorted. Never raises; binaries and what cannot be read are left out.
    """
    try:
        with os.scandir(folder / "bin") as entries:
            files = sorted(entry.name for entry in entries if entry.is_file())
    except OSError:
        return ()
    return tuple(name for name in files if _is_dead(folder / "bin" / name, folder))


def _is_dead(script: Path, folder: Path) -> bool:
    interpreter = shebang(script)
    if interpreter is None:
        return False
    if interpreter == "/bin/sh":
        interpreter = _behind_shell(script, folder) or interpreter
    return not os.path.isabs(interpreter) or not os.path.exists(interpreter)  # noqa: PTH110, PTH117 - text of a file


def _behind_shell(script: Path, folder: Path) -> str | None:
    """The interpreter of a script that hands itself to it: installers write these where the path is too long for a
    first line or has a space in it (distlib, ``ScriptMaker._build_shebang``); None for a real shell script.
    """
    try:
        with script.open("rb") as file:
            file.readline(512)
            line = os.fsdecode(file.readline(4096)).strip()
    except OSError:
        return None
    if not line.startswith("'''exec'"):
        return None
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    interpreter = words[1] if len(words) > 1 else ""
    # uv's relocatable virtualenvs look for it beside the script
    return str(folder / "bin" / "python") if "$(" in interpreter else interpreter
