"""What of a virtualenv is the customer's own: files that no installer and no maker of virtualenvs has put there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from .marks import BACKUP, MARKER
from .records import Records, read_records

_BIN = (
    r"activate(?:\.\w+)?|Activate\.ps1|activate_this\.pyc?|deactivate\.\w+|pydoc\.bat"
    r"|python[\d.]*t?(?:-config)?|(?:pip|wheel|easy_install)[\d.-]*"
)
_SITE = (
    r"_virtualenv\.(?:py|pth)|distutils-precedence\.pth|easy-install\.pth|setuptools\.pth|README(?:\.txt)?"
    r"|[^/]+\.(?:virtualenv|egg-link)"
)
# What virtualenv, venv, pyvenv and uv make, and this project's mark.
_MADE = re.compile(
    rf"(?:pyvenv\.cfg|\.gitignore|CACHEDIR\.TAG|\.lock|{re.escape(MARKER)}|{re.escape(BACKUP)}|pip-selfcheck\.json"
    rf"|lib64|lib/libpython[^/]*|local/\w+|include/python[^/]*(?:/.*)?|share/python-wheels/.*|bin/(?:{_BIN})"
    rf"|lib(?:64)?/python[^/]*/site-packages/(?:{_SITE}))",
    re.DOTALL,
)
# virtualenv before 20, and any virtualenv of Python 2, have links to the standard library, or copies of it.
_LIBRARY = re.compile(r"lib(?:64)?/python[^/]*/(?!site-packages(?:/|$)).*", re.DOTALL)
_LIBRARY_OF_2 = re.compile(r"lib(?:64)?/python2[^/]*/(?!site-packages(?:/|$)).*", re.DOTALL)


def own_files(folder: Path, limit: int = 100) -> tuple[str, ...]:
    """The files inside the virtualenv ``folder`` (or the one that it is a symlink to) that belong to nobody: to no
    distribution, and not to the virtualenv itself; byte code left out. Relative to it, sorted, at most ``limit``.

    Never raises: what cannot be read is not there.
    """
    real = Path(os.path.realpath(folder))
    return tuple(sorted(_own(real, read_records(real)))[:limit])


def own_modules(folder: Path, site_packages: Path) -> tuple[str, ...]:
    """The names directly in ``site_packages`` of the virtualenv ``folder`` that belong to no distribution, sorted:
    what was copied there by hand. Never raises.
    """
    real = Path(os.path.realpath(folder))
    records = read_records(real)
    try:
        start = Path(os.path.realpath(site_packages)).relative_to(real).as_posix()
    except ValueError:  # a symlink that leads out of it
        return ()
    below = (path[len(start) + 1 :] for path in _own(real, records) if path.startswith(f"{start}/"))
    return tuple(sorted({path.partition("/")[0] for path in below} - records.modules(start)))


def _own(folder: Path, records: Records) -> Iterator[str]:
    library = _LIBRARY_OF_2 if (folder / "pyvenv.cfg").exists() else _LIBRARY
    waiting = [""]
    while waiting:
        start = waiting.pop()
        folders, files = _entries(f"{folder}/{start}")
        waiting += [
            f"{start}{name}/" for name in folders if name != "__pycache__" and f"{start}{name}" not in records.folders
        ]
        for name in files:
            path = f"{start}{name}"
            if path in records.files or path in records.folders or _MADE.fullmatch(path) or library.fullmatch(path):
                continue
            if name.endswith((".pyc", ".pyo")) and name[:-1] in files:
                continue
            if start == "bin/" and _is_of_an_egg(f"{folder}/{path}"):
                continue
            yield path


def _entries(folder: str) -> tuple[list[str], set[str]]:
    """The names of the folders in ``folder``, and of all else, symlinks among it; none where it cannot be read."""
    folders: list[str] = []
    files: set[str] = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                else:
                    files.add(entry.name)
    except OSError:
        return [], set()
    return folders, files


def _is_of_an_egg(script: str) -> bool:
    """easy_install says in its scripts that they are its own."""
    path = Path(script)
    try:
        if not path.is_file():  # a named pipe would be waited for
            return False
        with path.open("rb") as file:
            return b"# EASY-INSTALL-" in file.read(512)
    except OSError:
        return False
